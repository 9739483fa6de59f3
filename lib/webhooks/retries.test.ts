import { expect, test } from 'vitest'
import { MAX_RECEIVES, RETRY_WITHIN_MS, retryInMs } from './retries.ts'

const NOW = Date.UTC(2026, 10, 21, 6)
const HALF = { retryWithinMs: RETRY_WITHIN_MS, now: () => NOW, random: () => 0.5 }
const HOUR_MS = 3_600_000

const waits = (random: number) =>
  RETRY_WITHIN_MS.map((_, index) =>
    retryInMs({ ...HALF, random: () => random }, { tries: index + 1, retryAfter: undefined }),
  )

test('waits grow from seconds to hours, and each is anything up to its longest', () => {
  expect(waits(0)).toEqual(RETRY_WITHIN_MS.map(() => 0))
  expect(waits(0.5)).toEqual(RETRY_WITHIN_MS.map((longest) => longest / 2))
  expect(RETRY_WITHIN_MS).toEqual(RETRY_WITHIN_MS.toSorted((a, b) => a - b))
})

test('no wait is longer than SQS can hide a message, and all of them end before it forgets it', () => {
  const allTogether = RETRY_WITHIN_MS.reduce((sum, longest) => sum + longest, 0)

  expect(Math.max(...RETRY_WITHIN_MS)).toBeLessThan(11 * HOUR_MS)
  expect(allTogether).toBeLessThan(14 * 24 * HOUR_MS)
})

test('after the last try there is no other, and the queue has not given up before', () => {
  const tries = RETRY_WITHIN_MS.length + 1

  expect(retryInMs(HALF, { tries, retryAfter: '5' })).toBeUndefined()
  expect(MAX_RECEIVES).toBeGreaterThan(tries)
})

test.each([
  ['120', 120_000],
  ['Sat, 21 Nov 2026 06:02:00 GMT', 120_000],
  ['1', 2_500],
  ['99999999999', 10 * HOUR_MS],
  ['Sat, 21 Nov 2020 06:00:00 GMT', 2_500],
  ['soon', 2_500],
  ['-5', 2_500],
])('Retry-After: %s is heeded within reason', (retryAfter, expected) => {
  expect(retryInMs(HALF, { tries: 1, retryAfter })).toBe(expected)
})
