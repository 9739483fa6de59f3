import type { WalletId } from '../money/account.ts'
import type { Balance } from '../money/balance.ts'
import type { Wallet, WalletStatus } from '../money/wallet.ts'
import type { StatusCommit } from '../store/commit.ts'
import type { Ledger } from './ledger.ts'
import { type Lost, TRY_FOR_MS, untilWon } from './retry.ts'

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
  return changeStatus<never>(ledger, walletId, status, (found) =>
    planStatus(found, status, reason, ledger.effects.now()),
  )
}

export type FlagResult = StatusResult | { readonly kind: 'superseded' }

/**
 * Freezes a wallet for something that happened at `happenedAt`. It does nothing where the status was changed after that:
 * a flag that is delivered twice, or late, must not undo what an operator has decided since.
 */
export async function freezeForFlag(
  ledger: Ledger,
  walletId: WalletId,
  happenedAt: number,
  reason: StatusReason,
): Promise<FlagResult> {
  return changeStatus<FlagResult>(ledger, walletId, 'FROZEN', (found) => {
    const changedAt = found?.wallet.changedAt
    if (changedAt !== undefined && changedAt >= happenedAt) return { kind: 'superseded' }
    return planStatus(found, 'FROZEN', reason, ledger.effects.now())
  })
}

async function changeStatus<Result extends { readonly kind: string }>(
  ledger: Ledger,
  walletId: WalletId,
  status: WalletStatus,
  plan: (found: Found | undefined) => StatusCommit | StatusResult | Result,
): Promise<StatusResult | Result> {
  const { store, effects } = ledger
  const doubts: Doubts = { change: undefined }
  const result = await untilWon<{ readonly found: Found | undefined }, StatusResult | Result>(
    effects,
    {
      giveUpAt: effects.now() + TRY_FOR_MS,
      load: async () => ({ found: await store.readWallet(walletId, true) }),
      attempt: async ({ found }) => {
        if (found && isTorn(found)) return { kind: 'lost' }
        if (found && hasHappened(found, doubts)) return doneBefore(found, status)
        const planned = plan(found)
        return 'kind' in planned ? planned : commitStatus(ledger, planned, doubts)
      },
    },
  )
  return result ?? { kind: 'busy' }
}

/** The number of the change that was sent, and whose answer never came. */
interface Doubts {
  change: number | undefined
}

/**
 * There is one change of each number, and only two ways from each status. So, unless the wallet is closed, it was this one,
 * or another one to the same. Somebody may have taken it back since, and to make it once more would be a second freeze that nobody asked for.
 */
function hasHappened({ wallet }: Found, { change }: Doubts): boolean {
  return change !== undefined && wallet.statusChanges >= change && wallet.status !== 'CLOSED'
}

function doneBefore({ wallet, balances }: Found, status: WalletStatus): StatusResult {
  return {
    kind: 'done',
    wallet: { ...wallet, status },
    balances: balances.map((balance) => ({ ...balance, status })),
  }
}

/** Read one by one, a wallet may be seen before a balance that was opened with it, or that has its new status already. */
function isTorn({ wallet, balances }: Found): boolean {
  return (
    wallet.balanceCount !== balances.length ||
    balances.some(({ status }) => status !== wallet.status)
  )
}

/** What would be written; or the answer, where nothing is. */
function planStatus(
  found: Found | undefined,
  status: WalletStatus,
  { reason, by }: StatusReason,
  nowMs: number,
): StatusCommit | StatusResult {
  if (!found) return { kind: 'refused', code: 'WALLET_NOT_FOUND' }
  const { wallet, balances } = found
  if (wallet.status === status) return { kind: 'done', ...found }
  if (wallet.status === 'CLOSED') return { kind: 'refused', code: 'WALLET_CLOSED' }
  const isEmpty = balances.every(({ available, held }) => available === 0 && held === 0)
  if (status === 'CLOSED' && !isEmpty) return { kind: 'refused', code: 'WALLET_NOT_EMPTY' }
  const statusChanges = wallet.statusChanges + 1
  const change = { status, reason, changedBy: by, changedAt: nowMs, statusChanges }
  return { before: wallet, after: { ...wallet, ...change }, balances }
}

async function commitStatus(
  { store, knownBalances }: Ledger,
  commit: StatusCommit,
  doubts: Doubts,
): Promise<StatusResult | Lost<{ readonly found: Found | undefined }>> {
  const { after, balances } = commit
  const outcome = await store.commitStatus(commit)
  knownBalances.forget(balances)
  const mayStillCome = 'mayStillCome' in outcome && outcome.mayStillCome === true
  const isInDoubt = outcome.kind === 'unknown' || mayStillCome
  // Nothing takes a closing back, so it shows by itself.
  if (isInDoubt && after.status !== 'CLOSED') doubts.change ??= after.statusChanges
  if (outcome.kind !== 'committed') return { kind: 'lost' }
  const { status } = after
  return {
    kind: 'done',
    wallet: after,
    balances: balances.map((balance) => ({ ...balance, status })),
  }
}
