import type { AssetCode } from '../money/asset.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import { type ConflictCount, createConflictCount } from './conflict-count.ts'
import type { Effects } from './effects.ts'
import { createKeyedMutex, type KeyedMutex } from './keyed-mutex.ts'

/** What every operation works on. One for each function instance, kept while it is warm. */
export interface Ledger {
  readonly store: LedgerStore
  readonly effects: Effects
  /** Assets that were found in the table. They are never removed from it. */
  readonly knownAssets: Set<AssetCode>
  readonly mutex: KeyedMutex
  readonly conflictCount: ConflictCount
}

export function openLedger(store: LedgerStore, effects: Effects): Ledger {
  return {
    store,
    effects,
    knownAssets: new Set(),
    mutex: createKeyedMutex(),
    conflictCount: createConflictCount(),
  }
}
