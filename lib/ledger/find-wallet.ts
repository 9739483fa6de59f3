import type { WalletId } from '../money/account.ts'
import type { Balance } from '../money/balance.ts'
import type { Wallet } from '../money/wallet.ts'
import { StoreUnavailable } from '../store/failures.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import { readUntilWhole } from '../store/read-until-whole.ts'

export interface WalletFound {
  readonly wallet: Wallet
  readonly balances: readonly Balance[]
}

/**
 * A wallet with all its balances. A consistent read is of one moment: it shows a transaction in all of its balances, or in
 * none. Otherwise each item is read by itself, at half the cost or less.
 */
export async function findWallet(
  store: LedgerStore,
  id: WalletId,
  consistent: boolean,
): Promise<WalletFound | undefined> {
  if (!consistent) return store.readWallet(id, false)
  const found = await readUntilWhole(store, true, () => readTogether(store, id), isOfOneMoment)
  if (!found || !isOfOneMoment(found)) {
    throw new StoreUnavailable(`${id} was written each time that it was read`)
  }
  const { wallet, balances } = found
  return wallet && { wallet, balances }
}

type Together = Awaited<ReturnType<LedgerStore['readWalletTogether']>>

/** Undefined while one of the items is being written. */
async function readTogether(store: LedgerStore, id: WalletId): Promise<Together> {
  const named = await store.readBalances(id, true)
  return store.readWalletTogether(
    id,
    named.map(({ asset }) => asset),
  )
}

/** A balance that was opened after the others had been named is missing, and the wallet counts it. */
function isOfOneMoment(found: Together): boolean {
  return found !== undefined && (found.wallet?.balanceCount ?? 0) === found.balances.length
}
