import { expect, test } from 'vitest'
import { consistentReadUnits, itemBytes, transactionalWriteUnits } from './sizes.ts'

test.each([
  ['a text, in UTF-8', { S: 'héllo' }, 6],
  ['a small number', { N: '7' }, 2],
  ['a number with zeros at its end', { N: '1000' }, 2],
  ['the largest amount', { N: '9007199254740991' }, 9],
  ['a negative number', { N: '-250' }, 3],
  ['bytes', { B: new Uint8Array(32) }, 32],
  ['a boolean', { BOOL: true }, 1],
  ['a list', { L: [{ S: 'ab' }, { N: '1' }] }, 3 + 1 + 2 + 1 + 2],
  ['a map', { M: { ab: { S: 'cd' } } }, 3 + 1 + 2 + 2],
  ['an empty map', { M: {} }, 3],
])('%s has the size that AWS bills', (_, value, bytes) => {
  expect(itemBytes({ name: value })).toBe('name'.length + bytes)
})

test('a transactional write is two units for each started KB of the larger image', () => {
  const item = (bytes: number) => ({ x: { S: 'x'.repeat(bytes - 1) } })

  expect(transactionalWriteUnits(undefined, item(1024))).toBe(2)
  expect(transactionalWriteUnits(undefined, item(1025))).toBe(4)
  expect(transactionalWriteUnits(item(3000), item(10))).toBe(6)
})

test('a read is a unit for each started 4 KB, and one for nothing', () => {
  expect(consistentReadUnits(undefined)).toBe(1)
  expect(consistentReadUnits({ x: { S: 'x'.repeat(4096) } })).toBe(2)
})
