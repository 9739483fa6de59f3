import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { planSpends } from '../../bench/end-to-end/plan-ahead.ts'
import { type LongHistory, writeHistory } from '../../bench/growth/long-history.ts'
import { OTHER, REQUESTS } from '../../bench/growth/requests.ts'
import { type Meter, startMeter } from '../../bench/meter/meter.ts'
import { findViolations } from '../../lib/audit/invariants.ts'
import { realEffects } from '../../lib/ledger/effects.ts'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { verbCommand } from '../../lib/ledger/verbs.ts'
import { verifyChain } from '../../lib/ledger/verify.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { openLocalClient } from '../../local/dynamodb.ts'
import { GOLD, openTestLedger, origin, readContents, type TestLedger } from '../support/ledger.ts'

const SHORT: LongHistory = { walletId: 'short' as WalletId, asset: GOLD, entries: 10 }
const MIDDLE: LongHistory = { walletId: 'middle' as WalletId, asset: GOLD, entries: 60 }
const LONG: LongHistory = { walletId: 'long' as WalletId, asset: GOLD, entries: 600 }
const SPENDS = 5

let meter: Meter
let ledger: TestLedger
let metered: Ledger
let client: ReturnType<typeof openLocalClient>

beforeAll(async () => {
  meter = await startMeter(inject('dynamoDbEndpoint'))
  ledger = await openTestLedger()
  for (const history of [SHORT, LONG]) await writeHistory(ledger.client, ledger.tableName, history)
  await topUp(OTHER)
  client = openLocalClient(meter.endpoint)
  metered = openLedger(openLedgerStore({ client, tableName: ledger.tableName }), realEffects)
  metered.knownAssets.add(GOLD)
})

afterAll(async () => {
  client.destroy()
  await meter.stop()
})

function topUp(walletId: WalletId) {
  return post(
    ledger,
    verbCommand('topup', { walletId, asset: GOLD, amount: toAmount(100) }),
    origin(),
  )
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

test('a history that was written at once is one that could have been', async () => {
  const { kind } = await topUp(LONG.walletId)

  // A slow machine must not run out of time.
  const unhurried = { ...ledger, effects: { ...ledger.effects, now: () => 0 } }

  const verified = await verifyChain(unhurried, LONG)

  expect(kind).toBe('posted')
  expect(verified).toMatchObject({ kind: 'verified', entries: LONG.entries + 1 })
})

test('all of it is there, nothing is wrong with it, and who waits for it hears of each batch', async () => {
  const other = await openTestLedger()
  const told: number[] = []

  await writeHistory(other.client, other.tableName, MIDDLE, (items) => told.push(items))

  const contents = await readContents(other.client, other.tableName)
  const { wallets, balances, entries, transactions } = contents
  const items = [wallets, balances, entries, transactions].map(({ length }) => length)
  expect(items).toEqual([1, 1, MIDDLE.entries, MIDDLE.entries])
  expect(findViolations(contents)).toEqual([])
  expect(told.length).toBeGreaterThan(1)
  expect(sum(told)).toBe(sum(items))
})

test.each(REQUESTS)('$name costs with 600 entries what it costs with 10', async ({ send }) => {
  const bills = []
  for (const history of [SHORT, LONG]) {
    const { result, bill } = await meter.billOf(() => send(metered, history))
    expect(result.kind).toMatch(/^(posted|found|page)$/)
    bills.push({ ...bill, storedBytes: 0, largestItemBytes: 0 })
  }

  expect(bills[1]).toEqual(bills[0])
})

test('spends that were planned ahead are what the ledger would have sent', async () => {
  const other = await openTestLedger()
  const walletId = 'ahead' as WalletId
  const opened = verbCommand('topup', { walletId, asset: GOLD, amount: toAmount(100) })
  await post(other, opened, origin())
  const balance = await other.store.readBalance({ walletId, asset: GOLD }, true)
  if (!balance) throw new Error('it was opened')

  const planned = await planSpends(other.tableName, balance, SPENDS)
  for (const input of planned) await other.client.send(new TransactWriteItemsCommand(input))

  const contents = await readContents(other.client, other.tableName)
  expect(contents.transactions).toHaveLength(1 + SPENDS)
  expect(contents.balances).toMatchObject([{ available: 100 - SPENDS, seq: 1 + SPENDS }])
  expect(findViolations(contents)).toEqual([])
})
