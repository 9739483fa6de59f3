import Big from 'big.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sortableText } from './expressions/compare.ts'
import { addNumbers, canonicalNumber, compareNumbers, sortableNumber } from './numbers.ts'

/** Items are kept in the order of texts that stand for their keys. */

const number = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
    fc.integer({ min: -40, max: 40 }),
  )
  .map(([digits, exponent]) => canonicalNumber(`${digits}e${exponent}`))
const smallNumber = fc.integer({ min: -1_000, max: 1_000 }).map(String)
const anyNumber = fc.oneof(number, smallNumber)
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', '\uffff', '\ue000', '\u{10000}'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

test('texts that stand for numbers sort as the numbers do', () => {
  fc.assert(
    fc.property(anyNumber, anyNumber, (a, b) => {
      const byText = Math.sign(compare(sortableNumber(a), sortableNumber(b)))

      expect(byText).toBe(new Big(a).cmp(b))
      expect(Math.sign(compareNumbers(a, b))).toBe(byText)
    }),
  )
})

test('texts that stand for texts sort as their bytes in UTF-8 do', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const byBytes = Buffer.compare(Buffer.from(a), Buffer.from(b))

      expect(Math.sign(compare(sortableText(a), sortableText(b)))).toBe(byBytes)
    }),
  )
})

test('one begins with another as before', () => {
  fc.assert(
    fc.property(text, text, (start, rest) => {
      expect(sortableText(start + rest).startsWith(sortableText(start))).toBe(true)
    }),
  )
})

test('sums are exact, however the numbers are written', () => {
  fc.assert(
    fc.property(smallNumber, fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), (a, b) => {
      expect(addNumbers(a, String(b))).toBe(String(BigInt(a) + BigInt(b)))
    }),
  )
})

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
