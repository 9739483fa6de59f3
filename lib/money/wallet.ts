import type { WalletId } from './account.ts'
import type { Metadata } from './transaction.ts'

export type WalletStatus = 'ACTIVE'

export interface Wallet {
  readonly id: WalletId
  readonly status: WalletStatus
  readonly metadata: Metadata
  readonly createdAt: number
  /** How many balances it has. Opening another one counts it here, in the same transaction. */
  readonly balanceCount: number
}
