import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readExposition } from '../../test/support/prometheus.ts'
import { exposition, type MetricFamily } from './prometheus.ts'

const family = (fields: Partial<MetricFamily> = {}): MetricFamily => ({
  name: 'strongbox_supply',
  help: 'How much there is.',
  type: 'gauge',
  samples: [{ value: 7 }],
  ...fields,
})

test('a family is its help, its type and its samples, a line each', () => {
  const text = exposition([
    family({
      samples: [
        { labels: { asset: 'GOLD_COINS', kind: 'held' }, value: 12 },
        { labels: { asset: 'DIAMONDS', kind: 'held' }, value: 0.5 },
      ],
    }),
    family({ name: 'strongbox_transactions_total', help: 'How many.', type: 'counter' }),
  ])

  expect(text).toBe(
    [
      '# HELP strongbox_supply How much there is.',
      '# TYPE strongbox_supply gauge',
      'strongbox_supply{asset="GOLD_COINS",kind="held"} 12',
      'strongbox_supply{asset="DIAMONDS",kind="held"} 0.5',
      '# HELP strongbox_transactions_total How many.',
      '# TYPE strongbox_transactions_total counter',
      'strongbox_transactions_total 7',
      '',
    ].join('\n'),
  )
})

test('nothing is an empty text', () => {
  expect(exposition([])).toBe('')
})

test('a family without samples says what it would be', () => {
  const [read] = readExposition(exposition([family({ samples: [] })]))

  expect(read).toEqual({
    name: 'strongbox_supply',
    help: 'How much there is.',
    type: 'gauge',
    samples: [],
  })
})

test.each([
  ['a backslash', 'C:\\gold', 'C:\\\\gold'],
  ['a quote', 'the "best" coins', 'the \\"best\\" coins'],
  ['a line break', 'one\ntwo', 'one\\ntwo'],
  ['a backslash and an n', 'one\\ntwo', 'one\\\\ntwo'],
  ['a backslash before a quote', '\\"', '\\\\\\"'],
  ['a brace, a comma and a #', '} # {a="b",', '} # {a=\\"b\\",'],
  ['other letters', 'Gold ✨', 'Gold ✨'],
])('%s in a label is written so that it is read as it was', (_, value, written) => {
  const text = exposition([family({ samples: [{ labels: { asset: value }, value: 1 }] })])

  expect(text).toContain(`{asset="${written}"} 1\n`)
  expect(readExposition(text)[0]?.samples[0]?.labels).toEqual({ asset: value })
})

test('a help of two lines is one line, and keeps its quotes', () => {
  const text = exposition([family({ help: 'One\\two\n"three"' })])

  expect(text).toContain('# HELP strongbox_supply One\\\\two\\n"three"\n')
})

test.each([
  [0, '0'],
  [-0, '0'],
  [-12, '-12'],
  [0.1, '0.1'],
  [9_007_199_254_740_991, '9007199254740991'],
  [1e21, '1e+21'],
  [1e-7, '1e-7'],
  [Number.NaN, 'NaN'],
])('the value %s is written %s', (value, written) => {
  const text = exposition([family({ samples: [{ value }] })])

  expect(text).toContain(`strongbox_supply ${written}\n`)
})

test('whatever is in labels, help and values, a strict reader reads it as it was', () => {
  const labelName = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,5}$/)
  const words = fc.string({
    unit: fc.constantFrom('\\', '"', '\n', 'n', '{', '}', '=', ',', ' ', 'é'),
  })
  const samples = fc.uniqueArray(
    fc.record({
      labels: fc.dictionary(labelName, words),
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    }),
    { selector: ({ labels }) => JSON.stringify(Object.entries(labels).sort()) },
  )

  fc.assert(
    fc.property(words, samples, (help, all) => {
      const [read] = readExposition(exposition([family({ help, samples: all })]))

      expect(read?.help).toBe(help)
      expect(read?.samples.map(({ labels }) => labels)).toEqual(
        all.map(({ labels }) => ({ ...labels })),
      )
      expect(read?.samples.map(({ value }) => value + 0)).toEqual(all.map(({ value }) => value + 0))
    }),
  )
})

describe('the strict reader', () => {
  test.each([
    ['a last line without an end', '# HELP a x\n# TYPE a gauge\na 1'],
    ['a sample before its family', 'a 1\n'],
    ['a type before its help', '# TYPE a gauge\n# HELP a x\na 1\n'],
    ['a family without a type', '# HELP a x\na 1\n'],
    ['a type of another family', '# HELP a x\n# TYPE b gauge\na 1\n'],
    ['a type that there is not', '# HELP a x\n# TYPE a number\na 1\n'],
    ['a sample of another family', '# HELP a x\n# TYPE a gauge\nb 1\n'],
    ['a family twice', '# HELP a x\n# TYPE a gauge\na 1\n# HELP a x\n# TYPE a gauge\na{b="c"} 1\n'],
    ['a series twice', '# HELP a x\n# TYPE a gauge\na 1\na 2\n'],
    [
      'a series twice, in another order',
      '# HELP a x\n# TYPE a gauge\na{b="1",c="2"} 1\na{c="2",b="1"} 2\n',
    ],
    ['a label twice', '# HELP a x\n# TYPE a gauge\na{b="1",b="2"} 1\n'],
    ['a label without quotes', '# HELP a x\n# TYPE a gauge\na{b=1} 1\n'],
    ['a label with a quote in it', '# HELP a x\n# TYPE a gauge\na{b="""} 1\n'],
    ['a label with a dash in its name', '# HELP a x\n# TYPE a gauge\na{b-c="1"} 1\n'],
    ['a comma after the last label', '# HELP a x\n# TYPE a gauge\na{b="1",} 1\n'],
    ['labels without a comma', '# HELP a x\n# TYPE a gauge\na{b="1"c="2"} 1\n'],
    ['braces with nothing in them', '# HELP a x\n# TYPE a gauge\na{} 1\n'],
    ['a name with a dash', '# HELP a-b x\n# TYPE a-b gauge\na-b 1\n'],
    ['a name that begins with a digit', '# HELP 1a x\n# TYPE 1a gauge\n1a 1\n'],
    ['no value', '# HELP a x\n# TYPE a gauge\na\n'],
    ['a value that is none', '# HELP a x\n# TYPE a gauge\na one\n'],
    ['a value in hex', '# HELP a x\n# TYPE a gauge\na 0x10\n'],
    ['undefined', '# HELP a x\n# TYPE a gauge\na undefined\n'],
    ['two spaces', '# HELP a x\n# TYPE a gauge\na  1\n'],
    ['an empty line', '# HELP a x\n# TYPE a gauge\n\na 1\n'],
    ['a count below zero', '# HELP a x\n# TYPE a counter\na -1\n'],
    ['a backslash that nothing follows', '# HELP a x\\\n# TYPE a gauge\na 1\n'],
  ])('refuses %s', (_, text) => {
    expect(() => readExposition(text)).toThrow()
  })
})
