import { randomUUID } from 'node:crypto'
import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { beforeEach, expect, test } from 'vitest'
import { auditRecords } from '../../lib/audit/audit-records.ts'
import { readSupply } from '../../lib/audit/books.ts'
import { findViolations } from '../../lib/audit/invariants.ts'
import { type Rebuilt, rebuild } from '../../lib/audit/rebuild.ts'
import { imbalance } from '../../lib/audit/supply.ts'
import type { Command } from '../../lib/ledger/command.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { LEDGER_TABLE } from '../../lib/store/tables.ts'
import { createTable } from '../../local/tables.ts'
import { openTestAudit, type TestAudit } from '../support/audit.ts'
import {
  ALICE,
  GOLD,
  openStreamedLedger,
  origin,
  posting,
  readContents,
  type TestLedger,
} from '../support/ledger.ts'
import { recount } from '../support/recount.ts'
import { readStream } from '../support/stream.ts'

/** What docs/deploy.md tells to do after a restore, and what it says will come of it. */

const topup = (wallet: string, amount: number): Command => ({
  type: 'TOPUP',
  postings: [posting('@treasury', wallet, GOLD, amount)],
})
const spend: Command = { type: 'SPEND', postings: [posting('alice', '@treasury', GOLD, 30)] }

let former: TestLedger
let restored: TestLedger
let audit: TestAudit

/** All that was there up to a moment, in a table of its own; the audit has seen what came after it, too. */
beforeEach(async () => {
  former = await openStreamedLedger()
  await post(former, topup('alice', 100), origin('before'))
  await post(former, topup('bob', 50), origin('quiet'))
  restored = await copyOf(former)
  await post(former, spend, origin('after'))
  audit = await openTestAudit(former)
  await audit.audit(await readStream(former))
})

async function copyOf({ client, tableName, effects }: TestLedger): Promise<TestLedger> {
  const copy = `Ledger-${randomUUID()}`
  await createTable(client, LEDGER_TABLE, copy)
  const { Items = [] } = await client.send(new ScanCommand({ TableName: tableName }))
  for (const Item of Items) await client.send(new PutItemCommand({ TableName: copy, Item }))
  const store = openLedgerStore({ client, tableName: copy })
  return { ...openLedger(store, effects), client, tableName: copy }
}

function rebuildFromRestored(): Promise<Rebuilt> {
  return rebuild({
    projector: { ...audit.projector, ledger: restored.store },
    balances: restored.store.scanBalances(),
    isTelling: false,
    settle: async () => {},
    now: Date.now,
    sleep: async () => {},
    onProgress: () => {},
  })
}

async function projectedSupply() {
  return (await readSupply(audit.table, GOLD)).supply
}

test('what is restored is whole, and what came after it never happened', async () => {
  const contents = await readContents(restored.client, restored.tableName)

  expect(findViolations(contents)).toEqual([])
  expect(contents.transactions).toHaveLength(2)
})

test('a key from before the moment still has its answer; one from after it is free, and moves money again', async () => {
  const before = await post(restored, topup('alice', 100), origin('before'))
  const after = await post(restored, spend, origin('after'))

  expect(before).toMatchObject({ kind: 'posted', replayed: true })
  expect(after).toMatchObject({ kind: 'posted', replayed: false })
})

test('what is sent again gets the id that it had', async () => {
  const [first, again] = [
    await post(former, spend, origin('after')),
    await post(restored, spend, origin('after')),
  ]

  if (first.kind !== 'posted' || again.kind !== 'posted') throw new Error('declined')
  expect(again.transaction.id).toBe(first.transaction.id)
})

test('a rebuild takes the projections back to it, and flags each balance that had gone further', async () => {
  const { broken } = await rebuildFromRestored()

  const contents = await readContents(restored.client, restored.tableName)
  const supply = await projectedSupply()
  expect([imbalance(supply), supply.inWallets]).toEqual([0n, recount(contents).inWallets(GOLD)])
  expect(broken).toEqual([{ balance: 'alice#GOLD_COINS', reason: 'entry 2 is not in the ledger' }])
  const flags = await audit.table.listFlags({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 10 })
  expect(flags.items).toMatchObject([{ walletId: ALICE, rule: 'UNEXPLAINED_CHANGE' }])
})

test('a second rebuild finds nothing', async () => {
  await rebuildFromRestored()

  expect((await rebuildFromRestored()).broken).toEqual([])
})

test('from then on, the audit follows the restored ledger', async () => {
  await rebuildFromRestored()
  // A restored table has no stream until it is given one, and what it was restored with is in none.
  const { length } = await readStream(restored)
  await post(restored, topup('alice', 7), origin())

  const records = (await readStream(restored)).slice(length)
  const following = { ...audit.options, projector: { ...audit.projector, ledger: restored.store } }
  const { projected, unexplained } = await auditRecords(following, records)

  const contents = await readContents(restored.client, restored.tableName)
  expect([projected, unexplained]).toEqual([1, []])
  expect((await projectedSupply()).inWallets).toBe(recount(contents).inWallets(GOLD))
})
