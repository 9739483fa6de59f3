import { expect, test } from 'vitest'
import type { WalletId } from './account.ts'
import { toAmount } from './amount.ts'
import type { AssetCode } from './asset.ts'
import { type Hold, type HoldId, isExpired } from './hold.ts'

const EXPIRES_AT = 1_000

const hold: Hold = {
  id: 'hold_1' as HoldId,
  walletId: 'alice' as WalletId,
  asset: 'GOLD_COINS' as AssetCode,
  amount: toAmount(10),
  remaining: 10,
  state: 'OPEN',
  expiresAt: EXPIRES_AT,
  createdAt: 0,
}

test.each([
  ['a millisecond before its time', EXPIRES_AT - 1, 'OPEN', false],
  ['at exactly its time', EXPIRES_AT, 'OPEN', true],
  ['at its time, when it has been captured', EXPIRES_AT, 'CAPTURED', false],
  ['when the sweeper says so, whatever the clock says', EXPIRES_AT - 1, 'EXPIRED', true],
] as const)('a hold %s', (_, nowMs, state, expected) => {
  expect(isExpired({ ...hold, state }, nowMs)).toBe(expected)
})
