import { expect, test } from 'vitest'
import type { WalletId } from '../../money/account.ts'
import { toAmount } from '../../money/amount.ts'
import type { AssetCode } from '../../money/asset.ts'
import type { Hold, HoldId } from '../../money/hold.ts'
import { transactionId } from '../../money/transaction.ts'
import { releaseOperation } from './release.ts'

const EXPIRES_AT = 1_000
const ALICE = 'alice' as WalletId
const HOLD_ID = 'hold_1' as HoldId

const hold: Hold = {
  id: HOLD_ID,
  walletId: ALICE,
  asset: 'GOLD_COINS' as AssetCode,
  amount: toAmount(10),
  remaining: 4,
  state: 'OPEN',
  expiresAt: EXPIRES_AT,
  createdAt: 0,
}

function outcome(type: 'VOID' | 'EXPIRE', nowMs: number, state: Hold['state'] = 'OPEN') {
  const command = { type, walletId: ALICE, holdId: HOLD_ID }
  const moment = { id: transactionId('test', 'release'), nowMs }
  const resolved = releaseOperation.resolve(command, { hold: { ...hold, state } }, moment)
  return resolved.kind === 'declined' ? resolved.decline.code : resolved.shift?.delta
}

test.each([
  ['VOID', EXPIRES_AT - 1, 'OPEN', -4],
  ['VOID', EXPIRES_AT, 'OPEN', 'HOLD_EXPIRED'],
  ['VOID', EXPIRES_AT - 1, 'CAPTURED', 'HOLD_CLOSED'],
  ['EXPIRE', EXPIRES_AT, 'OPEN', -4],
  ['EXPIRE', EXPIRES_AT - 1, 'OPEN', 'HOLD_NOT_OVER'],
  ['EXPIRE', EXPIRES_AT, 'VOIDED', 'HOLD_CLOSED'],
] as const)('%s at %i of a hold that is %s: %s', (type, nowMs, state, expected) => {
  expect(outcome(type, nowMs, state)).toBe(expected)
})
