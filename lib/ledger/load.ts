import type { WalletId } from '../money/account.ts'
import { type BalanceId, balanceName } from '../money/posting.ts'
import { commitSize, MAX_COMMIT_ITEMS } from '../store/commit.ts'
import type { LedgerStore, StateNames } from '../store/ledger-store.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { LedgerState } from './decide.ts'
import type { Ledger } from './ledger.ts'
import type { Subject, SubjectName } from './operations/operation.ts'
import { touchedBy } from './operations/resolve.ts'
import type { PreparedRequest } from './prepare.ts'

/** Reads what the command touches: its subject first, then balances and assets, then the owners of new balances. */
export async function loadState(
  { store, knownAssets }: Ledger,
  { command, subject: name }: PreparedRequest,
): Promise<LedgerState> {
  const subject = await loadSubject(store, name)
  const touched = readable(touchedBy(command, subject))
  const codes = new Set(touched.map(({ asset }) => asset))
  const unknown = Array.from(codes).filter((code) => !knownAssets.has(code))
  const found = await store.readState({ balances: touched, assets: unknown })
  for (const { code } of found.assets) knownAssets.add(code)

  const nothing = { subject, assets: knownAssets, balances: new Map(), wallets: new Map() }
  const state = withLatest(nothing, found)
  const wallets = ownersOfNewBalances(touched, state)
  return wallets.length === 0 ? state : withLatest(state, await store.readState({ wallets }))
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

/** The names of every item that a decision rests on, for reading them at one moment. */
export function namesIn({ command, id, subject }: PreparedRequest, state: LedgerState) {
  const touched = readable(touchedBy(command, state.subject))
  return {
    balances: touched,
    wallets: ownersOfNewBalances(touched, state),
    holds: subject.kind === 'hold' ? [subject] : [],
    // The record of this request is read beside these, and DynamoDB accepts no item twice.
    transactions:
      subject.kind === 'transaction' && subject.transactionId !== id ? [subject.transactionId] : [],
  } satisfies StateNames
}

/** A command that is too large is declined whatever its balances are, so they are not read. */
function readable(touched: readonly BalanceId[]): readonly BalanceId[] {
  return commitSize({ changes: touched.length, others: 0 }) <= MAX_COMMIT_ITEMS ? touched : []
}

/** For a balance that does not exist, the decision depends on whether its wallet does. */
function ownersOfNewBalances(touched: readonly BalanceId[], { balances }: LedgerState): WalletId[] {
  const missing = touched.filter((id) => !balances.has(balanceName(id)))
  return Array.from(new Set(missing.map(({ walletId }) => walletId)))
}

/** A state, with those of its items replaced that were read again. */
export function withLatest(
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
