import type { WalletId } from './account.ts'
import type { Metadata } from './transaction.ts'

/** FROZEN: money may come in, none may go out. CLOSED: nothing moves any more. */
export const WALLET_STATUSES = ['ACTIVE', 'FROZEN', 'CLOSED'] as const
export type WalletStatus = (typeof WALLET_STATUSES)[number]

/** So that freezing or closing a wallet, which writes all its balances, fits one DynamoDB transaction. */
export const MAX_BALANCES = 90

export interface Wallet {
  readonly id: WalletId
  readonly status: WalletStatus
  /** Why it was frozen or closed, in somebody's words. */
  readonly reason: string | undefined
  readonly metadata: Metadata
  readonly createdAt: number
  /** How many balances it has. Opening another one counts it here, in the same transaction. */
  readonly balanceCount: number
  /** How often its status has changed. A change that comes late is known by it, and refused. */
  readonly statusChanges: number
}
