import { expect, test } from 'vitest'
import { readIdempotencyKey } from './idempotency-key.ts'

test.each([
  ['abc', 'abc'],
  ['  abc ', 'abc'],
  ['"abc"', 'abc'],
  ['"a\\"b\\\\c"', 'a"b\\c'],
  ['"abc', '"abc'],
  ['a"b"', 'a"b"'],
  ['k'.repeat(255), 'k'.repeat(255)],
])('%j means the key %j', (header, key) => {
  expect(readIdempotencyKey(header)).toBe(key)
})

test.each([undefined, '', '   '])('%j is no key', (header) => {
  expect(() => readIdempotencyKey(header)).toThrow(/Send an Idempotency-Key/)
})

test.each(['a b', 'schlüssel', '""', 'a\u007fb', 'k'.repeat(256)])(
  '%j is not a legal key',
  (header) => {
    expect(() => readIdempotencyKey(header)).toThrow(/visible ASCII/)
  },
)
