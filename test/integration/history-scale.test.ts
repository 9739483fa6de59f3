import { BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Meter, startMeter } from '../../bench/meter/meter.ts'
import { realEffects } from '../../lib/ledger/effects.ts'
import { findEntryAt, type HistoryQuery, listEntries } from '../../lib/ledger/history.ts'
import { verifyChain } from '../../lib/ledger/verify.ts'
import { TREASURY, type WalletId } from '../../lib/money/account.ts'
import { type Balance, type Entry, unopenedBalance } from '../../lib/money/balance.ts'
import { hashEntry } from '../../lib/money/chain.ts'
import { transactionId } from '../../lib/money/transaction.ts'
import { toAttributes } from '../../lib/store/attributes.ts'
import { balanceItem, entryItem, type Item } from '../../lib/store/items.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { type LocalDynamoDb, openLocalClient, startDynamoDb } from '../../local/dynamodb.ts'
import { GOLD, openTestLedger, type TestLedger } from '../support/ledger.ts'

const LONG = { id: 'long-history' as WalletId, entries: 100_000 }
const SHORT = { id: 'tiny-history' as WalletId, entries: 100 }
const START = Date.parse('2026-01-01T00:00:00Z')
const STEP_MS = 60_000
const BATCH = 25
const AT_ONCE = 8

let dynamoDb: LocalDynamoDb
let meter: Meter
let ledger: TestLedger

// A database of its own: what it takes to write this would slow down every other test.
beforeAll(async () => {
  dynamoDb = await startDynamoDb({})
  meter = await startMeter(dynamoDb.endpoint)
  ledger = await openTestLedger(realEffects, dynamoDb.client)
  await write(historyOf(LONG.id, LONG.entries))
  await write(historyOf(SHORT.id, SHORT.entries))
}, 300_000)

afterAll(async () => {
  await meter.stop()
  await dynamoDb.stop()
})

/** A balance and every entry that led to it: real ones, only not written one transaction at a time. */
function* historyOf(walletId: WalletId, count: number): Generator<Item> {
  let balance: Balance = unopenedBalance({ walletId, asset: GOLD })
  let entry: Entry | undefined
  for (let seq = 1; seq <= count; seq += 1) {
    const body: Omit<Entry, 'hash'> = {
      walletId,
      asset: GOLD,
      seq,
      at: START + seq * STEP_MS,
      transactionId: transactionId('scale', `${walletId}-${seq}`),
      type: 'TOPUP',
      availableDelta: 7,
      heldDelta: 0,
      available: balance.available + 7,
      held: 0,
      postings: [{ counterparty: TREASURY, amount: 7 }],
      reference: undefined,
      prevHash: balance.head,
    }
    entry = { ...body, hash: hashEntry(body) }
    balance = { ...balance, available: entry.available, seq, at: entry.at, head: entry.hash }
    yield entryItem(entry)
  }
  if (entry) yield balanceItem(balance, entry)
}

async function write(items: Generator<Item>): Promise<void> {
  const worker = async () => {
    for (let batch = takeFrom(items); batch.length > 0; batch = takeFrom(items)) {
      let pending: WriteRequest[] = batch
      while (pending.length > 0) {
        const { UnprocessedItems } = await ledger.client.send(
          new BatchWriteItemCommand({ RequestItems: { [ledger.tableName]: pending } }),
        )
        pending = UnprocessedItems?.[ledger.tableName] ?? []
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

function takeFrom(items: Generator<Item>): WriteRequest[] {
  const batch: WriteRequest[] = []
  while (batch.length < BATCH) {
    const { value, done } = items.next()
    if (done) break
    batch.push({ PutRequest: { Item: toAttributes(value) } })
  }
  return batch
}

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
  const { result: entry, bill } = await meter.billOf(() =>
    findEntryAt(meteredStore(), { walletId, asset: GOLD }, at, false),
  )
  return { bill, seq: entry?.seq }
}

const down = (from: number) => Array.from({ length: 25 }, (_, index) => from - index)

test('the newest page of 100,000 entries costs what that of 100 costs: one query', async () => {
  const long = await pageBill(LONG.id, {})
  const short = await pageBill(SHORT.id, {})

  expect(long.bill).toEqual(short.bill)
  expect(long.bill.requests).toBe(1)
  expect(long.seqs).toEqual(down(LONG.entries))
})

test('a page from the middle, by time, costs the same, in both directions', async () => {
  const middle = (entries: number) => START + (entries / 2) * STEP_MS

  const long = await pageBill(LONG.id, { to: middle(LONG.entries) + 1 })
  const longUp = await pageBill(LONG.id, { from: middle(LONG.entries), order: 'asc' })
  const short = await pageBill(SHORT.id, { to: middle(SHORT.entries) + 1 })
  const shortUp = await pageBill(SHORT.id, { from: middle(SHORT.entries), order: 'asc' })

  expect([long.bill, longUp.bill]).toEqual([short.bill, shortUp.bill])
  expect(long.bill.requests).toBe(1)
  expect(long.seqs).toEqual(down(LONG.entries / 2))
  expect(longUp.seqs).toEqual(down(LONG.entries / 2 + 24).toReversed())
})

test('the balance at a time costs the same', async () => {
  const long = await atBill(LONG.id, START + 61_803.5 * STEP_MS)
  const short = await atBill(SHORT.id, START + 61.5 * STEP_MS)

  expect(long.bill).toEqual(short.bill)
  expect(long.bill.requests).toBe(1)
  expect([long.seq, short.seq]).toEqual([61_803, 61])
})

test('the whole chain of 100,000 entries verifies', async () => {
  const verified = await verifyChain(ledger.store, { walletId: LONG.id, asset: GOLD })

  expect(verified).toMatchObject({
    kind: 'verified',
    entries: LONG.entries,
    firstBreak: undefined,
  })
})
