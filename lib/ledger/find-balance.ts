import { type Balance, unopenedBalance } from '../money/balance.ts'
import type { BalanceId } from '../money/posting.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import type { Decline } from './decline.ts'
import { findEntryAt } from './history.ts'

export type BalanceFound = Pick<Balance, 'walletId' | 'asset' | 'available' | 'held' | 'seq' | 'at'>

export type FoundBalance =
  | { readonly kind: 'found'; readonly balance: BalanceFound }
  | { readonly kind: 'declined'; readonly decline: Decline }

export interface BalanceQuery {
  readonly at?: number | undefined
  readonly consistent: boolean
}

/** A balance now, or as it was at a time. A wallet that never had the asset has none of it. */
export async function findBalance(
  store: LedgerStore,
  id: BalanceId,
  { at, consistent }: BalanceQuery,
): Promise<FoundBalance> {
  const balance =
    at === undefined
      ? await store.readBalance(id, consistent)
      : await findEntryAt(store, id, at, consistent)
  if (balance) return { kind: 'found', balance }

  const { walletId, asset } = id
  const { wallets, assets } = await store.readState({ wallets: [walletId], assets: [asset] })
  const [wallet] = wallets
  if (assets.length === 0) return { kind: 'declined', decline: { code: 'ASSET_NOT_FOUND', asset } }
  if (!wallet) return { kind: 'declined', decline: { code: 'WALLET_NOT_FOUND', walletId } }
  return { kind: 'found', balance: { ...unopenedBalance(id), at: wallet.createdAt } }
}
