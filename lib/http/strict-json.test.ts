import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseStrictJson } from './strict-json.ts'

test.each([
  '{}',
  '[]',
  '"text"',
  'null',
  '{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}',
  '{"a:b":"c:d","e":"\\"f\\":"}',
  ' { "a" : -7 } ',
  '{"constructor":1,"toString":2}',
])('%s is read as JSON.parse reads it', (text) => {
  expect(parseStrictJson(text)).toEqual(JSON.parse(text))
})

test.each([
  ['the same name twice', '{"a":1,"a":2}'],
  ['the same name twice with one value', '{"a":1,"a":1}'],
  ['the same name twice, once escaped', '{"a":1,"\\u0061":2}'],
  ['the same name twice, inside', '{"x":[{"a":1,"a":2}]}'],
  ['__proto__', '{"__proto__":{"admin":true}}'],
  ['__proto__, escaped', '{"\\u005f_proto__":1}'],
  ['nesting of 9 levels', '['.repeat(9) + ']'.repeat(9)],
  ['nesting that would overflow the stack', '['.repeat(16_000)],
  ['half of it', '{"a":'],
  ['nothing', ''],
  ['a comma too much', '{"a":1,}'],
  ['NaN', '{"a":NaN}'],
])('%s is refused', (_, text) => {
  expect(() => parseStrictJson(text)).toThrow(/The body/)
})

test.each(['0.5', '1.0', '1e3', '1E-2', '0.99999999999999999999', '1e400', '250.0'])(
  'the number %s is not the whole number that a double makes of it',
  (number) => {
    expect(parseStrictJson(`{"a":${number}}`)).toEqual({ a: Number.NaN })
  },
)

test('whatever is valid JSON, has whole numbers and is not too deep is read as JSON.parse reads it', () => {
  const leaf = fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null))
  const name = fc.string().filter((text) => text !== '__proto__')
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      leaf,
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(name, tie('node'), { maxKeys: 4 }),
    ),
  })).node
  fc.assert(
    fc.property(value, fc.integer({ min: 0, max: 3 }), (any, indent) => {
      const text = JSON.stringify(any, null, indent)

      expect(parseStrictJson(text)).toEqual(JSON.parse(text))
    }),
  )
})

test('no text whatever makes it do anything but answer or refuse', () => {
  const fragment = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    'a',
    '1',
    '-',
    '.',
    'e',
    ' ',
    '\n',
  )
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 60 }), (fragments) => {
      const text = fragments.join('')
      let isValid = true
      try {
        JSON.parse(text)
      } catch {
        isValid = false
      }

      // What JSON.parse refuses, this must refuse; what it takes, this may still find ambiguous.
      if (!isValid) expect(() => parseStrictJson(text)).toThrow(/The body/)
    }),
    { numRuns: 2_000 },
  )
})
