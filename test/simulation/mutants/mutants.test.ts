import { expect, test } from 'vitest'
import { findFalseAlarms, type Hunted, hunt } from './hunt.ts'
import { MUTANTS } from './list.ts'

const STEPS = 400
const SEEDS = 100

test('the simulator finds each mistake that is planted, and none where there is none', async () => {
  const hunted: Hunted[] = []

  await hunt(MUTANTS, { steps: STEPS, seeds: SEEDS, size: 2 }, (one) => hunted.push(one))

  const missed = hunted.filter(({ breach }) => !breach).map(({ name }) => name)
  expect(hunted).toHaveLength(MUTANTS.length)
  expect(missed).toEqual([])
  const seeds = new Set(hunted.flatMap(({ seed }) => seed ?? []))
  expect(await findFalseAlarms(seeds, STEPS)).toEqual([])
}, 600_000)
