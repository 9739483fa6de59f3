import type { Asset } from '../money/asset.ts'
import type { Balance } from '../money/balance.ts'
import type { Hold } from '../money/hold.ts'
import type { Transaction } from '../money/transaction.ts'
import type { Wallet } from '../money/wallet.ts'
import { type Item, kindOf, toAsset, toBalance, toHold, toTransaction, toWallet } from './items.ts'

/** Some items of the table, as they are there, sorted by what they are. */
export interface Snapshot {
  readonly assets: readonly Asset[]
  readonly balances: readonly Balance[]
  readonly wallets: readonly Wallet[]
  readonly holds: readonly Hold[]
  readonly transactions: readonly Transaction[]
}

export function toSnapshot(items: readonly Item[]): Snapshot {
  const kinds = Map.groupBy(items, kindOf)
  return {
    assets: (kinds.get('asset') ?? []).map(toAsset),
    balances: (kinds.get('balance') ?? []).map(toBalance),
    wallets: (kinds.get('wallet') ?? []).map(toWallet),
    holds: (kinds.get('hold') ?? []).map(toHold),
    transactions: (kinds.get('transaction') ?? []).map(toTransaction),
  }
}
