import type { AssetCode } from '../money/asset.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import type { Effects } from './effects.ts'
import { createKnownBalances, type KnownBalances } from './known-balances.ts'
import { createLostTries, type LostTries } from './lost-tries.ts'
import { createTurns, type TakeTurns } from './turns.ts'

/** What every operation works on. One for each function instance, kept while it is warm. */
export interface Ledger {
  readonly store: LedgerStore
  readonly effects: Effects
  /** Assets seen in the table. They are never removed, so what was true stays true. */
  readonly knownAssets: Set<AssetCode>
  readonly knownBalances: KnownBalances
  readonly takeTurns: TakeTurns
  readonly lostTries: LostTries
}

export function openLedger(
  store: LedgerStore,
  effects: Effects,
  knownBalances: KnownBalances = createKnownBalances(effects),
): Ledger {
  return {
    store,
    effects,
    knownAssets: new Set(),
    knownBalances,
    takeTurns: createTurns(),
    lostTries: createLostTries(),
  }
}
