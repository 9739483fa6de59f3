import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import type { Account, WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import { type Balance, type Entry, unopenedBalance } from '../money/balance.ts'
import { hashEntry } from '../money/chain.ts'
import type { TransactionId } from '../money/transaction.ts'
import { toAttributes } from '../store/attributes.ts'
import { entryItem } from '../store/items.ts'
import { openLedgerStore } from '../store/ledger-store.ts'
import { itemBytes } from '../store/sizes.ts'
import { VERIFY_BUDGET_MS, verifyChain } from './verify.ts'

const ID = { walletId: 'prize-pool' as WalletId, asset: 'GOLD_COINS' as AssetCode }
/** DynamoDB ends a page here. */
const PAGE_BYTES = 1024 * 1024
/** As long as two ids may be, so that an entry is as large as it can be: 40 postings. */
const POSTINGS = Array.from({ length: 40 }, (_, index) => ({
  counterparty: `winner-${String(index).padStart(57, '0')}` as Account,
  amount: 1,
}))

/** A chain of large entries, made as it is read. */
function largeChain(length: number) {
  const entries: Entry[] = []
  let balance: Balance = unopenedBalance(ID)
  for (let seq = 1; seq <= length; seq += 1) {
    const body: Omit<Entry, 'hash'> = {
      ...{ ...ID, seq, at: seq, type: 'POST', availableDelta: 40, heldDelta: 0 },
      transactionId: `txn_${String(seq).padStart(26, '0')}` as TransactionId,
      ...{ available: balance.available + 40, held: 0 },
      ...{ postings: POSTINGS, reference: 'prizes', prevHash: balance.head },
    }
    const entry = { ...body, hash: hashEntry(body) }
    entries.push(entry)
    balance = { ...balance, available: entry.available, seq, at: seq, head: entry.hash }
  }
  return { entries, balance }
}

/** The store over a table that has only this chain, in pages as DynamoDB makes them. */
function storeOf({ entries, balance }: ReturnType<typeof largeChain>) {
  const [first] = entries
  if (!first) throw new Error('a chain has an entry')
  const perPage = Math.floor(PAGE_BYTES / itemBytes(toAttributes(entryItem(first))))
  const store = openLedgerStore({
    client: new DynamoDBClient(),
    tableName: 'Ledger',
  })
  return {
    ...store,
    readBalance: async () => balance,
    readEntries: async ({ oldest, limit }: Parameters<typeof store.readEntries>[0]) => {
      const from = Math.max(0, oldest.seq - 1)
      const page = entries.slice(from, from + Math.min(limit, perPage))
      const last = page.at(-1)
      const isEnd = last === entries.at(-1)
      return { entries: page, scannedTo: last && !isEnd ? last : undefined }
    },
  }
}

const LENGTH = 36_000
const chain = largeChain(LENGTH)

function effectsAt(times: Iterator<number>) {
  return { now: () => Number(times.next().value), sleep: async () => {}, random: () => 0 }
}

function* steadyClock(stepMs: number): Generator<number> {
  for (let now = 0; ; now += stepMs) yield now
}

test('a chain of large entries, in more pages than entries of the usual size would take, is intact', async () => {
  const verified = await verifyChain(
    { store: storeOf(chain), effects: effectsAt(steadyClock(1)) },
    ID,
  )

  expect(verified).toEqual({
    ...{ kind: 'verified', entries: LENGTH, firstBreak: undefined },
    head: chain.balance.head,
  })
})

test('a balance that is not what its entries made it is a break', async () => {
  const { entries, balance } = largeChain(3)
  const store = storeOf({ entries, balance: { ...balance, available: balance.available + 1 } })

  const verified = await verifyChain({ store, effects: effectsAt(steadyClock(1)) }, ID)

  expect(verified).toMatchObject({
    firstBreak: { seq: 3, reason: 'the balance is not the sum of the entries' },
  })
})

test('a chain that takes longer than there is time is too long, and not broken', async () => {
  const clock = steadyClock(VERIFY_BUDGET_MS / 10)

  const verified = await verifyChain({ store: storeOf(chain), effects: effectsAt(clock) }, ID)

  expect(verified).toEqual({ kind: 'too-long', entries: LENGTH })
})
