import type { WalletId } from '../money/account.ts'
import { exactSum } from '../money/amount.ts'
import type { AssetCode } from '../money/asset.ts'
import { type Balance, type Entry, unopenedBalance } from '../money/balance.ts'
import { hashEntry } from '../money/chain.ts'
import { invariant } from '../money/invariant.ts'
import { balanceName, type Movement, movementsOf } from '../money/posting.ts'
import { sortMetadata, type Transaction } from '../money/transaction.ts'
import { MAX_BALANCES, newWallet, type Wallet } from '../money/wallet.ts'
import {
  type BalanceChange,
  type Commit,
  commitSize,
  MAX_COMMIT_ITEMS,
  type WalletChange,
} from '../store/commit.ts'
import type { Decline } from './decline.ts'
import { type Declined, declined, type Resolved, type Subject } from './operations/operation.ts'
import { resolve } from './operations/resolve.ts'
import type { PreparedRequest } from './prepare.ts'

/** Everything that a command touches. What is not in here does not exist. */
export interface LedgerState {
  readonly subject: Subject
  readonly assets: ReadonlySet<AssetCode>
  /** By `balanceName`. */
  readonly balances: ReadonlyMap<string, Balance>
  /** The owners of balances that do not exist yet. Other wallets are not read. */
  readonly wallets: ReadonlyMap<WalletId, Wallet>
}

export type Decision =
  | { readonly kind: 'commit'; readonly commit: Commit }
  | Declined
  /** The state is not of one moment: a hold and its balance contradict each other. It has to be read again. */
  | { readonly kind: 'torn' }

/** What a request writes in this state, or why it is declined. Pure. */
export function decide(request: PreparedRequest, state: LedgerState, nowMs: number): Decision {
  const { command, id, client, requestId, fingerprint } = request
  const resolved = resolve(command, state.subject, { id, nowMs })
  if (resolved.kind === 'declined') return resolved

  const steps = movementsOf(resolved.postings, resolved.shift).map((movement) =>
    toStep(movement, state, resolved),
  )
  const wallets = walletChanges(steps, state, nowMs)
  const decline =
    tooLarge(steps, wallets, resolved) ?? firstDecline(steps, state) ?? fullWallet(wallets)
  if (decline) return declined(decline)
  if (steps.some(({ held = 0 }) => held < 0)) return { kind: 'torn' }

  // One time for all entries, and never before the newest of them: see invariant 4.
  const at = Math.max(nowMs, ...steps.map(({ before }) => before.at))
  const { type } = command
  const { postings, shift, hold, reversal, reference, metadata = {} } = resolved
  const changes = steps.map((step) => changeBalance(step, { id, at, type, reference }))
  const transaction: Transaction = {
    id,
    type,
    postings,
    hold: shift,
    balances: changes.map(({ after: { walletId, asset, available, held, seq } }) => {
      return { walletId, asset, available, held, seq }
    }),
    reference,
    metadata: sortMetadata(metadata),
    at,
    client,
    fingerprint,
    requestId,
    reverses: reversal?.original.id,
    reversed: 0,
  }
  return { kind: 'commit', commit: { transaction, changes, wallets, hold, reversal } }
}

/** One movement and the balance that it finds. */
interface Step {
  readonly movement: Movement
  readonly before: Balance
  /** Undefined where no balance can hold it. */
  readonly available: number | undefined
  readonly held: number | undefined
  readonly allowOverdraft: boolean
  readonly allowFrozen: boolean
}

function toStep(
  movement: Movement,
  state: LedgerState,
  { allowOverdraft = false, allowFrozen = false }: Resolved,
): Step {
  const { walletId, availableDelta, heldDelta } = movement
  const before = state.balances.get(balanceName(movement)) ?? {
    ...unopenedBalance(movement),
    status: state.wallets.get(walletId)?.status ?? 'ACTIVE',
  }
  const available =
    availableDelta === undefined ? undefined : exactSum([before.available, availableDelta])
  const held = exactSum([before.held, heldDelta])
  return { movement, before, available, held, allowOverdraft, allowFrozen }
}

function firstDecline(steps: readonly Step[], state: LedgerState): Decline | undefined {
  for (const step of steps) {
    const { asset } = step.movement
    if (!state.assets.has(asset)) return { code: 'ASSET_NOT_FOUND', asset }
    const decline = limitDecline(step) ?? statusDecline(step, state) ?? moneyDecline(step)
    if (decline) return decline
  }
  return undefined
}

/** What the wallet's state forbids, whatever it holds. */
function statusDecline(
  { movement, before, allowFrozen }: Step,
  { wallets }: LedgerState,
): Decline | undefined {
  const { walletId, postings, heldDelta } = movement
  // Posting by posting, not their sum: money that passes through a frozen wallet leaves it all the same.
  const isDebit = heldDelta > 0 || postings.some(({ amount }) => amount < 0)
  if (isDebit && before.seq === 0 && !wallets.has(walletId)) {
    return { code: 'WALLET_NOT_FOUND', walletId }
  }
  if (before.status === 'CLOSED') return { code: 'WALLET_CLOSED', walletId }
  if (before.status === 'FROZEN' && isDebit && !allowFrozen) {
    return { code: 'WALLET_FROZEN', walletId }
  }
  return undefined
}

/** A sum that no balance can hold, whoever's it is. */
function limitDecline({ movement, available, held }: Step): Decline | undefined {
  const { walletId, asset, availableDelta } = movement
  const isHoldable = availableDelta !== undefined && available !== undefined && held !== undefined
  // Both together, so that what is held can always be given back.
  const fitsTogether = isHoldable && exactSum([available, held]) !== undefined
  return fitsTogether ? undefined : { code: 'BALANCE_LIMIT', walletId, asset }
}

function moneyDecline({
  movement,
  before,
  available = 0,
  allowOverdraft,
}: Step): Decline | undefined {
  const { walletId, asset, availableDelta = 0 } = movement
  if (availableDelta >= 0 || available >= 0 || allowOverdraft) return undefined
  return {
    code: 'INSUFFICIENT_FUNDS',
    walletId,
    asset,
    available: before.available,
    required: -availableDelta,
  }
}

function fullWallet(wallets: readonly WalletChange[]): Decline | undefined {
  const full = wallets.find(({ after }) => after.balanceCount > MAX_BALANCES)
  return full && { code: 'WALLET_FULL', walletId: full.after.id, limit: MAX_BALANCES }
}

function tooLarge(
  steps: readonly Step[],
  wallets: readonly WalletChange[],
  { hold, reversal }: Resolved,
): Decline | undefined {
  const others = wallets.length + (hold ? 1 : 0) + (reversal ? 1 : 0)
  const items = commitSize({ changes: steps.length, others })
  if (items <= MAX_COMMIT_ITEMS) return undefined
  return { code: 'TRANSACTION_TOO_LARGE', items, limit: MAX_COMMIT_ITEMS }
}

type EntryHeader = Pick<Entry, 'at' | 'type' | 'reference'> & { readonly id: Transaction['id'] }

function changeBalance(step: Step, { id, at, type, reference }: EntryHeader): BalanceChange {
  const { movement, before, available, held, allowOverdraft } = step
  const { walletId, asset, postings, availableDelta, heldDelta } = movement
  invariant(availableDelta !== undefined, 'a change was checked against the limit')
  invariant(available !== undefined && held !== undefined, 'a change was checked against the limit')
  invariant(availableDelta >= 0 || available >= 0 || allowOverdraft, 'a debit leaves zero or more')
  invariant(held >= 0, 'nobody holds less than nothing')
  const body: Omit<Entry, 'hash'> = {
    walletId,
    asset,
    seq: before.seq + 1,
    at,
    transactionId: id,
    type,
    availableDelta,
    heldDelta,
    available,
    held,
    postings,
    reference,
    prevHash: before.head,
  }
  const entry = { ...body, hash: hashEntry(body) }
  const after = { ...before, available, held, seq: entry.seq, head: entry.hash, at }
  return { before, after, entry, allowOverdraft }
}

/** A wallet is written only when it gets a balance that it did not have. */
function walletChanges(
  steps: readonly Step[],
  { wallets }: LedgerState,
  nowMs: number,
): WalletChange[] {
  const opened = Map.groupBy(
    steps.filter(({ before }) => before.seq === 0),
    ({ movement }) => movement.walletId,
  )
  return Array.from(opened, ([id, { length }]) => {
    const before = wallets.get(id)
    const wallet = before ?? newWallet(id, nowMs)
    return { before, after: { ...wallet, balanceCount: wallet.balanceCount + length } }
  })
}
