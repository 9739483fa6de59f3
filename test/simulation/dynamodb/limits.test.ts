import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Told } from './differential/answers.ts'
import { openPair, type Pair, type Question } from './differential/pair.ts'

/** Where DynamoDB says that it is enough: the simulator says so at the same byte and the same item. */

let pair: Pair
const KB = 1024
const PK = 'W#alice'

beforeAll(async () => {
  pair = await openPair()
})

afterAll(() => pair.close())

function ask(send: Question['send']) {
  return pair.ask({ send, isOrdered: true })
}

/** An item of so many bytes. */
function itemOf(sk: string, bytes: number) {
  const keys = `pk${PK}sk${sk}x`.length
  return { pk: { S: PK }, sk: { S: sk }, x: { S: 'x'.repeat(bytes - keys) } }
}

function putOf(sk: string, bytes: number) {
  return new PutItemCommand({ TableName: pair.tableName, Item: itemOf(sk, bytes) })
}

test.each([
  ['an item of 400 KB is stored', 400 * KB, undefined],
  ['an item of one byte more is not', 400 * KB + 1, 'ValidationException'],
])('%s', async (_, bytes, error) => {
  const { local, simulated } = await ask((client) => client.send(putOf('large', bytes)))

  expect(simulated.error).toBe(error)
  expect(simulated).toEqual(local)
})

function transactionOf(items: number, bytesEach: number) {
  const TransactItems = Array.from({ length: items }, (_, place): TransactWriteItem => {
    const Item = itemOf(`item ${String(place).padStart(3, '0')}`, bytesEach)
    return { Put: { TableName: pair.tableName, Item } }
  })
  return new TransactWriteItemsCommand({ TransactItems })
}

test.each([
  ['a transaction of 100 items is done', 100, 60, undefined],
  ['a transaction of 101 items is not', 101, 60, 'ValidationException'],
  ['a transaction of nearly 4 MB is done', 10, 400 * KB, undefined],
  ['a transaction of more than 4 MB is not', 11, 400 * KB, 'ValidationException'],
])('%s', async (_, items, bytesEach, error) => {
  const command = transactionOf(items, bytesEach)

  const { local, simulated } = await ask((client) => client.send(command))

  expect(simulated.error).toBe(error)
  expect(simulated.error).toBe(local.error)
})

test('no more than 100 items are read together', async () => {
  const getsOf = (items: number) => {
    const TransactItems = Array.from({ length: items }, (_, place) => ({
      Get: { TableName: pair.tableName, Key: { pk: { S: PK }, sk: { S: `${place}` } } },
    }))
    return new TransactGetItemsCommand({ TransactItems })
  }

  const most = await ask((client) => client.send(getsOf(100)))
  const more = await ask((client) => client.send(getsOf(101)))

  expect(most.simulated).toEqual(most.local)
  expect(more.simulated.error).toBe('ValidationException')
  expect(more.simulated.error).toBe(more.local.error)
})

test.each([true, false])(
  'pages end after 1 MB, and go on where they ended (forwards: %s)',
  async (forwards) => {
    for (const sk of ['p1', 'p2', 'p3', 'p4', 'p5', 'p6']) {
      await ask((client) => client.send(putOf(sk, 300 * KB)))
    }

    const pages = await pagesOf({ ScanIndexForward: forwards })

    expect(pages.length).toBeGreaterThan(1)
    expect(pages.map(({ simulated }) => simulated)).toEqual(pages.map(({ local }) => local))
  },
)

test.each([1, 2, 3, 7])('pages of %i items hold what they should', async (Limit) => {
  for (const sk of ['p1', 'p2', 'p3', 'p4', 'p5', 'p6']) {
    await ask((client) => client.send(putOf(sk, 60)))
  }

  const pages = await pagesOf({ Limit, ProjectionExpression: 'sk' })

  expect(pages.map(({ simulated }) => simulated)).toEqual(pages.map(({ local }) => local))
})

/** Each by its keys, and where it ended. Follows the simulator's positions. */
async function pagesOf(
  more: Partial<QueryCommandInput>,
): Promise<{ local: Told; simulated: Told }[]> {
  const pages: { local: Told; simulated: Told }[] = []
  let start: QueryCommandInput['ExclusiveStartKey']
  do {
    const command = new QueryCommand({
      TableName: pair.tableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :p)',
      ExpressionAttributeValues: { ':pk': { S: PK }, ':p': { S: 'p' } },
      ExclusiveStartKey: start,
      ...more,
    })
    let next: QueryCommandInput['ExclusiveStartKey']
    const page = await ask(async (client) => {
      const output: QueryCommandOutput = await client.send(command)
      next = output.LastEvaluatedKey
      return { keys: output.Items?.map(({ sk }) => sk?.S), next }
    })
    pages.push(page)
    start = next
  } while (start)
  return pages
}

test('what is stored is told as it was stored', async () => {
  const Item = {
    ...itemOf('all', 40),
    n: { N: '1.50' },
    b: { B: new Uint8Array([0, 1, 255]) },
    l: { L: [{ NULL: true as const }, { BOOL: false }, { M: { deep: { N: '2' } } }] },
    empty: { S: '' },
  }
  const Key = { pk: { S: PK }, sk: { S: 'all' } }
  await ask((client) => client.send(new PutItemCommand({ TableName: pair.tableName, Item })))

  const { local, simulated } = await ask((client) =>
    client.send(new GetItemCommand({ TableName: pair.tableName, Key })),
  )

  expect(simulated.output).toMatchObject({ Item: { n: { N: '1.5' } } })
  expect(simulated).toEqual(local)
})
