import type { Transaction } from '../money/transaction.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import { readUntilWhole } from '../store/read-until-whole.ts'
import type { Ledger } from './ledger.ts'
import type { PostResult } from './post.ts'
import type { PreparedRequest } from './prepare.ts'

/** Long after a transaction was decided, all of it is visible. */
const VISIBLE_AFTER_MS = 60_000

/**
 * What a key has done already. A record can be seen before the balances and entries that were decided with it: whoever
 * is told of them, and then looks, has to find them. So a young one is answered when all of it can be seen.
 */
export async function answerRecorded(
  { store, effects }: Pick<Ledger, 'store' | 'effects'>,
  transaction: Transaction,
  { fingerprint, requestId }: PreparedRequest,
): Promise<PostResult> {
  if (transaction.fingerprint !== fingerprint) {
    return { kind: 'key-reused', transactionId: transaction.id }
  }
  const isYoung = effects.now() - transaction.at < VISIBLE_AFTER_MS
  if (isYoung && !(await becomesVisible(store, transaction))) return { kind: 'busy' }
  // The record can be this request's own: written by a try whose answer never came.
  return { kind: 'posted', transaction, replayed: transaction.requestId !== requestId }
}

function becomesVisible(store: LedgerStore, transaction: Transaction): Promise<boolean> {
  const shows = () => store.showsAll(transaction)
  return readUntilWhole(store, true, shows, (isVisible) => isVisible)
}
