import { setTimeout } from 'node:timers/promises'
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
import { startSlowDatabase } from '../support/slow-database.ts'

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
const KEY_BYTES = 12
const LONG_ENOUGH_MS = 500

const isNew = 'attribute_not_exists(pk)'

/** DynamoDB Local wants to see something like a signature. */
const SIGNED = {
  authorization: 'AWS4-HMAC-SHA256 Credential=local/20261121/us-east-1/dynamodb/aws4_request',
  'content-type': 'application/x-amz-json-1.0',
}

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

test('what is sent again because its answer took too long is billed once, and whole', async () => {
  const database = await startSlowDatabase(inject('dynamoDbEndpoint'))
  const slowMeter = await startMeter(database.endpoint)
  const send = (attempt: number, signal?: AbortSignal) =>
    fetch(slowMeter.endpoint, {
      method: 'POST',
      headers: {
        ...SIGNED,
        'x-amz-target': 'DynamoDB_20120810.PutItem',
        'amz-sdk-invocation-id': 'the same for both',
        'amz-sdk-request': `attempt=${attempt}; max=2`,
      },
      body: JSON.stringify({ TableName: ledger.tableName, Item: Key }),
      ...(signal && { signal }),
    })

  try {
    const { result, bill } = await slowMeter.billOf(async () => {
      const hurry = new AbortController()
      const first = send(1, hurry.signal).catch((error: Error) => error.name)
      await database.isHolding
      hurry.abort()
      const second = send(2)
      // A meter that passes it on has its answer now; one that waits for the first one's has none.
      await Promise.race([second, setTimeout(LONG_ENOUGH_MS)])
      database.goOn()
      return [await first, (await second).status]
    })

    expect(result).toEqual(['AbortError', 200])
    expect(bill).toMatchObject({ requests: 1, writeUnits: 1, storedBytes: 100 + KEY_BYTES })
  } finally {
    await slowMeter.stop()
    await database.stop()
  }
})
