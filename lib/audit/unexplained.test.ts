import { expect, test } from 'vitest'
import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import { type Balance, type Entry, unopenedBalance } from '../money/balance.ts'
import { hashEntry } from '../money/chain.ts'
import type { TransactionId } from '../money/transaction.ts'
import type { BalanceImage } from '../store/stream-image.ts'
import { unexplained } from './unexplained.ts'

const EMPTY = unopenedBalance({
  walletId: 'alice' as WalletId,
  asset: 'GOLD_COINS' as AssetCode,
})

function topup(before: Balance, amount: number): BalanceImage {
  const { walletId, asset, seq, available, head } = before
  const body: Omit<Entry, 'hash'> = {
    ...{ walletId, asset, seq: seq + 1, at: 1_000, type: 'TOPUP' },
    ...{ transactionId: `txn_${seq}` as TransactionId, availableDelta: amount, heldDelta: 0 },
    ...{ available: available + amount, held: 0, postings: [], reference: undefined },
    prevHash: head,
  }
  const last = { ...body, hash: hashEntry(body) }
  const balance = {
    ...before,
    available: last.available,
    seq: last.seq,
    at: last.at,
    head: last.hash,
  }
  return { balance, last }
}

const first = topup(EMPTY, 10)
const second = topup(first.balance, 5)

function change(image: BalanceImage, changes: Partial<Balance>): BalanceImage {
  return { ...image, balance: { ...image.balance, ...changes } }
}

test.each<[string, BalanceImage | undefined, BalanceImage]>([
  ['the first entry', undefined, first],
  ['the next entry', first, second],
  ['a change of status', first, change(first, { status: 'FROZEN' })],
])('%s explains its change', (_, before, after) => {
  expect(unexplained({ before, after })).toBeUndefined()
})

test.each<[string, BalanceImage | undefined, string]>([
  ['a balance that is deleted', undefined, 'the balance was deleted'],
  [
    'an amount that changes with the status',
    change(first, { status: 'FROZEN', available: 1_000 }),
    'the balance is not the sum of the entries',
  ],
  [
    'an amount that its entry does not have',
    change(second, { available: 1_000 }),
    'the balance is not the sum of the entries',
  ],
])('%s is not explained', (_, after, reason) => {
  expect(unexplained({ before: first, after })).toBe(reason)
})
