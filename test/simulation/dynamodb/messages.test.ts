import {
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../random.ts'
import { FREE_IN_LOCAL, OTHER_WORDS } from './differential/known-differences.ts'
import { openPair, type Pair, type Question } from './differential/pair.ts'
import { RESERVED_WORDS } from './expressions/reserved-words.ts'

/** What a person would read who had made one of the mistakes that are easily made. */

let pair: Pair
const ALL_WORDS = process.env['DIFFERENTIAL_ALL_WORDS'] !== undefined
const SOME_WORDS = 20
const KEY = { pk: { S: 'W#alice' }, sk: { S: 'B#GOLD' } }
const ALICE = { ':pk': { S: 'W#alice' } }

beforeAll(async () => {
  pair = await openPair()
  await pair.ask(put({ ...KEY, available: { N: '5' }, status: { S: 'OPEN' } }))
})

afterAll(() => pair.close())

function put(Item: PutItemCommand['input']['Item']): Question {
  return sent((client) => client.send(new PutItemCommand({ TableName: pair.tableName, Item })))
}

function update(input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>): Question {
  const request = { TableName: pair.tableName, Key: KEY, ...input }
  return sent((client) => client.send(new UpdateItemCommand(request)))
}

function query(KeyConditionExpression: string, values: QueryCommand['input'] = pageOf()): Question {
  const input = { ...values, KeyConditionExpression }
  return sent((client) => client.send(new QueryCommand(input)))
}

function pageOf(more: object = {}) {
  return { TableName: pair.tableName, ExpressionAttributeValues: ALICE, ...more }
}

function sent(send: Question['send']): Question {
  return { send, isOrdered: true }
}

const one = { ':one': { N: '1' } }

test.each<[string, () => Question]>([
  [
    'a condition that does not hold',
    () => update({ ConditionExpression: 'attribute_not_exists(pk)' }),
  ],
  [
    'a condition that does not hold, with the item',
    () =>
      update({
        ConditionExpression: 'available < :one',
        ExpressionAttributeValues: one,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
  ],
  [
    'a transaction of which one item is not as it should be',
    () => {
      const TableName = pair.tableName
      const isNew = {
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      }
      const TransactItems = [
        { Put: { TableName, Item: { ...KEY, sk: { S: 'P' } }, ...isNew } },
        { Put: { TableName, Item: KEY, ...isNew } },
      ]
      return sent((client) => client.send(new TransactWriteItemsCommand({ TransactItems })))
    },
  ],
  [
    'a table that is not there',
    () => sent((client) => client.send(new GetItemCommand({ TableName: 'nowhere', Key: KEY }))),
  ],
  [
    'one key twice in a batch',
    () =>
      sent((client) =>
        client.send(
          new BatchGetItemCommand({ RequestItems: { [pair.tableName]: { Keys: [KEY, KEY] } } }),
        ),
      ),
  ],
  [
    'a reserved word',
    () => update({ UpdateExpression: 'SET status = :one', ExpressionAttributeValues: one }),
  ],
  [
    'a name that is not given',
    () => update({ UpdateExpression: 'SET #x = :one', ExpressionAttributeValues: one }),
  ],
  [
    'a value that is not given',
    () => update({ UpdateExpression: 'SET x = :two', ExpressionAttributeValues: one }),
  ],
  [
    'a value that is not used',
    () =>
      update({
        UpdateExpression: 'SET x = :one',
        ExpressionAttributeValues: { ...one, ':two': { N: '2' } },
      }),
  ],
  [
    'a name that is not used',
    () =>
      update({
        UpdateExpression: 'SET x = :one',
        ExpressionAttributeValues: one,
        ExpressionAttributeNames: { '#y': 'y' },
      }),
  ],
  ['no expression', () => update({ UpdateExpression: '' })],
  [
    'one section twice',
    () => update({ UpdateExpression: 'SET x = :one SET y = :one', ExpressionAttributeValues: one }),
  ],
  [
    'a change of the key',
    () => update({ UpdateExpression: 'SET sk = :one', ExpressionAttributeValues: one }),
  ],
  [
    'a sum of what is not there',
    () => update({ UpdateExpression: 'SET x = y + :one', ExpressionAttributeValues: one }),
  ],
  [
    'a sum of what is no number',
    () =>
      update({
        UpdateExpression: 'SET x = #s + :one',
        ExpressionAttributeValues: one,
        ExpressionAttributeNames: { '#s': 'status' },
      }),
  ],
  [
    'a place in what is no list',
    () => update({ UpdateExpression: 'SET available[0] = :one', ExpressionAttributeValues: one }),
  ],
  [
    'a place in the key',
    () =>
      update({
        UpdateExpression: 'SET x = :one',
        ConditionExpression: 'sk.x = :one',
        ExpressionAttributeValues: one,
      }),
  ],
  [
    'two changes of one attribute',
    () => update({ UpdateExpression: 'SET x = :one, x = :one', ExpressionAttributeValues: one }),
  ],
  ['a function that there is not', () => update({ ConditionExpression: 'is_there(x)' })],
  ['a function of too much', () => update({ ConditionExpression: 'attribute_exists(x, y)' })],
  ['parentheses without a use', () => update({ ConditionExpression: '((attribute_exists(x)))' })],
  ['a number that is none', () => put({ ...KEY, x: { N: 'much' } })],
  ['a set with nothing in it', () => put({ ...KEY, x: { SS: [] } })],
  ['a set with one thing twice', () => put({ ...KEY, x: { SS: ['a', 'a'] } })],
  ['a query of a part of the key that is not the first', () => query('sk = :pk')],
  ['a query of more than a key', () => query('pk = :pk AND begins_with(sk, :pk) AND sk = :pk')],
  ['a query with a range of partitions', () => query('pk > :pk')],
  [
    'a query that filters by its key',
    () => query('pk = :pk', pageOf({ FilterExpression: 'sk = :pk' })),
  ],
  [
    'a query of an index that there is not',
    () => query('pk = :pk', pageOf({ IndexName: 'ByColour' })),
  ],
  [
    'a range that is turned round',
    () =>
      query(
        'pk = :pk AND sk BETWEEN :pk AND :a',
        pageOf({ ExpressionAttributeValues: { ...ALICE, ':a': { S: 'A' } } }),
      ),
  ],
])('%s is told as DynamoDB Local tells it', async (_, question) => {
  const { local, simulated } = await pair.ask(question())

  expect(simulated.error).toBeDefined()
  expect(simulated).toEqual({ ...local, message: inWordsOfDynamoDb(local.message) })
})

function inWordsOfDynamoDb(message: string | undefined): string | undefined {
  return OTHER_WORDS.find(({ local }) => local === message)?.dynamoDb ?? message
}

test('DynamoDB Local reserves every word of the list, too', async () => {
  const random = seededRandom(1)
  const words = Array.from(RESERVED_WORDS).filter(
    () => ALL_WORDS || random.chance(SOME_WORDS / RESERVED_WORDS.size),
  )

  const answers = await Promise.all(
    words.map(async (word) => ({
      word,
      ...(await pair.ask(update({ UpdateExpression: `REMOVE ${word}` }))).local,
    })),
  )

  expect(words.length).toBeGreaterThan(SOME_WORDS / 3)
  // Words of the language of expressions are not even read as names.
  const taken = answers.filter(({ error }) => error === undefined).map(({ word }) => word)
  expect(taken.filter((word) => !FREE_IN_LOCAL.has(word))).toEqual([])
})
