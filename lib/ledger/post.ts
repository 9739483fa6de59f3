import type { Transaction, TransactionId } from '../money/transaction.ts'
import { type Commit, isInDoubt } from '../store/commit.ts'
import { answerRecorded } from './answer-recorded.ts'
import type { Command, Origin } from './command.ts'
import { decide, type LedgerState } from './decide.ts'
import type { Decline } from './decline.ts'
import type { Ledger } from './ledger.ts'
import { loadState, namesIn, withLatest } from './load.ts'
import { type PreparedRequest, prepare } from './prepare.ts'
import { type Conflict, RETRY_BUDGET_MS, retryOnConflict } from './retry.ts'

export type PostResult =
  | { readonly kind: 'posted'; readonly transaction: Transaction; readonly replayed: boolean }
  | { readonly kind: 'declined'; readonly decline: Decline }
  | { readonly kind: 'key-reused'; readonly transactionId: TransactionId }
  | { readonly kind: 'busy' }

/**
 * Moves money once. Each attempt reads what the command touches, decides, and commits under the condition that nothing has
 * changed since. After a conflict it decides again, first on the state that the refusal returned.
 */
export async function post(ledger: Ledger, command: Command, origin: Origin): Promise<PostResult> {
  const request = prepare(command, origin)
  const deadline = ledger.effects.now() + RETRY_BUDGET_MS
  const pending: PendingWrite = { outcomeUnknown: false }
  const result = await ledger.mutex(request.lockKeys, () =>
    retryOnConflict<LedgerState, PostResult>(ledger.effects, {
      deadline,
      load: () => loadState(ledger, request),
      attempt: (state) => attempt(ledger, request, state, pending),
    }),
  )
  return result ?? { kind: 'busy' }
}

/** Whether an earlier write of this request may still commit. */
interface PendingWrite {
  outcomeUnknown: boolean
}

/**
 * Declines that do not prevent a pending write from committing later: time causes some, and a frozen wallet may be
 * unfrozen. All others are caused by changes that are final.
 */
const TRANSIENT_DECLINES = new Set<Decline['code']>([
  'HOLD_EXPIRED',
  'HOLD_NOT_OVER',
  'WALLET_FROZEN',
])

async function attempt(
  ledger: Ledger,
  request: PreparedRequest,
  state: LedgerState,
  pending: PendingWrite,
): Promise<PostResult | Conflict<LedgerState>> {
  const decision = decide(request, state, ledger.effects.now())
  switch (decision.kind) {
    case 'torn':
      return { kind: 'conflict' }
    case 'commit':
      return commit(ledger, request, decision.commit, { state, pending })
    case 'declined': {
      const result = await confirmDecline(ledger, request, state)
      const isTransient = result.kind === 'declined' && TRANSIENT_DECLINES.has(result.decline.code)
      return isTransient && pending.outcomeUnknown ? { kind: 'busy' } : result
    }
  }
}

async function commit(
  ledger: Ledger,
  request: PreparedRequest,
  planned: Commit,
  { state, pending }: { readonly state: LedgerState; readonly pending: PendingWrite },
): Promise<PostResult | Conflict<LedgerState>> {
  const { store, conflictCount } = ledger
  const outcome = await store.commit(planned)
  if (isInDoubt(outcome)) pending.outcomeUnknown = true
  switch (outcome.kind) {
    case 'committed':
      return { kind: 'posted', transaction: planned.transaction, replayed: false }
    case 'recorded':
      return answerRecorded(ledger, outcome.transaction, request)
    case 'stale':
      conflictCount.count('stale')
      return { kind: 'conflict', latest: withLatest(state, outcome.latest) }
    case 'contended':
      conflictCount.count('contended')
      return { kind: 'conflict' }
    case 'unknown': {
      conflictCount.count('unknown')
      const recorded = await store.readTransaction(request.id, true)
      return recorded ? answerRecorded(ledger, recorded, request) : { kind: 'conflict' }
    }
  }
}

/**
 * The money may be gone because this very request took it and its answer was lost. So a decline is only given for a state
 * that was read at one moment, together with the absence of the record.
 */
async function confirmDecline(
  ledger: Ledger,
  request: PreparedRequest,
  state: LedgerState,
): Promise<PostResult | Conflict<LedgerState>> {
  const { store, effects } = ledger
  const seen = await store.readTogether(request.id, namesIn(request, state))
  if (!seen) return { kind: 'conflict' }
  if (seen.record) return answerRecorded(ledger, seen.record, request)
  const latest = withLatest(state, seen.state)
  // The subject has only just appeared, and its balances have not been read.
  if (hasSubject(latest) && !hasSubject(state)) return { kind: 'conflict' }
  const decision = decide(request, latest, effects.now())
  return decision.kind === 'declined' ? decision : { kind: 'conflict', latest }
}

function hasSubject({ subject: { hold, transaction } }: LedgerState): boolean {
  return hold !== undefined || transaction !== undefined
}
