import { QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import type { SimulatedClient } from './client.ts'
import { keyOf, openWorld, outcomeOf, put, putTogether, readValue, seeds, TABLE } from './world.ts'

/** Reads that are not strongly consistent, indexes, and partitions that have too much to do. */

const MOST_BEHIND_US = 500_000
const STALE = { stale: { chance: 0.5, byUs: { from: 0, to: MOST_BEHIND_US } } }
const STEP_MS = 20

/** A value that counts up, and what is read of it after each step. */
async function reads(
  seed: number,
  consistent: boolean,
): Promise<[written: number, read: number][]> {
  const world = openWorld(STALE, { seed })
  return world.call(async (client, { effects }) => {
    const seen: [number, number][] = []
    for (let value = 1; value <= 100; value += 1) {
      await client.send(put('alice', value))
      await effects.sleep(STEP_MS)
      seen.push([value, (await readValue(client, 'alice', consistent)) ?? 0])
    }
    return seen
  })
}

test('a strongly consistent read shows what was written last', async () => {
  const seen = await reads(1, true)

  expect(seen.filter(([written, read]) => written !== read)).toEqual([])
})

test('another read may show what was before, and the next one something older still', async () => {
  const seen = await reads(1, false)

  const values = seen.map(([, read]) => read)
  expect(seen.some(([written, read]) => read < written)).toBe(true)
  expect(values.some((value, place) => value < (values[place - 1] ?? 0))).toBe(true)
})

test('but nothing older than it may be', async () => {
  const mostSteps = Math.ceil(MOST_BEHIND_US / 1_000 / STEP_MS) + 1

  const seen = (await Promise.all(seeds(5).map((seed) => reads(seed, false)))).flat()

  expect(Math.max(...seen.map(([written, read]) => written - read))).toBeLessThanOrEqual(mostSteps)
})

const setShard = (name: string, expiresAt: number | undefined) =>
  new UpdateItemCommand({
    TableName: TABLE,
    Key: keyOf(name),
    UpdateExpression:
      expiresAt === undefined
        ? 'REMOVE expiryShard, expiresAt'
        : 'SET expiryShard = :shard, expiresAt = :at',
    ...(expiresAt !== undefined && {
      ExpressionAttributeValues: { ':shard': { S: 'X#1' }, ':at': { N: String(expiresAt) } },
    }),
  })

async function inIndex(client: SimulatedClient): Promise<string[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: TABLE,
      IndexName: 'HoldExpiry',
      KeyConditionExpression: 'expiryShard = :shard',
      ExpressionAttributeValues: { ':shard': { S: 'X#1' } },
    }),
  )
  return Items.map(({ pk, expiresAt }) => `${pk?.S} ${expiresAt?.N}`)
}

test('an index has an item for as long as the item has its keys, and hears of it later', async () => {
  const world = openWorld({ indexUs: { from: 50_000, to: 50_000 } })

  const seen = await world.call(async (client, { effects }) => {
    await client.send(setShard('alice', 7))
    const atOnce = await inIndex(client)
    await effects.sleep(60)
    const later = await inIndex(client)
    await client.send(setShard('alice', undefined))
    const stillThere = await inIndex(client)
    await effects.sleep(60)
    return [atOnce, later, stillThere, await inIndex(client)]
  })

  expect(seen).toEqual([[], ['W#alice 7'], ['W#alice 7'], []])
})

test('it hears of one item in order, so that it has what the table has in the end', async () => {
  const ends = await Promise.all(
    seeds(20).map(async (seed) => {
      const world = openWorld({ indexUs: { from: 0, to: 500_000 } }, { seed })
      await world.call(async (client, { effects }) => {
        for (const at of [1, 2, undefined, 3, 9]) {
          await client.send(setShard('alice', at))
          await effects.sleep(1)
        }
      })
      return world.call(inIndex)
    }),
  )

  expect(ends).toEqual(seeds(20).map(() => ['W#alice 9']))
})

test('a partition key that is asked too much of is throttled, and others are not', async () => {
  const world = openWorld({ unitsPerSecond: { read: 3_000, write: 10 } })

  const { hotMs, hot, otherMs } = await world.call(async (client, { effects }) => {
    const outcomes: string[] = []
    const startedAt = effects.now()
    for (let value = 0; value < 15; value += 1) {
      outcomes.push(await outcomeOf(client.send(put('alice', value))))
    }
    const endedAt = effects.now()
    await client.send(put('bob', 1))
    return { hotMs: endedAt - startedAt, hot: outcomes, otherMs: effects.now() - endedAt }
  })

  // Fifteen units, ten of which are there at once: the SDK sends again what was refused, after a while.
  expect(hotMs).toBeGreaterThan(300)
  expect(otherMs).toBe(0)
  const throttles = new Set(['ThrottlingException', 'ProvisionedThroughputExceededException'])
  expect(hot.filter((outcome) => outcome !== 'done' && !throttles.has(outcome))).toEqual([])
})

test('in a transaction, it is a reason of the item', async () => {
  const world = openWorld({ unitsPerSecond: { read: 3_000, write: 1 } })

  const outcomes = await world.call(async (client) => [
    await outcomeOf(client.send(putTogether(['alice'], 1))),
    await outcomeOf(client.send(putTogether(['bob', 'alice'], 2))),
  ])

  expect(outcomes[0]).toBe('done')
  expect(outcomes[1]).toMatch(/^None (ThrottlingError|ProvisionedThroughputExceeded)$/)
})
