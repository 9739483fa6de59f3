import { expect, test } from 'vitest'
import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Entry } from '../money/balance.ts'
import type { TransactionId, TransactionType } from '../money/transaction.ts'
import { addToTotals } from './totals.ts'

function entry(type: TransactionType, availableDelta: number, heldDelta = 0): Entry {
  return {
    ...{ walletId: 'alice' as WalletId, asset: 'GOLD_COINS' as AssetCode, seq: 1, at: 0, type },
    ...{ transactionId: 'txn_1' as TransactionId, availableDelta, heldDelta },
    ...{ available: 0, held: 0, postings: [], reference: undefined, prevHash: '', hash: '' },
  }
}

test.each([
  ['a credit', entry('TOPUP', 30), { in: 30n, out: 0n, shifted: 0n }],
  ['a debit', entry('SPEND', -30), { in: 0n, out: 30n, shifted: 0n }],
  ['a hold', entry('HOLD', -30, 30), { in: 0n, out: 0n, shifted: 30n }],
  ['a release', entry('VOID', 30, -30), { in: 0n, out: 0n, shifted: 30n }],
  ['a capture', entry('CAPTURE', 0, -30), { in: 0n, out: 30n, shifted: 0n }],
])('%s is added to the totals of its type', (_, one, sums) => {
  const once = addToTotals({}, one)
  const twice = addToTotals(once, one)

  expect(once).toEqual({ [one.type]: { count: 1n, ...sums } })
  expect(twice[one.type]?.count).toBe(2n)
})
