import { type Balance, unopenedBalance } from '../money/balance.ts'
import type { BalanceName, LedgerStore } from '../store/ledger-store.ts'
import type { Decline } from './decline.ts'

export type FoundBalance =
  | { readonly kind: 'found'; readonly balance: Balance }
  | { readonly kind: 'declined'; readonly decline: Decline }

/** A balance as it is. A wallet that never had the asset has none of it, since the day it was made. */
export async function findBalance(
  store: LedgerStore,
  name: BalanceName,
  consistent: boolean,
): Promise<FoundBalance> {
  const balance = await store.readBalance(name, consistent)
  if (balance) return { kind: 'found', balance }

  const { walletId, asset } = name
  const [[wallet], known] = await Promise.all([
    store.readWallets([walletId]),
    store.readAsset(asset),
  ])
  if (!known) return { kind: 'declined', decline: { code: 'ASSET_NOT_FOUND', asset } }
  if (!wallet) return { kind: 'declined', decline: { code: 'WALLET_NOT_FOUND', walletId } }
  return { kind: 'found', balance: { ...unopenedBalance(walletId, asset), at: wallet.createdAt } }
}
