import { expect, test } from 'vitest'
import { findFalseAlarms, type Hunted, hunt } from './hunt.ts'
import { MUTANTS } from './list.ts'

const STEPS = 400
/** Enough for most of them. `npm run mutants` goes on until all are found, for some minutes. */
const SEEDS = 8
const MOST = 20

test('the simulator soon finds most of the mistakes that are planted, and none where there is none', async () => {
  const hunted: Hunted[] = []

  await hunt(MUTANTS, { steps: STEPS, seeds: SEEDS, size: 2 }, (one) => hunted.push(one))

  const found = hunted.filter(({ breach }) => breach)
  expect(hunted).toHaveLength(MUTANTS.length)
  expect(found.length).toBeGreaterThanOrEqual(MOST)
  const seeds = new Set(found.flatMap(({ seed }) => seed ?? []))
  expect(await findFalseAlarms(seeds, STEPS)).toEqual([])
}, 600_000)
