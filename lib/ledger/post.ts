import { isWalletId, type WalletId } from '../money/account.ts'
import { balanceName, type Movement, movementsOf } from '../money/posting.ts'
import { type Transaction, type TransactionId, transactionId } from '../money/transaction.ts'
import { commitSize, MAX_COMMIT_ITEMS } from '../store/commit.ts'
import type { LedgerStore, StateNames } from '../store/ledger-store.ts'
import type { Snapshot } from '../store/snapshot.ts'
import { type Command, fingerprint, type Origin } from './command.ts'
import type { Decline } from './decline.ts'
import type { Ledger } from './ledger.ts'
import type { Subject, SubjectName } from './operations/operation.ts'
import { resolve, subjectOf } from './operations/resolve.ts'
import { type LedgerState, planCommand } from './plan.ts'
import { type Lost, TRY_FOR_MS, untilWon } from './retry.ts'

export type PostResult =
  | { readonly kind: 'posted'; readonly transaction: Transaction; readonly replayed: boolean }
  | { readonly kind: 'declined'; readonly decline: Decline }
  | { readonly kind: 'key-reused'; readonly transactionId: TransactionId }
  | { readonly kind: 'busy' }

/**
 * Moves money, once. Reads what the command touches, plans, and commits under the condition that nothing
 * moved since; where something did, plans again from what the refusal showed.
 */
export async function post(ledger: Ledger, command: Command, origin: Origin): Promise<PostResult> {
  const giveUpAt = ledger.effects.now() + TRY_FOR_MS
  const doubts: Doubts = { isInDoubt: false }
  const result = await ledger.takeTurns(queuesOf(command), () =>
    untilWon<LedgerState, PostResult>(ledger.effects, {
      giveUpAt,
      load: () => loadState(ledger, command, origin),
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

/** Declines that only the time gives: nothing has changed that would stop a write that is under way. */
const BY_THE_CLOCK = new Set<Decline['code']>(['HOLD_EXPIRED', 'HOLD_NOT_OVER'])

async function tryOnce(
  ledger: Ledger,
  command: Command,
  origin: Origin,
  state: LedgerState,
  doubts: Doubts,
): Promise<PostResult | Lost<LedgerState>> {
  const { store, effects, lostTries } = ledger
  const plan = planCommand(command, origin, state, effects.now())
  if (plan.kind === 'declined') {
    const result = await confirmDecline(ledger, command, origin, state)
    const mayStillCome = doubts.isInDoubt && result.kind === 'declined'
    return mayStillCome && BY_THE_CLOCK.has(result.decline.code) ? { kind: 'busy' } : result
  }
  if (plan.kind === 'torn') return { kind: 'lost' }
  const outcome = await store.commit(plan.commit)
  switch (outcome.kind) {
    case 'committed':
      return { kind: 'posted', transaction: plan.commit.transaction, replayed: false }
    case 'recorded':
      return answerFrom(outcome.transaction, command, origin)
    case 'stale':
      lostTries.count('a-newer-state')
      return { kind: 'lost', newer: withNewer(state, outcome.newer) }
    case 'contended':
      lostTries.count('a-conflict')
      return { kind: 'lost' }
    case 'unknown':
      doubts.isInDoubt = true
      lostTries.count('a-lost-answer')
      return (await answerRecorded(store, command, origin)) ?? { kind: 'lost' }
  }
}

/**
 * The money may be gone because this very command took it, and its answer was lost. So a decline is given
 * only on what was read together with the record that is not there.
 */
async function confirmDecline(
  ledger: Ledger,
  command: Command,
  origin: Origin,
  state: LedgerState,
): Promise<PostResult | Lost<LedgerState>> {
  const { store, effects } = ledger
  const id = transactionId(origin.client, origin.idempotencyKey)
  const seen = await store.readTogether(id, namesIn(ledger, command, origin, state))
  if (!seen) return { kind: 'lost' }
  if (seen.record) return answerFrom(seen.record, command, origin)
  const newer = withNewer(state, seen.state)
  // What it is about has only now appeared, and its balances have not been read.
  if (hasSubject(newer) && !hasSubject(state)) return { kind: 'lost' }
  const plan = planCommand(command, origin, newer, effects.now())
  return plan.kind === 'declined' ? plan : { kind: 'lost', newer }
}

function hasSubject({ subject: { hold, transaction } }: LedgerState): boolean {
  return hold !== undefined || transaction !== undefined
}

async function answerRecorded(
  store: LedgerStore,
  command: Command,
  origin: Origin,
): Promise<PostResult | undefined> {
  const id = transactionId(origin.client, origin.idempotencyKey)
  const recorded = await store.readTransaction(id, true)
  return recorded && answerFrom(recorded, command, origin)
}

function answerFrom(transaction: Transaction, command: Command, { requestId }: Origin): PostResult {
  if (transaction.fingerprint !== fingerprint(command)) {
    return { kind: 'key-reused', transactionId: transaction.id }
  }
  // The record can be this request's own: written by a try whose answer never came.
  return { kind: 'posted', transaction, replayed: transaction.requestId !== requestId }
}

async function loadState(ledger: Ledger, command: Command, origin: Origin): Promise<LedgerState> {
  const { store, knownAssets } = ledger
  const subject = await loadSubject(store, subjectOf(command))
  const touched = touchedBy(ledger, command, origin, subject)
  const assets = new Set(touched.map(({ asset }) => asset))
  const found = await store.readState({
    balances: touched,
    assets: Array.from(assets).filter((code) => !knownAssets.has(code)),
  })
  for (const { code } of found.assets) knownAssets.add(code)

  const nothing = { subject, assets: knownAssets, balances: new Map(), wallets: new Map() }
  const state = withNewer(nothing, found)
  return withNewer(state, await store.readState({ wallets: ownersOfUnopened(touched, state) }))
}

async function loadSubject(store: LedgerStore, name: SubjectName): Promise<Subject> {
  switch (name.kind) {
    case 'nothing':
      return {}
    case 'hold':
      return { hold: await store.readHold(name, true) }
    case 'transaction':
      return { transaction: await store.readTransaction(name.transactionId, true) }
  }
}

/** The names of everything that a decision on this command rests on. */
function namesIn(ledger: Ledger, command: Command, origin: Origin, state: LedgerState): StateNames {
  const touched = touchedBy(ledger, command, origin, state.subject)
  const subject = subjectOf(command)
  const id = transactionId(origin.client, origin.idempotencyKey)
  return {
    balances: touched,
    wallets: ownersOfUnopened(touched, state),
    holds: subject.kind === 'hold' ? [subject] : [],
    // The record is read beside these, and DynamoDB takes no item twice.
    transactions:
      subject.kind === 'transaction' && subject.transactionId !== id ? [subject.transactionId] : [],
  }
}

function touchedBy(
  { effects }: Ledger,
  command: Command,
  origin: Origin,
  subject: Subject,
): Movement[] {
  const id = transactionId(origin.client, origin.idempotencyKey)
  const resolved = resolve(command, subject, { id, nowMs: effects.now() })
  if (resolved.kind === 'declined') return []
  const touched = movementsOf(resolved.postings, resolved.shift)
  // A command that is too large is declined whatever the balances are, so they are not read.
  const fits = commitSize({ changes: touched.length, others: 0 }) <= MAX_COMMIT_ITEMS
  return fits ? touched : []
}

/** Of a balance that does not exist, it matters whether its wallet does. */
function ownersOfUnopened(touched: readonly Movement[], { balances }: LedgerState): WalletId[] {
  const unopened = touched.filter((movement) => !balances.has(balanceName(movement)))
  return Array.from(new Set(unopened.map(({ walletId }) => walletId)))
}

function withNewer(
  state: LedgerState,
  { balances, wallets, holds: [hold], transactions: [transaction] }: Snapshot,
): LedgerState {
  return {
    assets: state.assets,
    subject: { ...state.subject, ...(hold && { hold }), ...(transaction && { transaction }) },
    balances: new Map([
      ...state.balances,
      ...balances.map((balance) => [balanceName(balance), balance] as const),
    ]),
    wallets: new Map([...state.wallets, ...wallets.map((wallet) => [wallet.id, wallet] as const)]),
  }
}
