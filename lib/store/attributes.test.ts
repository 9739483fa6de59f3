import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromAttributes, toAttributes } from './attributes.ts'

/** Whatever the tables hold. */
const { item } = fc.letrec<{ item: Record<string, unknown>; value: unknown }>((tie) => ({
  item: fc.dictionary(
    fc.string().filter((name) => name !== '__proto__'),
    tie('value'),
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.maxSafeInteger(),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.bigInt(),
    fc.boolean(),
    fc.uint8Array(),
    fc.array(fc.oneof(tie('value'), fc.string())),
    tie('item'),
  ),
}))

test('it is written as the SDK would write it', () => {
  fc.assert(
    fc.property(item, (written) => {
      expect(toAttributes(written)).toEqual(marshall(written))
    }),
  )
})

test('it is read as the SDK would read it', () => {
  fc.assert(
    fc.property(item, (written) => {
      const attributes = marshall(written)
      const numbers = (digits: string) => BigInt(Math.trunc(Number(digits)))

      expect(fromAttributes(attributes, numbers)).toEqual(
        unmarshall(attributes, { wrapNumbers: numbers }),
      )
    }),
  )
})

test('what is undefined is not written', () => {
  const written = toAttributes({ reference: undefined, last: { reference: undefined } })

  expect(written).toEqual({ last: { M: {} } })
})

test.each([
  [2 ** 53],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [null],
  [new Set(['a'])],
  [() => 1],
])('what would be something else when it is read is not written (%s)', (value) => {
  expect(() => toAttributes({ value })).toThrow(/stored/)
})

test('an attribute of a kind that nobody here writes is left as it is', () => {
  const read = fromAttributes({ letters: { SS: ['a'] }, nothing: { NULL: true } })

  expect(read).toEqual({ letters: { SS: ['a'] }, nothing: { NULL: true } })
})

test('a number that a double cannot hold is not taken for one near it', () => {
  const read = fromAttributes({
    near: { N: '100.00000000000000001' },
    far: { N: '9007199254740993' },
  })

  expect(read).toEqual({ near: '100.00000000000000001', far: '9007199254740993' })
})
