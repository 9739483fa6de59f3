import { isWalletId } from '../money/account.ts'
import { balanceName } from '../money/posting.ts'
import { type Transaction, type TransactionId, transactionId } from '../money/transaction.ts'
import type { Commit, CommitOutcome } from '../store/commit.ts'
import { answerRecorded } from './answer-recorded.ts'
import type { Command, Origin } from './command.ts'
import type { Decline } from './decline.ts'
import { isAsRecalled } from './known-balances.ts'
import type { Ledger } from './ledger.ts'
import { type KnownState, loadState, namesIn, ownersOfUnopened, withNewer } from './load-state.ts'
import { type LedgerState, planCommand } from './plan.ts'
import { type Lost, TRY_FOR_MS, untilWon } from './retry.ts'

export type PostResult =
  | { readonly kind: 'posted'; readonly transaction: Transaction; readonly replayed: boolean }
  | { readonly kind: 'declined'; readonly decline: Decline }
  | { readonly kind: 'key-reused'; readonly transactionId: TransactionId }
  | { readonly kind: 'busy' }

/**
 * Moves money, once. Reads what the command touches, unless this instance wrote it last; plans, and commits under the
 * condition that nothing moved since; where something did, plans again from what the refusal showed.
 */
export async function post(ledger: Ledger, command: Command, origin: Origin): Promise<PostResult> {
  const giveUpAt = ledger.effects.now() + TRY_FOR_MS
  const doubts: Doubts = { isInDoubt: false }
  let isFirst = true
  const result = await ledger.takeTurns(queuesOf(command), () =>
    untilWon<KnownState, PostResult>(ledger.effects, {
      giveUpAt,
      load: () => {
        const mayRecall = isFirst
        isFirst = false
        return loadState(ledger, command, origin, mayRecall)
      },
      attempt: (state) => tryOnce(ledger, command, origin, state, doubts),
    }),
  )
  return result ?? { kind: 'busy' }
}

/** What requests of one process queue for: the balances, or what says which balances. */
function queuesOf(command: Command): string[] {
  switch (command.type) {
    case 'HOLD':
      return [balanceName(command)]
    case 'CAPTURE':
    case 'VOID':
    case 'EXPIRE':
      // A sweeper that releases many holds of one wallet would race itself for the balance.
      return [command.walletId]
    case 'REVERSE':
      return [command.transactionId]
    default: {
      const wallets = command.postings.flatMap(({ from, to, asset }) =>
        [from, to].filter(isWalletId).map((walletId) => balanceName({ walletId, asset })),
      )
      return Array.from(new Set(wallets))
    }
  }
}

/** Whether a write of this request may still be on its way, though nobody has seen it arrive. */
interface Doubts {
  isInDoubt: boolean
}

/**
 * Declines that leave no trace where a write that is under way would stumble over it: the time gives some, and a wallet
 * that is frozen may be released before the write arrives. All others come from what has changed for good.
 */
const MAY_PASS = new Set<Decline['code']>(['HOLD_EXPIRED', 'HOLD_NOT_OVER', 'WALLET_FROZEN'])

async function tryOnce(
  ledger: Ledger,
  command: Command,
  origin: Origin,
  state: KnownState,
  doubts: Doubts,
): Promise<PostResult | Lost<KnownState>> {
  const { effects } = ledger
  const plan = planCommand(command, origin, state, effects.now())
  if (plan.kind === 'declined') {
    const result = await confirmDecline(ledger, command, origin, state)
    const mayStillCome = doubts.isInDoubt && result.kind === 'declined'
    return mayStillCome && MAY_PASS.has(result.decline.code) ? { kind: 'busy' } : result
  }
  if (plan.kind === 'torn') {
    judge(ledger, state, 'wrong')
    return { kind: 'lost' }
  }
  return commitPlan(ledger, plan.commit, { command, origin, state, doubts })
}

interface Planned {
  readonly command: Command
  readonly origin: Origin
  readonly state: KnownState
  readonly doubts: Doubts
}

async function commitPlan(
  ledger: Ledger,
  commit: Commit,
  { command, origin, state, doubts }: Planned,
): Promise<PostResult | Lost<KnownState>> {
  const { knownBalances, lostTries } = ledger
  const outcome = await commitRecalled(ledger, commit, state)
  const written = commit.changes.map(({ after }) => after)
  if ('mayStillCome' in outcome && outcome.mayStillCome) doubts.isInDoubt = true
  switch (outcome.kind) {
    case 'committed':
      judge(ledger, state, 'right')
      knownBalances.learn(written)
      return { kind: 'posted', transaction: commit.transaction, replayed: false }
    case 'recorded':
      // Of then. What became of the balances since, it does not say.
      knownBalances.forget(written)
      return answerRecorded(ledger, outcome.transaction, command, origin)
    case 'stale':
      knownBalances.forget(outcome.newer.balances)
      // A memory that was wrong is no race: nobody else was writing.
      if (state.recalled && outcome.newer.balances.length > 0) judge(ledger, state, 'wrong')
      else lostTries.count('a-newer-state')
      return { kind: 'lost', newer: withNewer(state, outcome.newer) }
    case 'contended':
      lostTries.count('a-conflict')
      return { kind: 'lost' }
    case 'misremembered':
      return { kind: 'lost' }
    case 'unknown':
      knownBalances.forget(written)
      doubts.isInDoubt = true
      lostTries.count('a-lost-answer')
      return (await lookUp(ledger, command, origin)) ?? { kind: 'lost' }
  }
}

/** That a balance is gone which was read just now is a bug. One that is only remembered may be of another table. */
async function commitRecalled(
  ledger: Ledger,
  commit: Commit,
  state: KnownState,
): Promise<CommitOutcome | { readonly kind: 'misremembered' }> {
  try {
    return await ledger.store.commit(commit)
  } catch (error) {
    if (!state.recalled) throw error
    judge(ledger, state, 'wrong')
    return { kind: 'misremembered' }
  }
}

/** Of what was read, there is nothing to say. */
function judge(
  { knownBalances }: Ledger,
  { recalled }: KnownState,
  verdict: 'right' | 'wrong',
): void {
  if (recalled) knownBalances.judge(recalled, verdict, 'relied')
}

/**
 * The money may be gone because this very command took it, and its answer was lost. So a decline is given
 * only on what was read together with the record that is not there.
 */
async function confirmDecline(
  ledger: Ledger,
  command: Command,
  origin: Origin,
  state: KnownState,
): Promise<PostResult | Lost<KnownState>> {
  const { store, effects } = ledger
  const id = transactionId(origin.client, origin.idempotencyKey)
  // Of one moment, so that the plan asks for no other balances than were read.
  const nowMs = effects.now()
  const names = namesIn(command, origin, state, nowMs)
  const seen = await store.readTogether(id, names)
  if (!seen) return { kind: 'lost' }
  if (seen.record) return answerRecorded(ledger, seen.record, command, origin)
  const { recalled } = state
  if (recalled)
    judge(ledger, state, isAsRecalled(recalled, seen.state.balances) ? 'right' : 'wrong')
  // Nothing of what was only remembered.
  const newer = withNewer({ ...state, balances: new Map() }, seen.state)
  // What it is about has only now appeared, and its balances have not been read.
  if (hasSubject(newer) && !hasSubject(state)) return { kind: 'lost' }
  // Nor has the wallet of a balance that was remembered, and is not there.
  if (ownersOfUnopened(names.balances, newer).some((wallet) => !names.wallets.includes(wallet))) {
    return { kind: 'lost' }
  }
  const plan = planCommand(command, origin, newer, nowMs)
  return plan.kind === 'declined' ? plan : { kind: 'lost', newer }
}

function hasSubject({ subject: { hold, transaction } }: LedgerState): boolean {
  return hold !== undefined || transaction !== undefined
}

async function lookUp(
  ledger: Ledger,
  command: Command,
  origin: Origin,
): Promise<PostResult | undefined> {
  const id = transactionId(origin.client, origin.idempotencyKey)
  const recorded = await ledger.store.readTransaction(id, true)
  return recorded && answerRecorded(ledger, recorded, command, origin)
}
