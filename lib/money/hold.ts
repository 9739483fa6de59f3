import type { WalletId } from './account.ts'
import type { Amount } from './amount.ts'
import type { AssetCode } from './asset.ts'
import type { Brand } from './brand.ts'
import type { TransactionId } from './transaction.ts'

export type HoldId = Brand<string, 'HoldId'>
export const HOLD_ID_PATTERN = /^hold_[0-9a-v]{26}$/

/** How a hold ends; EXPIRED is said as soon as its time is over, though the money waits for the sweeper. */
export const HOLD_STATES = ['OPEN', 'CAPTURED', 'VOIDED', 'EXPIRED'] as const
export type HoldState = (typeof HOLD_STATES)[number]

/** Money of a wallet that is set aside: still the player's, and not to be spent otherwise. */
export interface Hold {
  readonly id: HoldId
  readonly walletId: WalletId
  readonly asset: AssetCode
  readonly amount: Amount
  readonly remaining: number
  readonly state: HoldState
  readonly expiresAt: number
  readonly createdAt: number
}

/** Money that changes between available and held: positive is set aside. */
export interface HoldShift {
  readonly holdId: HoldId
  readonly walletId: WalletId
  readonly asset: AssetCode
  readonly delta: number
}

/** A hold is named after the transaction that made it, so that a retry names the same one. */
export function holdIdOf(id: TransactionId): HoldId {
  return id.replace(/^txn_/, 'hold_') as HoldId
}

export function holdingTransaction(id: HoldId): TransactionId {
  return id.replace(/^hold_/, 'txn_') as TransactionId
}

/** Its time is over, whether or not the sweeper came already. */
export function isExpired({ state, expiresAt }: Hold, nowMs: number): boolean {
  return state === 'EXPIRED' || (state === 'OPEN' && nowMs >= expiresAt)
}
