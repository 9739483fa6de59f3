import {
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPair, type Pair, type Question } from './differential/pair.ts'

/** Everything that an update can say, each by itself, and what the item is after it. */

const ITEM = {
  count: { N: '5' },
  text: { S: 'old' },
  letters: { SS: ['a', 'b', 'c'] },
  digits: { NS: ['1', '2'] },
  blobs: { BS: [Buffer.from([1]), Buffer.from([2])] },
  rows: { L: ['0', '1', '2', '3', '4'].map((N) => ({ N })) },
  tree: { M: { leaf: { N: '1' }, branch: { M: { leaf: { S: 'x' } } } } },
}
const VALUES = {
  ':n': { N: '2' },
  ':d': { N: '0.1' },
  ':s': { S: 'new' },
  ':l': { L: [{ S: 'z' }] },
  ':ss': { SS: ['b', 'd'] },
  ':ns': { NS: ['2', '3'] },
  ':bs': { BS: [Buffer.from([2]), Buffer.from([3])] },
  ':all': { SS: ['a', 'b', 'c'] },
}
const Key = { pk: { S: 'W#alice' }, sk: { S: 'updates' } }
let pair: Pair

beforeAll(async () => {
  pair = await openPair()
})

afterAll(() => pair.close())

function ask(send: Question['send']) {
  return pair.ask({ send, isOrdered: true })
}

/** Only what is named: DynamoDB takes nothing else. */
function inputOf(UpdateExpression: string): UpdateItemCommandInput {
  const words = UpdateExpression.split(/[^\w:]+/)
  const used = Object.entries(VALUES).filter(([name]) => words.includes(name))
  return {
    TableName: pair.tableName,
    Key,
    UpdateExpression: UpdateExpression.replaceAll('count', '#count').replaceAll('text', '#text'),
    ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
    ...(/count|text/.test(UpdateExpression) && {
      ExpressionAttributeNames: {
        ...(UpdateExpression.includes('count') && { '#count': 'count' }),
        ...(UpdateExpression.includes('text') && { '#text': 'text' }),
      },
    }),
  }
}

const UPDATES = [
  'SET x = :s',
  'SET x = text, text = :s',
  'SET x = text, y = count',
  'SET count = count + :n',
  'SET count = count - :n',
  'SET count = :n - count',
  'SET count = count + :d',
  'SET count = count + count',
  'SET x = if_not_exists(x, :n) + :n',
  'SET count = if_not_exists(count, :n)',
  'SET x = if_not_exists(y, text)',
  'SET rows = list_append(rows, :l)',
  'SET rows = list_append(:l, rows)',
  'SET x = list_append(if_not_exists(x, :l), :l)',
  'SET rows[1] = :s',
  'SET rows[9] = :s',
  'SET rows[9] = :s, rows[7] = :n',
  'SET rows[0] = rows[4], rows[4] = rows[0]',
  'SET tree.leaf = :s',
  'SET tree.fresh = :s, tree.branch.leaf = :n',
  'SET tree.branch = :s',
  'SET tree.leaf = tree.leaf + :n',
  'SET letters = :ns',
  'REMOVE x',
  'REMOVE text, tree.leaf',
  'REMOVE rows[0]',
  'REMOVE rows[0], rows[1]',
  'REMOVE rows[3], rows[1], rows[0]',
  'REMOVE rows[9]',
  'REMOVE rows',
  'ADD count :n',
  'ADD count :d',
  'ADD x :n',
  'ADD letters :ss',
  'ADD digits :ns',
  'ADD blobs :bs',
  'ADD x :ss',
  'ADD tree.leaf :n',
  'DELETE letters :ss',
  'DELETE letters :all',
  'DELETE digits :ns',
  'DELETE blobs :bs',
  'DELETE x :ss',
  'SET text = :s REMOVE tree.leaf ADD count :n DELETE letters :ss',
  'SET rows[1] = :s REMOVE rows[3], rows[2]',
  // What cannot be done.
  'SET x = y',
  'SET x = text + :n',
  'SET x = list_append(text, :l)',
  'SET text.leaf = :s',
  'SET count[0] = :s',
  'SET x.leaf = :s',
  'ADD text :n',
  'ADD count :ss',
  'ADD letters :ns',
  'DELETE count :ss',
  'DELETE digits :ss',
  'REMOVE x.leaf',
]

test.each(UPDATES)(
  '%s makes of an item what it makes of it in DynamoDB Local',
  async (expression) => {
    const put = new PutItemCommand({ TableName: pair.tableName, Item: { ...Key, ...ITEM } })
    const update = new UpdateItemCommand(inputOf(expression))
    const get = new GetItemCommand({ TableName: pair.tableName, Key, ConsistentRead: true })
    await ask((client) => client.send(put))

    const said = await ask((client) => client.send(update))
    const item = await ask((client) => client.send(get))

    expect(said.simulated.error).toBe(said.local.error)
    expect(item.simulated).toEqual(item.local)
  },
)

test.each(UPDATES)('%s makes of nothing what it makes of it there', async (expression) => {
  const fresh = { ...Key, sk: { S: `fresh ${expression}` } }
  const update = new UpdateItemCommand({ ...inputOf(expression), Key: fresh })
  const get = new GetItemCommand({ TableName: pair.tableName, Key: fresh, ConsistentRead: true })

  const said = await ask((client) => client.send(update))
  const item = await ask((client) => client.send(get))

  expect(said.simulated.error).toBe(said.local.error)
  expect(item.simulated).toEqual(item.local)
})
