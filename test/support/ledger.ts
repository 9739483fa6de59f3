import { randomUUID } from 'node:crypto'
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { expect, inject } from 'vitest'
import { createContentsReader } from '../../lib/audit/contents.ts'
import type { LedgerContents } from '../../lib/audit/invariants.ts'
import { type Effects, realEffects } from '../../lib/ledger/effects.ts'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
import type { Account, WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import type { Posting } from '../../lib/money/posting.ts'
import type { Item } from '../../lib/store/items.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { LEDGER_TABLE, type TableDefinition } from '../../lib/store/tables.ts'
import { LOCAL_AWS_ENVIRONMENT } from '../../local/dynamodb.ts'
import { createTable } from '../../local/tables.ts'

export const GOLD = 'GOLD_COINS' as AssetCode
export const GEMS = 'DIAMONDS' as AssetCode
export const ALICE = 'alice' as WalletId

export interface TestLedger extends Ledger {
  readonly client: DynamoDBClient
  readonly tableName: string
}

export function openTestClient(): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: inject('dynamoDbEndpoint'),
    region: LOCAL_AWS_ENVIRONMENT.AWS_REGION,
    credentials: {
      accessKeyId: LOCAL_AWS_ENVIRONMENT.AWS_ACCESS_KEY_ID,
      secretAccessKey: LOCAL_AWS_ENVIRONMENT.AWS_SECRET_ACCESS_KEY,
    },
  })
}

/** Each write has DynamoDB Local look through the streams of all tables that came before. */
const WITHOUT_STREAM: TableDefinition = { ...LEDGER_TABLE, stream: undefined }

/** An empty ledger in a table of its own, with gold and gems registered. Its stream is left out: few read it. */
export async function openTestLedger(
  effects: Effects = realEffects,
  client: DynamoDBClient = openTestClient(),
): Promise<TestLedger> {
  return openLedgerIn(WITHOUT_STREAM, effects, client)
}

/** One whose stream is read. */
export async function openStreamedLedger(
  effects: Effects = realEffects,
  client: DynamoDBClient = openTestClient(),
): Promise<TestLedger> {
  return openLedgerIn(LEDGER_TABLE, effects, client)
}

async function openLedgerIn(
  definition: TableDefinition,
  effects: Effects,
  client: DynamoDBClient,
): Promise<TestLedger> {
  const tableName = `Ledger-${randomUUID()}`
  await createTable(client, definition, tableName)
  const store = openLedgerStore({ client, tableName })
  for (const code of [GOLD, GEMS]) {
    await store.putAsset({ code, name: code, scale: 0, active: true })
  }
  return { ...openLedger(store, effects), client, tableName }
}

/** DynamoDB Local grows slow with hundreds of tables; who makes many takes them away again. */
export async function dropTestLedger({ client, tableName }: TestLedger): Promise<void> {
  await client.send(new DeleteTableCommand({ TableName: tableName }))
  client.destroy()
}

let requests = 0

/** A request of its own, unless a key is given. */
export function origin(idempotencyKey: string = randomUUID(), client = 'test') {
  requests += 1
  return { client, idempotencyKey, requestId: `request-${requests}` }
}

export function posting(from: string, to: string, asset: AssetCode, amount: number): Posting {
  return { from: from as Account, to: to as Account, asset, amount: toAmount(amount) }
}

export async function scanItems(client: DynamoDBClient, tableName: string): Promise<Item[]> {
  const items: Item[] = []
  for await (const page of openLedgerStore({ client, tableName }).scan()) items.push(...page)
  return items
}

/** Everything in the table, as the audit sees it. What it cannot read fails the test. */
export async function readContents(
  client: DynamoDBClient,
  tableName: string,
): Promise<LedgerContents> {
  const reader = createContentsReader()
  reader.add(await scanItems(client, tableName))
  expect(reader.unreadable).toEqual([])
  return reader.contents
}
