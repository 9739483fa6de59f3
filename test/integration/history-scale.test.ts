import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LongHistory, STEP_MS, timeOf, writeHistory } from '../../bench/growth/long-history.ts'
import { type Meter, startMeter } from '../../bench/meter/meter.ts'
import { realEffects } from '../../lib/ledger/effects.ts'
import { findBalance } from '../../lib/ledger/find-balance.ts'
import { type HistoryQuery, listEntries } from '../../lib/ledger/history.ts'
import { verifyChain } from '../../lib/ledger/verify.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { type LocalDynamoDb, openLocalClient, startDynamoDb } from '../../local/dynamodb.ts'
import { GOLD, openTestLedger, type TestLedger } from '../support/ledger.ts'

const LONG: LongHistory = {
  ...{ walletId: 'long-history' as WalletId, asset: GOLD },
  entries: 100_000,
}
const SHORT: LongHistory = { ...LONG, walletId: 'tiny-history' as WalletId, entries: 100 }

let dynamoDb: LocalDynamoDb
let meter: Meter
let ledger: TestLedger

// A database of its own: what it takes to write this would slow down every other test.
beforeAll(async () => {
  dynamoDb = await startDynamoDb({})
  meter = await startMeter(dynamoDb.endpoint)
  ledger = await openTestLedger(realEffects, dynamoDb.client)
  for (const history of [LONG, SHORT]) {
    await writeHistory(ledger.client, ledger.tableName, history)
  }
}, 300_000)

afterAll(async () => {
  await meter.stop()
  await dynamoDb.stop()
})

function meteredStore() {
  const client = openLocalClient(meter.endpoint)
  return openLedgerStore({ client, tableName: ledger.tableName })
}

async function pageBill(walletId: WalletId, range: Partial<HistoryQuery>) {
  const query = { walletId, asset: GOLD, order: 'desc', limit: 25, consistent: false } as const
  const { result: page, bill } = await meter.billOf(() =>
    listEntries(meteredStore(), { ...query, ...range }),
  )
  if (page.kind !== 'page') throw new Error(page.decline.code)
  return { bill, seqs: page.items.map(({ seq }) => seq) }
}

async function atBill(walletId: WalletId, at: number) {
  const query = { at, consistent: false, nowMs: Date.now() }
  const { result, bill } = await meter.billOf(() =>
    findBalance(meteredStore(), { walletId, asset: GOLD }, query),
  )
  return { bill, seq: result.kind === 'found' ? result.balance.seq : undefined }
}

const down = (from: number) => Array.from({ length: 25 }, (_, index) => from - index)

test('the newest page of 100,000 entries costs what that of 100 costs: one query', async () => {
  const long = await pageBill(LONG.walletId, {})
  const short = await pageBill(SHORT.walletId, {})

  expect(long.bill).toEqual(short.bill)
  expect(long.bill.requests).toBe(1)
  expect(long.seqs).toEqual(down(LONG.entries))
})

test('a page from the middle, by time, costs the same, in both directions', async () => {
  const middle = (entries: number) => timeOf(entries / 2)

  const long = await pageBill(LONG.walletId, { to: middle(LONG.entries) + 1 })
  const longUp = await pageBill(LONG.walletId, { from: middle(LONG.entries), order: 'asc' })
  const short = await pageBill(SHORT.walletId, { to: middle(SHORT.entries) + 1 })
  const shortUp = await pageBill(SHORT.walletId, { from: middle(SHORT.entries), order: 'asc' })

  expect([long.bill, longUp.bill]).toEqual([short.bill, shortUp.bill])
  expect(long.bill.requests).toBe(1)
  expect(long.seqs).toEqual(down(LONG.entries / 2))
  expect(longUp.seqs).toEqual(down(LONG.entries / 2 + 24).toReversed())
})

test('the balance at a time costs the same', async () => {
  const long = await atBill(LONG.walletId, timeOf(61_803) + STEP_MS / 2)
  const short = await atBill(SHORT.walletId, timeOf(61) + STEP_MS / 2)

  expect(long.bill).toEqual(short.bill)
  expect(long.bill.requests).toBe(1)
  expect([long.seq, short.seq]).toEqual([61_803, 61])
})

test('the whole chain of 100,000 entries verifies', async () => {
  // A slow machine must not run out of time.
  const unhurried = { ...ledger, effects: { ...ledger.effects, now: () => 0 } }

  const verified = await verifyChain(unhurried, { walletId: LONG.walletId, asset: GOLD })

  expect(verified).toMatchObject({
    kind: 'verified',
    entries: LONG.entries,
    firstBreak: undefined,
  })
})
