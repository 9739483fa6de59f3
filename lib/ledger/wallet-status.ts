import { isDeepStrictEqual } from 'node:util'
import type { WalletId } from '../money/account.ts'
import type { Balance } from '../money/balance.ts'
import { statusRecordOf, type Wallet, type WalletStatus } from '../money/wallet.ts'
import { isInDoubt, type StatusCommit } from '../store/commit.ts'
import { readUntilWhole } from '../store/read-until-whole.ts'
import type { Ledger } from './ledger.ts'
import { type Conflict, RETRY_BUDGET_MS, retryOnConflict } from './retry.ts'

export type StatusResult =
  | { readonly kind: 'done'; readonly wallet: Wallet; readonly balances: readonly Balance[] }
  | {
      readonly kind: 'refused'
      readonly code: 'WALLET_NOT_FOUND' | 'WALLET_CLOSED' | 'WALLET_NOT_EMPTY'
    }
  | { readonly kind: 'busy' }

export interface StatusReason {
  readonly reason?: string | undefined
  /** The caller who asks for it. */
  readonly by?: string | undefined
}

type Found = { readonly wallet: Wallet; readonly balances: readonly Balance[] }

/**
 * Freezes, releases or closes a wallet, with all its balances in one transaction. The status is on every
 * balance and every movement is conditioned on it: so a debit commits before a freeze, or not at all.
 */
export async function setWalletStatus(
  ledger: Ledger,
  walletId: WalletId,
  status: WalletStatus,
  reason: StatusReason = {},
): Promise<StatusResult> {
  // One time for all attempts: by it, the record tells which of them was committed.
  const nowMs = ledger.effects.now()
  return changeStatus<never>(ledger, walletId, (found) => {
    // A decision is recorded also where the status stays, so that a flag from before it does not undo it.
    if (found && isDecided(found.wallet, status, reason)) return { kind: 'done', ...found }
    return planStatus(found, status, reason, nowMs)
  })
}

function isDecided(wallet: Wallet, status: WalletStatus, { reason, by }: StatusReason): boolean {
  if (wallet.status !== status) return false
  return status === 'CLOSED' || (wallet.reason === reason && wallet.changedBy === by)
}

export type FlagResult = StatusResult | { readonly kind: 'superseded' }

/**
 * Freezes a wallet for a flag about something that happened at `happenedAt`. It does nothing where the flag, which the
 * reason names, has frozen the wallet before, or the status was changed after it happened: a flag that is delivered twice,
 * or late, must not undo what an operator has decided since.
 */
export async function freezeForFlag(
  ledger: Ledger,
  walletId: WalletId,
  happenedAt: number,
  reason: Required<StatusReason>,
): Promise<FlagResult> {
  const nowMs = ledger.effects.now()
  const history = await ledger.store.readStatusHistory(walletId)
  const isKnown = history.some(({ by, reason: why }) => by === reason.by && why === reason.reason)
  if (isKnown) return { kind: 'superseded' }
  return changeStatus<FlagResult>(ledger, walletId, (found) => {
    const { status, changedAt } = found?.wallet ?? {}
    if (found && status === 'FROZEN') return { kind: 'done', ...found }
    if (changedAt !== undefined && changedAt >= happenedAt) return { kind: 'superseded' }
    return planStatus(found, 'FROZEN', reason, nowMs)
  })
}

async function changeStatus<Result extends { readonly kind: string }>(
  ledger: Ledger,
  walletId: WalletId,
  plan: (found: Found | undefined) => StatusCommit | StatusResult | Result,
): Promise<StatusResult | Result> {
  const { store, effects } = ledger
  const doubt: Doubt = { sent: undefined }
  const result = await retryOnConflict<
    { readonly found: Found | undefined },
    StatusResult | Result
  >(effects, {
    deadline: effects.now() + RETRY_BUDGET_MS,
    load: async () => ({ found: await store.readWallet(walletId, true) }),
    attempt: async ({ found }) => {
      if (found && isTorn(found)) return { kind: 'conflict' }
      const earlier = found && (await outcomeOfSent(ledger, found, doubt))
      if (earlier) return earlier
      const planned = plan(found)
      return 'kind' in planned ? planned : commitStatus(ledger, planned, doubt)
    },
  })
  return result ?? { kind: 'busy' }
}

/** A change that was sent and whose outcome is unknown: the wallet as the change would make it. */
interface Doubt {
  sent: Wallet | undefined
}

/**
 * The outcome of the change that was sent; undefined if it is not committed. There is one change of each number, and its
 * record says whose it is. An operator may have reverted it since, so it must not be made again. One that is not committed
 * yet is sent again under the same number, so that only one of the two can be.
 */
async function outcomeOfSent(
  { store }: Ledger,
  { wallet, balances }: Found,
  doubt: Doubt,
): Promise<StatusResult | Conflict<never> | undefined> {
  const { sent } = doubt
  if (!sent || wallet.statusChanges < sent.statusChanges) return undefined
  const record = await readUntilWhole(
    store,
    true,
    () => store.readStatusRecord(wallet.id, sent.statusChanges),
    (found) => found !== undefined,
  )
  if (!record) return { kind: 'conflict' }
  if (isDeepStrictEqual(record, statusRecordOf(sent))) return done(sent, balances)
  doubt.sent = undefined
  return undefined
}

function done(wallet: Wallet, balances: readonly Balance[]): StatusResult {
  const { status } = wallet
  return { kind: 'done', wallet, balances: balances.map((balance) => ({ ...balance, status })) }
}

/** Read one by one, a wallet may be seen before a balance that was opened with it, or that has its new status already. */
function isTorn({ wallet, balances }: Found): boolean {
  return (
    wallet.balanceCount !== balances.length ||
    balances.some(({ status }) => status !== wallet.status)
  )
}

/** The commit, or the refusal. */
function planStatus(
  found: Found | undefined,
  status: WalletStatus,
  { reason, by }: StatusReason,
  nowMs: number,
): StatusCommit | StatusResult {
  if (!found) return { kind: 'refused', code: 'WALLET_NOT_FOUND' }
  const { wallet, balances } = found
  if (wallet.status === 'CLOSED') return { kind: 'refused', code: 'WALLET_CLOSED' }
  const isEmpty = balances.every(({ available, held }) => available === 0 && held === 0)
  if (status === 'CLOSED' && !isEmpty) return { kind: 'refused', code: 'WALLET_NOT_EMPTY' }
  const statusChanges = wallet.statusChanges + 1
  const change = { status, reason, changedBy: by, changedAt: nowMs, statusChanges }
  return { before: wallet, after: { ...wallet, ...change }, balances }
}

async function commitStatus(
  { store }: Ledger,
  commit: StatusCommit,
  doubt: Doubt,
): Promise<StatusResult | Conflict<{ readonly found: Found | undefined }>> {
  const { after, balances } = commit
  const outcome = await store.commitStatus(commit)
  if (outcome.kind === 'committed') return done(after, balances)
  if (isInDoubt(outcome)) doubt.sent = after
  return { kind: 'conflict' }
}
