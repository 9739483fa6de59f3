import { type ChainBreak, continueChain, findBalanceBreak, START_OF_CHAIN } from '../money/chain.ts'
import type { BalanceId } from '../money/posting.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import { readWholePage } from './whole-page.ts'

export type Verification =
  | Verified
  | { readonly kind: 'no-balance' }
  | { readonly kind: 'too-long'; readonly limit: number }

export interface Verified {
  readonly kind: 'verified'
  readonly entries: number
  readonly head: string
  readonly firstBreak: ChainBreak | undefined
}

const PAGE = 1_000
/** 150,000 entries: about what a function can read in its time. */
const MAX_PAGES = 150

/**
 * Computes the chain of a balance again, from its first entry to the one that the balance names. Entries
 * that are added meanwhile are behind that one, and are not looked at. An entry is said to be missing only when it has
 * been looked for again and again: it may be a moment later than its balance.
 */
export async function verifyChain(store: LedgerStore, id: BalanceId): Promise<Verification> {
  const balance = await store.readBalance(id, true)
  if (!balance) return { kind: 'no-balance' }
  if (balance.seq > PAGE * MAX_PAGES) return { kind: 'too-long', limit: PAGE * MAX_PAGES }
  const newest = { at: balance.at, seq: balance.seq }
  let oldest = { at: 0, seq: 0 }
  let last = START_OF_CHAIN
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { entries, scannedTo } = await readWholePage(store, {
      ...id,
      oldest,
      newest,
      below: last.seq,
      above: balance.seq + 1,
      order: 'asc',
      limit: PAGE,
      consistent: true,
    })
    for (const entry of entries) {
      const step = continueChain(last, entry)
      if ('reason' in step)
        return { kind: 'verified', entries: last.seq, head: balance.head, firstBreak: step }
      last = step
    }
    if (!scannedTo) break
    oldest = { at: scannedTo.at, seq: scannedTo.seq + 1 }
    if (oldest.at === newest.at && oldest.seq > newest.seq) break
  }
  const firstBreak = findBalanceBreak(balance, last)
  return { kind: 'verified', entries: last.seq, head: balance.head, firstBreak }
}
