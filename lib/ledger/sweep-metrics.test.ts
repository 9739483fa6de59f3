import { expect, test } from 'vitest'
import { fellShort } from './sweep-metrics.ts'

const SWEPT = { released: 3, alreadyOver: 1, failed: 0, isComplete: true }

test.each([
  { swept: SWEPT, isShort: false },
  { swept: { ...SWEPT, failed: 1 }, isShort: true },
  { swept: { ...SWEPT, isComplete: false }, isShort: true },
])('a sweep of $swept fell short: $isShort', ({ swept, isShort }) => {
  const answer = fellShort(swept)

  expect(answer).toBe(isShort)
})
