import { hash } from 'node:crypto'
import { type Balance, type Entry, GENESIS } from './balance.ts'

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
  return hash('sha256', canonicalEntry(entry))
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
  let last = START_OF_CHAIN
  for (const entry of entries) {
    const step = continueChain(last, entry)
    if ('reason' in step) return step
    last = step
  }
  return findBalanceBreak(balance, last)
}

/** Where a chain stands after an entry, and where the balance must stand after the last. */
export type Link = Pick<Balance, 'seq' | 'at' | 'available' | 'held' | 'head'>

export const START_OF_CHAIN: Link = { seq: 0, at: 0, available: 0, held: 0, head: GENESIS }

/** The link that an entry makes with the one before it, or why it does not. */
export function continueChain(last: Link, entry: Entry): Link | ChainBreak {
  const reason = entryFault(entry, last)
  if (reason) return { seq: last.seq + 1, reason }
  const { seq, at, available, held, hash } = entry
  return { seq, at, available, held, head: hash }
}

export function findBalanceBreak(balance: Balance, last: Link): ChainBreak | undefined {
  const reason = balanceFault(balance, last)
  return reason ? { seq: last.seq, reason } : undefined
}

function entryFault(entry: Entry, last: Link): string | undefined {
  if (entry.seq !== last.seq + 1) return 'the entry is missing'
  if (entry.prevHash !== last.head) return 'the entry does not follow the one before it'
  if (hashEntry(entry) !== entry.hash) return 'the contents of the entry do not give its hash'
  if (entry.at < last.at) return 'the entry is older than the one before it'
  const isSum =
    entry.available === last.available + entry.availableDelta &&
    entry.held === last.held + entry.heldDelta
  return isSum ? undefined : 'the running balance is not the sum of the deltas'
}

function balanceFault(balance: Balance, last: Link): string | undefined {
  if (balance.seq !== last.seq) return `the balance counts ${balance.seq} entries`
  if (balance.head !== last.head) return 'the balance has another head'
  if (balance.at !== last.at) return 'the balance has another time'
  const isSum = balance.available === last.available && balance.held === last.held
  return isSum ? undefined : 'the balance is not the sum of the entries'
}
