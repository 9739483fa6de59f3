import { expect, test } from 'vitest'
import type { WalletId } from '../money/account.ts'
import { toAmount } from '../money/amount.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Hold, HoldId } from '../money/hold.ts'
import { newWallet, type Wallet } from '../money/wallet.ts'
import { holdItem, isMisplaced, kindOf, toHold, toWallet, walletItem } from './items.ts'

const wallet: Wallet = {
  ...newWallet('alice' as WalletId, 1_000),
  metadata: { zebra: '1', apple: '2' },
  balanceCount: 1,
  statusChanges: 2,
}

const hold: Hold = {
  id: `hold_${'0'.repeat(25)}v` as HoldId,
  walletId: 'alice' as WalletId,
  asset: 'GOLD_COINS' as AssetCode,
  amount: toAmount(5),
  remaining: 5,
  state: 'OPEN',
  expiresAt: 2_000,
  createdAt: 1_000,
}

test('what is written is what is read, with metadata by name', () => {
  const read = toWallet({ ...walletItem(wallet), metadata: wallet.metadata })

  expect(read).toEqual(wallet)
  expect(Object.keys(read.metadata)).toEqual(['apple', 'zebra'])
})

test('an item of a newer shape is not guessed at', () => {
  const item = { ...walletItem(wallet), metadata: {}, v: 2 }

  expect(() => toWallet(item)).toThrow(/shape 2, newer than 1/)
})

test('a hold is in the index of what can expire while it is open, and no longer', () => {
  expect(holdItem(hold)['expiryShard']).toBe('X#31')
  expect(holdItem({ ...hold, state: 'VOIDED', remaining: 0 })['expiryShard']).toBeUndefined()
  expect(toHold(holdItem(hold))).toEqual(hold)
})

test('an item is told by its key, and an unknown kind is a fault', () => {
  expect(kindOf(holdItem(hold))).toBe('hold')
  expect(() => kindOf({ pk: 'W#alice', sk: 'Z#1' })).toThrow(/a kind that we know/)
  expect(isMisplaced(holdItem(hold))).toBe(false)
})
