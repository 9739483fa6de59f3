import type { WalletId } from '../money/account.ts'
import type { Balance } from '../money/balance.ts'
import { balanceName, type Movement, movementsOf } from '../money/posting.ts'
import { transactionId } from '../money/transaction.ts'
import { commitSize, MAX_COMMIT_ITEMS } from '../store/commit.ts'
import type { LedgerStore, StateNames } from '../store/ledger-store.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Command, Origin } from './command.ts'
import { isAsRecalled, type Recalled } from './known-balances.ts'
import type { Ledger } from './ledger.ts'
import type { Subject, SubjectName } from './operations/operation.ts'
import { resolve, subjectOf } from './operations/resolve.ts'
import type { LedgerState } from './plan.ts'

/** What a try plans from. */
export interface KnownState extends LedgerState {
  /** Its balances, where nobody has read them since this instance wrote them. */
  readonly recalled?: Recalled
}

/**
 * Reads what the command touches, if nothing of it is known, or `mayRecall` is not so: what was lost to somebody else
 * is no time to trust one's memory.
 */
export async function loadState(
  ledger: Ledger,
  command: Command,
  origin: Origin,
  mayRecall: boolean,
): Promise<KnownState> {
  const { store, effects, knownAssets, knownBalances } = ledger
  const subject = await loadSubject(store, subjectOf(command))
  const touched = touchedBy(command, origin, subject, effects.now())
  const assets = new Set(touched.map(({ asset }) => asset))
  const unknown = Array.from(assets).filter((code) => !knownAssets.has(code))
  const nothing = { subject, assets: knownAssets, balances: new Map(), wallets: new Map() }
  const recalled = knownBalances.recall(touched)
  if (recalled && mayRecall && unknown.length === 0 && knownBalances.isTrusted()) {
    return { ...nothing, balances: withBalances(new Map(), recalled), recalled }
  }
  const found = await store.readState({ balances: touched, assets: unknown })
  for (const { code } of found.assets) knownAssets.add(code)
  if (recalled) {
    const verdict = isAsRecalled(recalled, found.balances) ? 'right' : 'wrong'
    knownBalances.judge(recalled, verdict, 'compared')
  }

  const state = withNewer(nothing, found)
  const owners = ownersOfUnopened(touched, state)
  return owners.length === 0 ? state : withNewer(state, await store.readState({ wallets: owners }))
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
export function namesIn(command: Command, origin: Origin, state: LedgerState, nowMs: number) {
  const touched = touchedBy(command, origin, state.subject, nowMs)
  const subject = subjectOf(command)
  const id = transactionId(origin.client, origin.idempotencyKey)
  return {
    balances: touched,
    wallets: ownersOfUnopened(touched, state),
    holds: subject.kind === 'hold' ? [subject] : [],
    // The record is read beside these, and DynamoDB takes no item twice.
    transactions:
      subject.kind === 'transaction' && subject.transactionId !== id ? [subject.transactionId] : [],
  } satisfies StateNames
}

function touchedBy(command: Command, origin: Origin, subject: Subject, nowMs: number): Movement[] {
  const id = transactionId(origin.client, origin.idempotencyKey)
  const resolved = resolve(command, subject, { id, nowMs })
  if (resolved.kind === 'declined') return []
  const touched = movementsOf(resolved.postings, resolved.shift)
  // A command that is too large is declined whatever the balances are, so they are not read.
  const fits = commitSize({ changes: touched.length, others: 0 }) <= MAX_COMMIT_ITEMS
  return fits ? touched : []
}

/** Of a balance that does not exist, it matters whether its wallet does. */
export function ownersOfUnopened(
  touched: readonly Movement[],
  { balances }: LedgerState,
): WalletId[] {
  const unopened = touched.filter((movement) => !balances.has(balanceName(movement)))
  return Array.from(new Set(unopened.map(({ walletId }) => walletId)))
}

export function withNewer(
  state: LedgerState,
  { balances, wallets, holds: [hold], transactions: [transaction] }: Snapshot,
): LedgerState {
  return {
    assets: state.assets,
    subject: { ...state.subject, ...(hold && { hold }), ...(transaction && { transaction }) },
    balances: withBalances(state.balances, balances),
    wallets: new Map([...state.wallets, ...wallets.map((wallet) => [wallet.id, wallet] as const)]),
  }
}

function withBalances(
  known: LedgerState['balances'],
  newer: readonly Balance[],
): LedgerState['balances'] {
  return new Map([...known, ...newer.map((balance) => [balanceName(balance), balance] as const)])
}
