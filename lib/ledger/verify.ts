import { type ChainBreak, continueChain, findBalanceBreak, START_OF_CHAIN } from '../money/chain.ts'
import type { BalanceId } from '../money/posting.ts'
import type { Ledger } from './ledger.ts'
import { readWholePage } from './whole-page.ts'

export type Verification =
  | Verified
  | { readonly kind: 'no-balance' }
  /** `entries` is how many the chain has. */
  | { readonly kind: 'too-long'; readonly entries: number }

export interface Verified {
  readonly kind: 'verified'
  readonly entries: number
  readonly head: string
  readonly firstBreak: ChainBreak | undefined
}

const PAGE = 1_000
const MAX_ENTRIES = 150_000
/** Entries differ in size, and DynamoDB ends a page at 1 MB: so it is time that ends the check of a long chain. */
export const VERIFY_BUDGET_MS = 10_000

/**
 * Computes the chain of a balance again, from its first entry to the one that the balance names. Entries
 * that are added meanwhile are behind that one, and are not looked at. An entry is said to be missing only when it has
 * been looked for again and again: it may be a moment later than its balance.
 */
export async function verifyChain(
  { store, effects }: Pick<Ledger, 'store' | 'effects'>,
  id: BalanceId,
): Promise<Verification> {
  const deadline = effects.now() + VERIFY_BUDGET_MS
  const balance = await store.readBalance(id, true)
  if (!balance) return { kind: 'no-balance' }
  if (balance.seq > MAX_ENTRIES) return { kind: 'too-long', entries: balance.seq }
  const newest = { at: balance.at, seq: balance.seq }
  let oldest = { at: 0, seq: 0 }
  let last = START_OF_CHAIN
  while (last.seq < balance.seq) {
    if (effects.now() >= deadline) return { kind: 'too-long', entries: balance.seq }
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
  }
  const firstBreak = findBalanceBreak(balance, last)
  return { kind: 'verified', entries: last.seq, head: balance.head, firstBreak }
}
