import { expect, test } from 'vitest'
import { numberText } from '../../bench/frame/number.ts'
import { fillPlaces, placesIn } from '../../bench/frame/places.ts'
import { report } from '../../bench/frame/report.ts'
import { spreadOf, spreadText } from '../../bench/frame/spread.ts'
import { atLeast, atMost } from '../../bench/frame/target.ts'

test('a spread is the sample in the middle, and those that half of all are between', () => {
  const spread = spreadOf([9, 1, 5, 3, 7])

  expect(spread).toEqual({ lower: 3, median: 5, upper: 7 })
  expect(spreadText(spread)).toBe('5 (3–7)')
  expect(spreadOf([1, 2])).toEqual({ lower: 1.25, median: 1.5, upper: 1.75 })
})

test('a target is met at its limit, and missed beyond it', () => {
  const what = 'a spend'

  const most = [5, 6, 6.01].map((measured) => atMost({ what, limit: 6, measured }).isMet)
  const least = [5.99, 6, 7].map((measured) => atLeast({ what, limit: 6, measured }).isMet)

  expect(most).toEqual([true, true, false])
  expect(least).toEqual([false, true, true])
})

test('a report says that a target was missed', () => {
  const target = atMost({ what: 'a start', limit: 1.2, measured: 1.3, unit: 'times' })

  const text = report({ targets: [target], tables: [] }, 1)

  expect(text).toContain('| a start | at most 1.20 times | 1.30 times | **missed** |')
})

test('numbers have three digits, or all that are before the point', () => {
  const texts = [0.1234, 1.2345, 12.345, 123.45, 12_345.6, 6].map(numberText)

  expect(texts).toEqual(['0.12', '1.23', '12.3', '123', '12,346', '6'])
})

test('a place is filled in, and all around it stays', () => {
  const document =
    'a\n<!-- bench: one -->\nold\n<!-- /bench -->\nb\n<!-- bench: other-one -->\nkept\n<!-- /bench -->\n'

  const filled = fillPlaces(document, 'bench', { one: 'new' })

  expect(placesIn(document, 'bench')).toEqual(['one', 'other-one'])
  expect(filled).toBe(document.replace('old\n', '\nnew\n\n'))
})
