import { expect, test } from 'vitest'
import { findFalseAlarms, type Hunted, hunt } from './hunt.ts'
import { huntWithTests } from './hunt-with-tests.ts'
import { MUTANTS } from './list.ts'
import { sourcesWith } from './plant.ts'
import { TESTED_MUTANTS } from './tested.ts'

const STEPS = 400
/** Enough for most of them. `npm run mutants` goes on until all are found, for some minutes. */
const SEEDS = 8
const MOST = 25
/** Each takes some seconds. */
const SAMPLE = 3

test('the simulator soon finds most of the mistakes that are planted, and none where there is none', async () => {
  const hunted: Hunted[] = []

  await hunt(MUTANTS, { steps: STEPS, seeds: SEEDS, size: 2 }, (one) => hunted.push(one))

  const found = hunted.filter(({ breach }) => breach)
  expect(hunted).toHaveLength(MUTANTS.length)
  expect(found.length).toBeGreaterThanOrEqual(MOST)
  const seeds = new Set(found.flatMap(({ seed }) => seed ?? []))
  expect(await findFalseAlarms(seeds, STEPS)).toEqual([])
}, 600_000)

test.each([...MUTANTS, ...TESTED_MUTANTS])('can be planted: $name', (mutant) => {
  expect(sourcesWith(mutant).size).toBeGreaterThan(0)
})

test('the tests find a random sample of the mutants that the simulator does not reach', async () => {
  const sample = TESTED_MUTANTS.toSorted(() => Math.random() - 0.5).slice(0, SAMPLE)
  const survivors: string[] = []

  await huntWithTests(sample, 1, ({ name }, isFound) => {
    if (!isFound) survivors.push(name)
  })

  expect(survivors).toEqual([])
}, 600_000)
