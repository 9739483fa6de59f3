import { type DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditRecords } from '../../lib/audit/audit-records.ts'
import { readSupply } from '../../lib/audit/books.ts'
import { STREAM_MAPPING } from '../../lib/audit/stream-mapping.ts'
import { imbalance } from '../../lib/audit/supply.ts'
import { openAuditTable } from '../../lib/audit/table/audit-table.ts'
import { realEffects } from '../../lib/ledger/effects.ts'
import { balanceName } from '../../lib/money/posting.ts'
import { AUDIT_TABLE } from '../../lib/store/tables.ts'
import { type LocalDynamoDb, startDynamoDb } from '../../local/dynamodb.ts'
import { startEventSource } from '../../local/event-source.ts'
import { openLocalStreamsClient, streamArnOf } from '../../local/event-source-stream.ts'
import { createTable } from '../../local/tables.ts'
import { openTestAudit } from '../support/audit.ts'
import { makeHistory } from '../support/history.ts'
import { GEMS, GOLD, openStreamedLedger, readContents, type TestLedger } from '../support/ledger.ts'
import { recount } from '../support/recount.ts'

const STEPS = Number(process.env['STEPS'] ?? 20_000)
const WALLETS = 200
const PARALLEL = 32

let dynamoDb: LocalDynamoDb
let ledger: TestLedger

beforeAll(async () => {
  dynamoDb = await startDynamoDb({})
  ledger = await openStreamedLedger(realEffects, dynamoDb.client)
})

afterAll(async () => {
  await dynamoDb.stop()
})

/** A client that counts what the projector writes. */
function counting(client: DynamoDBClient) {
  const counts = { transactions: 0, items: 0, others: 0 }
  const send = (command: Parameters<DynamoDBClient['send']>[0]) => {
    if (command instanceof TransactWriteItemsCommand) {
      counts.transactions += 1
      counts.items += command.input.TransactItems?.length ?? 0
    } else if (/Put|Update|Delete/.test(command.constructor.name)) {
      counts.others += 1
    }
    return client.send(command)
  }
  return { counts, client: { send } as Pick<DynamoDBClient, 'send'> }
}

test(`${STEPS} mixed transactions, projected while they are made, equal a recount of the ledger`, async () => {
  await createTable(dynamoDb.client, AUDIT_TABLE, 'Audit-scale')
  const { counts, client } = counting(dynamoDb.client)
  const audit = await openTestAudit(ledger, {
    table: openAuditTable({ client, tableName: 'Audit-scale' }),
  })
  let records = 0
  const source = startEventSource({
    client: openLocalStreamsClient(dynamoDb.endpoint),
    streamArn: await streamArnOf(dynamoDb.client, ledger.tableName),
    mapping: STREAM_MAPPING,
    async handler({ Records }) {
      records += Records.length
      const { failed } = await auditRecords(audit.options, Records)
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }
    },
    onFailure: async () => {
      throw new Error('a batch was given up')
    },
  })
  const startedAt = performance.now()
  let worstLagMs = 0
  const watch = setInterval(() => {
    worstLagMs = Math.max(worstLagMs, source.lag())
  }, 100)

  await makeHistory(ledger, { seed: 20, steps: STEPS, wallets: WALLETS, parallel: PARALLEL })
  const writtenAt = performance.now()
  await source.idle()
  const doneAt = performance.now()
  clearInterval(watch)
  await source.stop()

  const contents = await readContents(ledger.client, ledger.tableName)
  const expected = recount(contents)
  for (const asset of [GOLD, GEMS]) {
    const ours = (await readSupply(audit.projector.table, asset)).supply
    expect([imbalance(ours), ours.inTransit]).toEqual([0n, 0n])
    expect([ours.inWallets, ours.held]).toEqual([expected.inWallets(asset), expected.held(asset)])
    expect(ours.issued).toEqual(expected.issued(asset))
    expect(ours.burned).toEqual(expected.burned(asset))
    expect(ours.accounts).toEqual(expected.accounts(asset))
  }
  const totals: Record<string, object> = {}
  for (const balance of contents.balances) {
    const projection = await audit.projector.table.readProjection(1, balance)
    for (const [type, { count, in: came, out }] of Object.entries(projection?.totals ?? {})) {
      totals[`${balanceName(balance)} ${type}`] = { count, in: came, out }
    }
  }
  expect(totals).toEqual(expected.totals())

  const seconds = (ms: number) => (ms / 1000).toFixed(1)
  process.stdout.write(
    [
      `${contents.transactions.length} transactions, ${contents.entries.length} entries, ${records} records`,
      `written in ${seconds(writtenAt - startedAt)} s, projected ${seconds(doneAt - writtenAt)} s after the last`,
      `${Math.round((1000 * records) / (doneAt - startedAt))} records a second; the longest wait was ${Math.round(worstLagMs)} ms`,
      `${((counts.items + counts.others) / records).toFixed(2)} items written for each record, in ${(counts.transactions / records).toFixed(2)} transactions`,
      '',
    ].join('\n'),
  )
})
