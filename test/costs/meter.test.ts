import {
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { type Meter, startMeter } from '../../bench/meter/meter.ts'
import { openLocalClient } from '../../local/dynamodb.ts'
import { openTestLedger, type TestLedger } from '../support/ledger.ts'

let ledger: TestLedger
let meter: Meter

beforeEach(async () => {
  ledger = await openTestLedger()
  meter = await startMeter(inject('dynamoDbEndpoint'))
})

afterEach(() => meter.stop())

const Key = { pk: { S: 'W#alice' }, sk: { S: 'P' } }
/** 2 + 7, 2 + 1 and 4 + 32 bytes: on the wire, the last are 44 letters of base64. */
const Item = { ...Key, hash: { B: new Uint8Array(32) } }
const ITEM_BYTES = 48

const isNew = 'attribute_not_exists(pk)'

test('what goes through it is done, answered and billed', async () => {
  const client = openLocalClient(meter.endpoint)
  const { tableName: TableName } = ledger

  const put = await meter.billOf(() => client.send(new PutItemCommand({ TableName, Item })))
  const got = await meter.billOf(() => client.send(new GetItemCommand({ TableName, Key })))

  expect(put.bill).toMatchObject({ requests: 1, writeUnits: 1, largestItemBytes: ITEM_BYTES })
  expect(got.result.Item).toEqual(Item)
  expect(got.bill).toMatchObject({ requests: 1, readUnits: 0.5, writeUnits: 0 })
})

test('what DynamoDB refuses is refused, is billed, and leaves nothing', async () => {
  const client = openLocalClient(meter.endpoint)
  const put = { TableName: ledger.tableName, Item, ConditionExpression: isNew }
  await client.send(new PutItemCommand(put))

  const { result, bill } = await meter.billOf(() =>
    client.send(new PutItemCommand(put)).catch((error: Error) => error.name),
  )

  expect(result).toBe('ConditionalCheckFailedException')
  expect(bill).toMatchObject({ writeUnits: 1, storedBytes: 0, largestItemBytes: 0 })
})

test.each([
  ['Scan', (TableName: string) => new ScanCommand({ TableName })],
  ['DescribeTable', (TableName: string) => new DescribeTableCommand({ TableName })],
])('there is no bill with a %s left out of it', async (name, commandOn) => {
  const client = openLocalClient(meter.endpoint)
  // Two kinds of commands, which `send` takes one by one only.
  const command = commandOn(ledger.tableName) as ScanCommand

  const billed = meter.billOf(() => client.send(command).catch(() => undefined))

  await expect(billed).rejects.toThrow(`the meter does not know what ${name} costs`)
})
