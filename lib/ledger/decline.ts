import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import type { HoldId, HoldState } from '../money/hold.ts'
import type { TransactionId, TransactionType } from '../money/transaction.ts'

/** Why the ledger will not do what it was asked. Nothing was written, and the key stays free. */
export type Decline =
  | {
      readonly code: 'INSUFFICIENT_FUNDS'
      readonly walletId: WalletId
      readonly asset: AssetCode
      readonly available: number
      readonly required: number
      /** Where it is this hold that has no more left. */
      readonly holdId?: HoldId
    }
  | { readonly code: 'WALLET_NOT_FOUND'; readonly walletId: WalletId }
  | { readonly code: 'WALLET_FROZEN'; readonly walletId: WalletId }
  | { readonly code: 'WALLET_CLOSED'; readonly walletId: WalletId }
  | { readonly code: 'WALLET_FULL'; readonly walletId: WalletId; readonly limit: number }
  | { readonly code: 'SAME_WALLET'; readonly walletId: WalletId }
  | { readonly code: 'ASSET_NOT_FOUND'; readonly asset: AssetCode }
  | { readonly code: 'BALANCE_LIMIT'; readonly walletId: WalletId; readonly asset: AssetCode }
  | { readonly code: 'TRANSACTION_TOO_LARGE'; readonly items: number; readonly limit: number }
  | { readonly code: 'HOLD_NOT_FOUND'; readonly holdId: HoldId }
  | { readonly code: 'HOLD_CLOSED'; readonly holdId: HoldId; readonly state: HoldState }
  | { readonly code: 'HOLD_EXPIRED'; readonly holdId: HoldId }
  | { readonly code: 'HOLD_NOT_OVER'; readonly holdId: HoldId }
  | { readonly code: 'TRANSACTION_NOT_FOUND'; readonly transactionId: TransactionId }
  | { readonly code: 'NOT_REVERSIBLE'; readonly type: TransactionType }
  | { readonly code: 'NOT_DIVISIBLE'; readonly postings: number }
  | {
      readonly code: 'ALREADY_REVERSED'
      readonly transactionId: TransactionId
      /** What is left to reverse. */
      readonly reversible: number
    }
