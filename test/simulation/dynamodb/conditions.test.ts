import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPair, type Pair } from './differential/pair.ts'
import type { Value } from './values.ts'

/** Every operator and function, on values of every type, that are there and that are not. */

const STORED: Readonly<Record<string, Value>> = {
  text: { S: 'b' },
  number: { N: '10' },
  bytes: { B: Buffer.from([1, 200]) },
  truth: { BOOL: true },
  nothing: { NULL: true },
  texts: { SS: ['a', 'b'] },
  numbers: { NS: ['1', '2'] },
  blobs: { BS: [Buffer.from([1])] },
  things: { L: [{ S: 'a' }, { N: '2' }, { L: [] }] },
  tree: { M: { a: { N: '1' }, b: { M: { c: { S: 'deep' } } } } },
}
const ASKED: readonly Value[] = [
  ...Object.values(STORED),
  { S: 'a' },
  { S: 'bb' },
  { N: '9' },
  { N: '10.0' },
  { N: '11' },
  { B: Buffer.from([1]) },
  { B: Buffer.from([2]) },
  { SS: ['b', 'a'] },
]
const PATHS = [...Object.keys(STORED), 'missing', 'things[0]', 'tree.a']

const Key = { pk: { S: 'W#alice' }, sk: { S: 'conditions' } }
let pair: Pair

beforeAll(async () => {
  pair = await openPair()
  const put = new PutItemCommand({ TableName: pair.tableName, Item: { ...Key, ...STORED } })
  await pair.ask({ send: (client) => client.send(put), isOrdered: true })
})

afterAll(() => pair.close())

/** Asks all of it at once. Answers those on which the two do not agree, and how often it held. */
async function compare(conditions: readonly { text: string; values: readonly Value[] }[]) {
  const answers = await Promise.all(
    conditions.map(async ({ text, values }) => {
      const given = Object.fromEntries(values.map((value, place) => [`:${'abc'[place]}`, value]))
      const command = new UpdateItemCommand({
        TableName: pair.tableName,
        Key,
        ConditionExpression: text,
        ...(values.length > 0 && { ExpressionAttributeValues: given }),
      })
      const answer = await pair.ask({ send: (client) => client.send(command), isOrdered: true })
      return { text, values, local: answer.local.error, simulated: answer.simulated.error }
    }),
  )
  return {
    unlike: answers.filter(({ local, simulated }) => local !== simulated),
    held: answers.filter(({ simulated }) => simulated === undefined).length,
    failed: answers.filter(({ simulated }) => simulated === 'ConditionalCheckFailedException')
      .length,
  }
}

const pairs = PATHS.flatMap((path) => ASKED.map((value) => ({ path, value })))

test.each(['=', '<>', '<', '<=', '>', '>='])(
  '%s holds where it holds in DynamoDB Local',
  async (operator) => {
    const conditions = pairs.map(({ path, value }) => ({
      text: `${path} ${operator} :a`,
      values: [value],
    }))

    const { unlike, held, failed } = await compare(conditions)

    expect(unlike).toEqual([])
    expect(Math.min(held, failed)).toBeGreaterThan(0)
  },
)

test.each(['begins_with', 'contains'])(
  '%s holds where it holds in DynamoDB Local',
  async (name) => {
    const conditions = pairs.map(({ path, value }) => ({
      text: `${name}(${path}, :a)`,
      values: [value],
    }))

    const { unlike, held, failed } = await compare(conditions)

    expect(unlike).toEqual([])
    expect(Math.min(held, failed)).toBeGreaterThan(0)
  },
)

test('so do those of what is there, of its type, and of its size', async () => {
  const sizes = ['0', '1', '2', '3'].map((N) => ({ N }))
  const types = ['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M'].map((S) => ({ S }))
  const conditions = PATHS.flatMap((path) => [
    { text: `attribute_exists(${path})`, values: [] },
    { text: `attribute_not_exists(${path})`, values: [] },
    ...types.map((type) => ({ text: `attribute_type(${path}, :a)`, values: [type] })),
    ...sizes.map((size) => ({ text: `size(${path}) = :a`, values: [size] })),
  ])

  const { unlike, held, failed } = await compare(conditions)

  expect(unlike).toEqual([])
  expect(Math.min(held, failed)).toBeGreaterThan(20)
})

test('so do ranges and lists, and all of them together', async () => {
  const [low, high] = [{ N: '9' }, { N: '10' }]
  const conditions = PATHS.flatMap((path) => [
    { text: `${path} BETWEEN :a AND :b`, values: [low, high] },
    { text: `${path} BETWEEN :a AND :b`, values: [high, { N: '12' }] },
    { text: `${path} IN (:a, :b, :c)`, values: [{ S: 'b' }, { N: '10.0' }, { SS: ['b', 'a'] }] },
    { text: `NOT ${path} = :a OR ${path} = :b`, values: [{ S: 'b' }, { N: '10' }] },
    { text: `NOT (${path} = :a OR ${path} = :b)`, values: [{ S: 'b' }, { N: '10' }] },
    { text: `${path} = :a OR ${path} = :b AND text = :c`, values: [low, high, { S: 'x' }] },
    { text: `text = number OR ${path} = text`, values: [] },
  ])

  const { unlike, held, failed } = await compare(conditions)

  expect(unlike).toEqual([])
  expect(Math.min(held, failed)).toBeGreaterThan(20)
})
