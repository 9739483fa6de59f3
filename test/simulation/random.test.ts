import { expect, test } from 'vitest'
import { seededRandom } from './random.ts'

const DRAWS = 10_000

function draws(draw: () => number): number[] {
  return Array.from({ length: DRAWS }, draw)
}

test('one seed gives one row of numbers, and the next seed another', () => {
  const [row, same, next] = [1, 1, 2].map((seed) => draws(seededRandom(seed).unit))

  expect(row).toEqual(same)
  expect(row?.filter((number, place) => number === next?.[place])).toEqual([])
})

test('every number of a range comes up, its ends too, and none outside', () => {
  const random = seededRandom(1)

  const seen = new Set(draws(() => random.between({ from: 3, to: 7 })))

  expect(Array.from(seen).sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7])
})

test('a chance comes up about as often as it says', () => {
  const random = seededRandom(1)

  const hits = draws(() => (random.chance(0.2) ? 1 : 0)).reduce((sum, hit) => sum + hit)

  expect(hits / DRAWS).toBeGreaterThan(0.18)
  expect(hits / DRAWS).toBeLessThan(0.22)
})

test('what cannot happen draws nothing, so that a fault that is off leaves all else as it was', () => {
  const [plain, asked] = [seededRandom(1), seededRandom(1)]

  const hits = draws(() => (asked.chance(0) ? 1 : 0))

  expect(hits).not.toContain(1)
  expect(asked.unit()).toBe(plain.unit())
})

test('each part has a source of its own, whatever the others draw', () => {
  const [quiet, busy] = [seededRandom(1), seededRandom(1)]
  draws(busy.fork('network').unit)

  expect(busy.fork('dynamodb').unit()).toBe(quiet.fork('dynamodb').unit())
  expect(quiet.fork('network').unit()).not.toBe(quiet.fork('dynamodb').unit())
})
