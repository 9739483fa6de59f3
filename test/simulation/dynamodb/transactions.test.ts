import {
  BatchGetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import {
  keyOf,
  openWorld,
  outcomeOf,
  put,
  putInput,
  putTogether,
  readValue,
  seeds,
  TABLE,
} from './world.ts'

/** docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html */

/** A transaction takes so long that whatever is sent a moment later meets it. */
const SLOW = { transactionUs: { from: 100_000, to: 100_000 } }
const MOMENT_MS = 1

test('of two transactions on one item, the second is refused, and told where they met', async () => {
  const world = openWorld(SLOW)
  const first = world.begin((client) => outcomeOf(client.send(putTogether(['alice', 'bob'], 1))))
  const second = world.begin(async (client, { effects }) => {
    await effects.sleep(MOMENT_MS)
    return outcomeOf(client.send(putTogether(['carol', 'bob', 'dave'], 2)))
  })

  await world.scheduler.run()

  expect(first.ending()).toMatchObject({ result: 'done' })
  expect(second.ending()).toMatchObject({ result: 'None TransactionConflict None' })
  expect(await world.call((client) => readValue(client, 'carol'))).toBeUndefined()
  expect(await world.call((client) => readValue(client, 'bob'))).toBe(1)
})

test('transactions on other items do not meet', async () => {
  const world = openWorld(SLOW)
  const all = ['alice', 'bob', 'carol'].map((name) =>
    world.begin((client) => outcomeOf(client.send(putTogether([name], 1)))),
  )

  await world.scheduler.run()

  expect(all.map(({ ending }) => ending())).toEqual(
    Array.from({ length: 3 }, () => ({ kind: 'done', result: 'done' })),
  )
})

test('a write of an item that is in a transaction is refused', async () => {
  const world = openWorld(SLOW)
  world.begin((client) => client.send(putTogether(['alice'], 1)))
  const write = world.begin(async (client, { effects }) => {
    await effects.sleep(MOMENT_MS)
    return outcomeOf(client.send(put('alice', 2)))
  })

  await world.scheduler.run()

  expect(write.ending()).toMatchObject({ result: 'TransactionConflictException' })
  expect(await world.call((client) => readValue(client, 'alice'))).toBe(1)
})

test('a read of an item that is in a transaction shows it as it is until then', async () => {
  const world = openWorld(SLOW)
  await world.call((client) => client.send(put('alice', 1)))
  world.begin((client) => client.send(putTogether(['alice'], 2)))
  const read = world.begin(async (client, { effects }) => {
    await effects.sleep(MOMENT_MS)
    return readValue(client, 'alice')
  })

  await world.scheduler.run()

  expect(read.ending()).toMatchObject({ result: 1 })
})

const TOGETHER = new TransactGetItemsCommand({
  TransactItems: ['alice', 'bob'].map((name) => ({ Get: { TableName: TABLE, Key: keyOf(name) } })),
})

test('a transactional read is refused while one of its items is being written', async () => {
  const world = openWorld(SLOW)
  world.begin((client) => client.send(putTogether(['bob'], 1)))
  const read = world.begin(async (client, { effects }) => {
    await effects.sleep(MOMENT_MS)
    return outcomeOf(client.send(TOGETHER))
  })

  await world.scheduler.run()

  expect(read.ending()).toMatchObject({ result: 'None TransactionConflict' })
})

test('also by a write of one item', async () => {
  const world = openWorld({ writeUs: { from: 5_000, to: 5_000 } })
  world.begin((client) => client.send(put('alice', 1)))
  const read = world.begin(async (client, { effects }) => {
    await effects.sleep(MOMENT_MS)
    return outcomeOf(client.send(TOGETHER))
  })

  await world.scheduler.run()

  expect(read.ending()).toMatchObject({ result: 'TransactionConflict None' })
})

/** What somebody sees who reads two items again and again while both are changed together, always to one value. */
async function watch(seed: number, read: 'one by one' | 'together'): Promise<string[]> {
  const world = openWorld({ transactionUs: { from: 1_000, to: 20_000 } }, { seed })
  await world.call((client) => client.send(putTogether(['alice', 'bob'], 0)))
  const keys = {
    RequestItems: { [TABLE]: { Keys: ['alice', 'bob'].map(keyOf), ConsistentRead: true } },
  }
  world.begin(async (client) => {
    for (const value of [1, 2, 3, 4]) await client.send(putTogether(['alice', 'bob'], value))
  })
  const seen = world.begin(async (client, { effects }) => {
    const pairs: string[] = []
    for (let look = 0; look < 40; look += 1) {
      await effects.sleep(1)
      if (read === 'one by one') {
        const { Responses } = await client.send(new BatchGetItemCommand(keys))
        pairs.push((Responses?.[TABLE] ?? []).map((item) => item['value']?.N).join(' '))
      } else {
        const answer = client.send(TOGETHER)
        if ((await outcomeOf(answer)) !== 'done') continue
        const { Responses = [] } = await answer
        pairs.push(Responses.map(({ Item }) => Item?.['value']?.N).join(' '))
      }
    }
    return pairs
  })
  await world.scheduler.run()
  const how = seen.ending()
  return how?.kind === 'done' ? how.result : []
}

const isTorn = (pair: string) => new Set(pair.split(' ')).size > 1

test('who reads the items of a transaction one by one may see half of it', async () => {
  const seen = await Promise.all(seeds(10).map((seed) => watch(seed, 'one by one')))

  expect(seen.flat().some(isTorn)).toBe(true)
})

test('who reads them together never does', async () => {
  const seen = await Promise.all(seeds(10).map((seed) => watch(seed, 'together')))

  expect(seen.flat().length).toBeGreaterThan(20)
  expect(seen.flat().filter(isTorn)).toEqual([])
})

test('who is refused is shown each item that was not as it should be, in the order of the request', async () => {
  const world = openWorld()
  await world.call((client) => client.send(put('alice', 7)))
  const isNew = { ConditionExpression: 'attribute_not_exists(pk)' }
  const shown = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }
  const command = new TransactWriteItemsCommand({
    TransactItems: [
      { Put: { ...putInput('bob', 1), ...isNew, ...shown } },
      { Put: { ...putInput('alice', 1), ...isNew, ...shown } },
      {
        Delete: {
          TableName: TABLE,
          Key: keyOf('carol'),
          ConditionExpression: 'attribute_exists(pk)',
          ...shown,
        },
      },
    ],
  })

  const refused = await world.call((client) => client.send(command).catch((error: Error) => error))

  const failed = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' }
  expect(refused).toMatchObject({
    name: 'TransactionCanceledException',
    $metadata: { httpStatusCode: 400, attempts: 1 },
    CancellationReasons: [
      { Code: 'None' },
      { ...failed, Item: { ...keyOf('alice'), value: { N: '7' } } },
      failed,
    ],
  })
  expect(await world.call((client) => readValue(client, 'bob'))).toBeUndefined()
})

test('a transaction that comes to nothing holds its other items until it is over', async () => {
  const world = openWorld(SLOW)
  const failing = new TransactWriteItemsCommand({
    TransactItems: [
      { Put: putInput('alice', 1) },
      {
        ConditionCheck: {
          TableName: TABLE,
          Key: keyOf('bob'),
          ConditionExpression: 'attribute_exists(pk)',
        },
      },
    ],
  })
  world.begin((client) => outcomeOf(client.send(failing)))
  const meanwhile = world.begin(async (client, { effects }) => {
    await effects.sleep(MOMENT_MS)
    return outcomeOf(client.send(putTogether(['alice'], 2)))
  })

  await world.scheduler.run()
  const afterwards = await world.call((client) => outcomeOf(client.send(putTogether(['alice'], 3))))

  expect(meanwhile.ending()).toMatchObject({ result: 'TransactionConflict' })
  expect(afterwards).toBe('done')
})

test('increments that are tried again until they are done are all there, however they meet', async () => {
  const world = openWorld({ transactionUs: { from: 1_000, to: 9_000 } })
  const CLERKS = 8
  const TIMES = 5
  for (let clerk = 0; clerk < CLERKS; clerk += 1) {
    world.begin(async (client, { effects }) => {
      for (let done = 0; done < TIMES; ) {
        const outcome = await outcomeOf(client.send(increment))
        if (outcome === 'done') done += 1
        else await effects.sleep(effects.random() * 50)
      }
    })
  }

  await world.scheduler.run()

  expect(await world.call((client) => readValue(client, 'alice'))).toBe(CLERKS * TIMES)
})

const increment = new TransactWriteItemsCommand({
  TransactItems: [
    {
      Update: {
        TableName: TABLE,
        Key: keyOf('alice'),
        UpdateExpression: 'ADD #value :one',
        ExpressionAttributeNames: { '#value': 'value' },
        ExpressionAttributeValues: { ':one': { N: '1' } },
      },
    },
  ],
})

test('what nobody simulates is refused, and not passed over', async () => {
  const world = openWorld()
  const command = new PutItemCommand({ ...putInput('alice', 1), ReturnConsumedCapacity: 'TOTAL' })

  await expect(world.call((client) => client.send(command))).rejects.toThrow(
    'not simulated: PutItemCommand with ReturnConsumedCapacity',
  )
})
