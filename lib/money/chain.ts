import { createHash } from 'node:crypto'
import type { Balance, Entry } from './balance.ts'
import { GENESIS } from './balance.ts'

/** The hash covers this text. Anybody can recompute it from what the ledger endpoint answers. */
export function canonicalEntry(entry: Omit<Entry, 'hash'>): string {
  return JSON.stringify([
    'strongbox.entry.1',
    entry.walletId,
    entry.asset,
    entry.seq,
    entry.at,
    entry.transactionId,
    entry.type,
    entry.availableDelta,
    entry.heldDelta,
    entry.available,
    entry.held,
    entry.postings.map(({ counterparty, amount }) => [counterparty, amount]),
    entry.reference ?? null,
    entry.prevHash,
  ])
}

export function hashEntry(entry: Omit<Entry, 'hash'>): string {
  return createHash('sha256').update(canonicalEntry(entry)).digest('hex')
}

export interface ChainBreak {
  readonly seq: number
  readonly reason: string
}

/** The first place where a balance and its entries, oldest first, stop telling the same story. */
export function findChainBreak(
  balance: Balance,
  entries: readonly Entry[],
): ChainBreak | undefined {
  let [available, held, at, head] = [0, 0, 0, GENESIS]
  for (const [index, entry] of entries.entries()) {
    const seq = index + 1
    if (entry.seq !== seq) return { seq, reason: `entry ${seq} is missing` }
    if (entry.prevHash !== head) return { seq, reason: 'does not follow the entry before it' }
    if (hashEntry(entry) !== entry.hash) return { seq, reason: 'its contents do not give its hash' }
    if (entry.at < at) return { seq, reason: 'is older than the entry before it' }
    available += entry.availableDelta
    held += entry.heldDelta
    if (entry.available !== available || entry.held !== held) {
      return { seq, reason: 'its running balance is not the sum of the deltas' }
    }
    at = entry.at
    head = entry.hash
  }
  const seq = entries.length
  if (balance.seq !== seq) return { seq, reason: `the balance counts ${balance.seq} entries` }
  if (balance.head !== head) return { seq, reason: 'the balance has another head' }
  if (balance.at !== at) return { seq, reason: 'the balance has another time' }
  if (balance.available !== available || balance.held !== held) {
    return { seq, reason: 'the balance is not the sum of the entries' }
  }
  return undefined
}
