import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ScanCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LEDGER_TABLE } from '../lib/store/tables.ts'
import { startDynamoDb } from './dynamodb.ts'
import { createTable } from './tables.ts'

const TRANSACTIONS = 10
const ITEMS_OF_EACH = 3

let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'strongbox-dynamodb-'))
})

afterEach(() => {
  rmSync(dataDir, { recursive: true })
})

/** Not in every run would something be missing: so there are some, of both kinds. */
test.each([1, 2, 3, 4])(
  'what was done is there after it was stopped, the last of it, too (%i)',
  async (run) => {
    const first = await startDynamoDb({ dataDir, isBusy: run % 2 === 0 })
    await createTable(first.client, LEDGER_TABLE)
    for (let n = 0; n < TRANSACTIONS; n += 1) {
      await first.client.send(
        new TransactWriteItemsCommand({
          TransactItems: Array.from({ length: ITEMS_OF_EACH }, (_, item) => ({
            Put: {
              TableName: LEDGER_TABLE.name,
              Item: { pk: { S: `T#${n}` }, sk: { S: String(item) } },
            },
          })),
        }),
      )
    }

    await first.stop()

    const second = await startDynamoDb({ dataDir })
    const { Count } = await second.client.send(new ScanCommand({ TableName: LEDGER_TABLE.name }))
    await second.stop()
    expect(Count).toBe(TRANSACTIONS * ITEMS_OF_EACH)
  },
)
