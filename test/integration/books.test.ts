import { randomUUID } from 'node:crypto'
import { DeleteTableCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BooksSource, readBooks } from '../../lib/audit/books.ts'
import { imbalance } from '../../lib/audit/supply.ts'
import { type AuditTable, openAuditTable } from '../../lib/audit/table/audit-table.ts'
import { supplyPartition } from '../../lib/audit/table/keys.ts'
import { AUDIT_TABLE } from '../../lib/store/tables.ts'
import { createTable } from '../../local/tables.ts'
import { dropTestLedger, GEMS, GOLD, openTestLedger, type TestLedger } from '../support/ledger.ts'

/** What a look at the books says that comes while they are written. */

const tableName = `Audit-${randomUUID()}`
let ledger: TestLedger
let table: AuditTable

beforeAll(async () => {
  ledger = await openTestLedger()
  await createTable(ledger.client, AUDIT_TABLE, tableName)
  table = openAuditTable({ client: ledger.client, tableName, sleep: async () => {} })
})

afterAll(async () => {
  await ledger.client.send(new DeleteTableCommand({ TableName: tableName }))
  await dropTestLedger(ledger)
})

/** One of the two items of a step; the other one would make it right again. */
async function addToSum(generation: number, amount: number): Promise<void> {
  await ledger.client.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key: { pk: { S: supplyPartition(generation, GOLD, 3) }, sk: { S: 'S' } },
      UpdateExpression: 'ADD inWallets :amount',
      ExpressionAttributeValues: { ':amount': { N: String(amount) } },
    }),
  )
}

/** The table itself, and something that happens after its first look at gold. */
function during(happens: () => Promise<unknown>): BooksSource & { readonly looks: () => number } {
  let looks = 0
  return {
    store: ledger.store,
    looks: () => looks,
    audit: {
      ...table,
      async readSupplyShards(generation, code) {
        const supply = await table.readSupplyShards(generation, code)
        if (code === GOLD) looks += 1
        if (code === GOLD && looks === 1) await happens()
        return supply
      },
    },
  }
}

async function imbalances(source: BooksSource): Promise<Record<string, bigint>> {
  const { supplies } = await readBooks(source)
  return Object.fromEntries(Array.from(supplies, ([code, supply]) => [code, imbalance(supply)]))
}

test('a step that is seen half-way is looked at again, and is right', async () => {
  await addToSum(1, 5)
  const source = during(() => addToSum(1, -5))

  const seen = await imbalances(source)

  expect(seen).toEqual({ [GOLD]: 0n, [GEMS]: 0n })
  expect(source.looks()).toBe(2)
})

test('what is wrong stays wrong however often it is looked at, and that is not for ever', async () => {
  await addToSum(1, 5)
  const source = during(async () => {})

  const seen = await imbalances(source)

  expect(seen).toEqual({ [GOLD]: 5n, [GEMS]: 0n })
  expect(source.looks()).toBe(8)
})

test('projections that a rebuild takes away meanwhile are looked for where the new ones are', async () => {
  const before = await table.readGenerations()
  const source = during(() => table.writeGenerations(before, { current: 2, building: undefined }))

  const seen = await imbalances(source)

  expect(seen).toEqual({ [GOLD]: 0n, [GEMS]: 0n })
})
