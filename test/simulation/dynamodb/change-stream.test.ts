import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import { expect, test } from 'vitest'
import { deliver } from '../delivery.ts'
import { keyOf, openWorld, put, putTogether, seeds, TABLE, type World } from './world.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin']
const STEPS = 8
const DELAYED = { streamUs: { from: 0, to: 2_000_000 }, transactionUs: { from: 0, to: 10_000 } }

/** Everybody gets the values from 1 on, in order. */
function countUp(world: World): Promise<void> {
  return world.call(async (client, { effects }) => {
    for (let value = 1; value <= STEPS; value += 1) {
      await client.send(putTogether(NAMES, value))
      await effects.sleep(5)
    }
  })
}

function streamOf({ database }: World) {
  const { stream } = database.table(TABLE)
  if (!stream) throw new Error('the table has a stream')
  return stream
}

function recordsIn(world: World): DynamoDBRecord[] {
  const stream = streamOf(world)
  const shards = Array.from({ length: stream.shards }, (_, shard) => shard)
  return shards.flatMap((shard) => stream.read(shard, 0, 1_000))
}

function told({ dynamodb }: DynamoDBRecord): { name: string; value: number } {
  const { pk, value } = dynamodb?.NewImage ?? {}
  return { name: pk?.S?.replace('W#', '') ?? '', value: Number(value?.N) }
}

const inOrder = Array.from({ length: STEPS }, (_, step) => step + 1)

test('every change of an item is told once, and in order', async () => {
  const world = openWorld(DELAYED)

  await countUp(world)

  const values = Map.groupBy(recordsIn(world).map(told), ({ name }) => name)
  expect(new Set(values.keys())).toEqual(new Set(NAMES))
  for (const changes of values.values()) expect(changes.map(({ value }) => value)).toEqual(inOrder)
})

test('but of two items, a later change may be told first', async () => {
  const orders = await Promise.all(
    seeds(5).map(async (seed) => {
      const world = openWorld(DELAYED, { seed })
      await countUp(world)
      return streamOf(world)
        .read(1, 0, 1_000)
        .map((record) => told(record).value)
    }),
  )

  expect(
    orders.some((values) => values.some((value, place) => value < (values[place - 1] ?? 0))),
  ).toBe(true)
})

test('a record says what was and what is, and nothing is told where nothing changed', async () => {
  const world = openWorld()

  await world.call(async (client) => {
    await client.send(put('alice', 1))
    await client.send(put('alice', 1))
    await client.send(put('alice', 2))
    await client.send(new DeleteItemCommand({ TableName: TABLE, Key: keyOf('alice') }))
  })

  const first = { ...keyOf('alice'), value: { N: '1' } }
  const second = { ...keyOf('alice'), value: { N: '2' } }
  const records = recordsIn(world)
  expect(records.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE'])
  expect(records.map(({ dynamodb }) => [dynamodb?.OldImage, dynamodb?.NewImage])).toEqual([
    [undefined, first],
    [first, second],
    [second, undefined],
  ])
  expect(records[0]?.dynamodb).toMatchObject({
    Keys: keyOf('alice'),
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  })
})

test('each record is brought at least once, and again where a function died or could not take it', async () => {
  const world = openWorld(DELAYED)
  const { scheduler } = world
  const brought: { name: string; value: number }[] = []
  let trouble = 0
  const delivery = deliver({
    scheduler,
    stream: streamOf(world),
    name: 'audit',
    batchSize: 4,
    again: 0.2,
    onError(error) {
      throw error
    },
    fate: () => (scheduler.random.chance(0.2) ? 'dies' : 'lives'),
    async take(process, records) {
      await process.effects.sleep(1)
      brought.push(...records.map(told))
      if (!process.random.chance(0.2)) return []
      trouble += 1
      return records.slice(-1).map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '')
    },
  })

  await countUp(world)
  await scheduler.runUntil(delivery.isCaughtUp, { limitMs: 600_000 })

  expect(trouble).toBeGreaterThan(0)
  expect(brought.length).toBeGreaterThan(NAMES.length * STEPS)
  for (const name of NAMES) {
    const values = brought.filter((change) => change.name === name).map(({ value }) => value)
    // In order, if what came again is passed over.
    const fresh = values.filter((value, place) => value > Math.max(0, ...values.slice(0, place)))
    expect(fresh).toEqual(inOrder)
  }
})
