import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCursors } from './cursor.ts'

const cursors = createCursors('a secret')
const position = { at: 1_700_000_000_000, asset: 'GOLD_COINS', seq: 7 }
const purpose = ['transactions', 'alice', undefined, 5]

test('a cursor gives back the position that it was made of', () => {
  const cursor = cursors.seal(position, purpose)

  expect(cursors.open(cursor, purpose)).toEqual(position)
})

test('a cursor with any character changed is refused', () => {
  const cursor = cursors.seal(position, purpose)
  const index = fc.integer({ min: 0, max: cursor.length - 1 })
  const character = fc.constantFrom(...'ABCXYZabcxyz019-_=.')
  fc.assert(
    fc.property(index, character, (at, other) => {
      fc.pre(cursor[at] !== other)
      const changed = cursor.slice(0, at) + other + cursor.slice(at + 1)

      expect(() => cursors.open(changed, purpose)).toThrow(/nextCursor/)
    }),
  )
})

test.each(['', 'x', 'AAAA', '*', 'AAAAAAAAAAAAAAAAAAAAAA'])('%j is no cursor', (text) => {
  expect(() => cursors.open(text, purpose)).toThrow(/nextCursor/)
})

test('a cursor is worth nothing for another wallet, another filter, or under another secret', () => {
  const cursor = cursors.seal(position, purpose)

  expect(() => cursors.open(cursor, ['transactions', 'bob', undefined, 5])).toThrow()
  expect(() => cursors.open(cursor, ['transactions', 'alice', 'SPEND', 5])).toThrow()
  expect(() => createCursors('another').open(cursor, purpose)).toThrow()
})
