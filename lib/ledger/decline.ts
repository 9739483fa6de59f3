import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'

/** Why the ledger will not do what it was asked. Nothing was written, and the key stays free. */
export type Decline =
  | {
      readonly code: 'INSUFFICIENT_FUNDS'
      readonly walletId: WalletId
      readonly asset: AssetCode
      readonly available: number
      readonly required: number
    }
  | { readonly code: 'WALLET_NOT_FOUND'; readonly walletId: WalletId }
  | { readonly code: 'ASSET_NOT_FOUND'; readonly asset: AssetCode }
  | { readonly code: 'BALANCE_LIMIT'; readonly walletId: WalletId; readonly asset: AssetCode }
  | { readonly code: 'TRANSACTION_TOO_LARGE'; readonly items: number; readonly limit: number }
