import type { AssetCode } from '../money/asset.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import type { Effects } from './effects.ts'
import { createLostTries, type LostTries } from './lost-tries.ts'
import { createTurns, type TakeTurns } from './turns.ts'

/** What every operation works on. One for each function instance, kept while it is warm. */
export interface Ledger {
  readonly store: LedgerStore
  readonly effects: Effects
  /** Assets seen in the table. They are never removed, so what was true stays true. */
  readonly knownAssets: Set<AssetCode>
  readonly takeTurns: TakeTurns
  readonly lostTries: LostTries
}

export function openLedger(store: LedgerStore, effects: Effects): Ledger {
  return {
    store,
    effects,
    knownAssets: new Set(),
    takeTurns: createTurns(),
    lostTries: createLostTries(),
  }
}
