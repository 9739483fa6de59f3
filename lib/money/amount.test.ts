import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exactSum, isAmount, MAX_AMOUNT } from './amount.ts'

test.each([1, 2, 250, MAX_AMOUNT])('%d is an amount', (value) => {
  expect(isAmount(value)).toBe(true)
})

test.each([0, -1, -0, 0.5, MAX_AMOUNT + 1, Number.NaN, Number.POSITIVE_INFINITY, '1', null, 1n])(
  '%s is not an amount',
  (value) => {
    expect(isAmount(value)).toBe(false)
  },
)

test('sums are exact, or there is none', () => {
  const value = fc.integer({ min: -MAX_AMOUNT, max: MAX_AMOUNT })
  fc.assert(
    fc.property(fc.array(value, { maxLength: 40 }), (values) => {
      const exact = values.reduce((sum, each) => sum + BigInt(each), 0n)
      const fits = exact >= -BigInt(MAX_AMOUNT) && exact <= BigInt(MAX_AMOUNT)

      expect(exactSum(values)).toBe(fits ? Number(exact) : undefined)
    }),
  )
})
