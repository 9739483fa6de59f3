import { expect, test } from 'vitest'
import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Entry } from '../money/balance.ts'
import type { TransactionId } from '../money/transaction.ts'
import { missingNumber } from './whole-page.ts'

function entry(seq: number): Entry {
  return {
    walletId: 'alice' as WalletId,
    asset: 'GOLD_COINS' as AssetCode,
    ...{ seq, at: seq, transactionId: `txn_${seq}` as TransactionId, type: 'TOPUP' },
    ...{ availableDelta: 1, heldDelta: 0, available: seq, held: 0 },
    ...{ postings: [], reference: undefined, prevHash: '', hash: '' },
  }
}

interface Case {
  readonly numbers: readonly number[]
  readonly below?: number
  readonly above?: number
  /** Whether the page is full, and the range goes on behind it. */
  readonly isFull?: true
  readonly missing: number | undefined
}

test.each<Case>([
  { numbers: [4, 5, 6], missing: undefined },
  { numbers: [4, 6], missing: 5 },
  { numbers: [4, 7, 9], missing: 5 },
  { numbers: [1, 2], below: 0, missing: undefined },
  { numbers: [2, 3], below: 0, missing: 1 },
  { numbers: [4, 5], above: 6, missing: undefined },
  { numbers: [4, 5], above: 7, missing: 6 },
  { numbers: [], missing: undefined },
  { numbers: [], below: 7, missing: undefined },
  { numbers: [], below: 7, above: 8, missing: undefined },
  { numbers: [], below: 7, above: 9, missing: 8 },
  { numbers: [4, 5], below: 3, above: 90, isFull: true, missing: undefined },
])('oldest first, of $numbers, after $below and before $above, $missing is missing', (expected) => {
  expect(missing('asc', expected.numbers, expected)).toBe(expected.missing)
})

test.each<Case>([
  { numbers: [6, 5, 4], missing: undefined },
  { numbers: [6, 4], missing: 5 },
  { numbers: [2, 1], below: 0, above: 3, missing: undefined },
  { numbers: [3, 2], below: 0, missing: 1 },
  { numbers: [5, 4], above: 7, missing: 6 },
  { numbers: [5, 4], below: 0, above: 6, isFull: true, missing: undefined },
])('newest first, of $numbers, after $below and before $above, $missing is missing', (expected) => {
  expect(missing('desc', expected.numbers, expected)).toBe(expected.missing)
})

function missing(order: 'asc' | 'desc', numbers: readonly number[], range: Case) {
  const entries = numbers.map(entry)
  const scannedTo = range.isFull && entries.at(-1)
  const { below, above } = range
  return missingNumber({ entries, scannedTo }, { order, below, above })
}
