import type { WalletId } from './account.ts'
import type { AssetCode } from './asset.ts'
import type { BalanceId, SidePosting } from './posting.ts'
import type { TransactionId, TransactionType } from './transaction.ts'
import type { WalletStatus } from './wallet.ts'

/** What a wallet has of one asset, and where its chain of entries stands. */
export interface Balance {
  readonly walletId: WalletId
  readonly asset: AssetCode
  readonly available: number
  readonly held: number
  /** How many entries made it: 0 for a balance that was never written. */
  readonly seq: number
  /** The hash of the newest entry. */
  readonly head: string
  readonly at: number
  /** The wallet's, kept where the money is, so that the write that moves it can be conditioned on it. */
  readonly status: WalletStatus
}

/** One change of one balance. Entries are only ever added. */
export interface Entry {
  readonly walletId: WalletId
  readonly asset: AssetCode
  readonly seq: number
  readonly at: number
  readonly transactionId: TransactionId
  readonly type: TransactionType
  readonly availableDelta: number
  readonly heldDelta: number
  readonly available: number
  readonly held: number
  readonly postings: readonly SidePosting[]
  readonly reference: string | undefined
  readonly prevHash: string
  readonly hash: string
}

/** What the first entry of every chain points at. */
export const GENESIS = '0'.repeat(64)

export function unopenedBalance({ walletId, asset }: BalanceId): Balance {
  return { walletId, asset, available: 0, held: 0, seq: 0, head: GENESIS, at: 0, status: 'ACTIVE' }
}
