import { expect, test } from 'vitest'
import { openWorld, putTogether, seeds, type World } from './world.ts'

const NAMES = ['alice', 'bob']
const STEP_MS = 100

/** Two items get the values from 1 on together. Answers when each was written. */
function countUp(world: World): Promise<number[]> {
  return world.call(async (client, { effects }) => {
    const writtenUs: number[] = []
    for (let value = 1; value <= 5; value += 1) {
      await client.send(putTogether(NAMES, value))
      writtenUs.push(world.scheduler.nowUs())
      await effects.sleep(STEP_MS)
    }
    return writtenUs
  })
}

function valuesIn({ database }: World, table: string): (string | undefined)[] {
  return database.items(table).map((item) => item['value']?.N)
}

test.each([0, 2, 4])('a table comes back as it was after step %i', async (step) => {
  const world = openWorld({}, { keepsHistory: true })
  const writtenUs = await countUp(world)

  world.database.restore('Ledger', 'Restored', writtenUs[step] ?? 0)

  const value = String(step + 1)
  expect(valuesIn(world, 'Restored')).toEqual([value, value])
  expect(valuesIn(world, 'Ledger')).toEqual(['5', '5'])
})

test('before anything was written, it comes back empty', async () => {
  const world = openWorld({}, { keepsHistory: true })
  await countUp(world)

  world.database.restore('Ledger', 'Restored', -1)

  expect(valuesIn(world, 'Restored')).toEqual([])
})

test('of what was written just before, some may be missing, also half of a transaction', async () => {
  const skewUs = { from: 0, to: 140_000 }

  const restored = await Promise.all(
    seeds(20).map(async (seed) => {
      const world = openWorld({}, { seed, keepsHistory: true })
      const writtenUs = await countUp(world)
      // Up to 50 ms, it is as it was then; beyond, as it was a step before.
      const soonAfterUs = (writtenUs[3] ?? 0) + 50_000
      world.database.restore('Ledger', 'Restored', soonAfterUs, skewUs)
      return valuesIn(world, 'Restored')
    }),
  )

  expect(restored.some(([first, second]) => first !== second)).toBe(true)
  expect(new Set(restored.flat())).toEqual(new Set(['3', '4']))
})
