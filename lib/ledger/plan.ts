import type { WalletId } from '../money/account.ts'
import { exactSum } from '../money/amount.ts'
import type { AssetCode } from '../money/asset.ts'
import { type Balance, type Entry, unopenedBalance } from '../money/balance.ts'
import { hashEntry } from '../money/chain.ts'
import { invariant } from '../money/invariant.ts'
import { balanceName, type Movement, netPostings } from '../money/posting.ts'
import { sortMetadata, type Transaction, transactionId } from '../money/transaction.ts'
import type { Wallet } from '../money/wallet.ts'
import {
  type BalanceChange,
  type Commit,
  commitSize,
  MAX_COMMIT_ITEMS,
  type WalletChange,
} from '../store/commit.ts'
import type { Decline } from './decline.ts'
import { fingerprint, type Origin, type PostRequest } from './request.ts'

/** What the ledger knows of everything that a request touches. What is not in here does not exist. */
export interface LedgerState {
  readonly assets: ReadonlySet<AssetCode>
  /** By `balanceName`. */
  readonly balances: ReadonlyMap<string, Balance>
  /** Of the owners of balances that do not exist yet; nobody asked for the others. */
  readonly wallets: ReadonlyMap<WalletId, Wallet>
}

export type Plan =
  | { readonly kind: 'commit'; readonly commit: Commit }
  | { readonly kind: 'declined'; readonly decline: Decline }

/** Decides, without doing anything, what a request would write, or why it may not. */
export function planPost(
  request: PostRequest,
  origin: Origin,
  state: LedgerState,
  nowMs: number,
): Plan {
  const steps = netPostings(request.postings).map((movement) => toStep(movement, state))
  const wallets = walletChanges(steps, state, nowMs)
  const decline = steps
    .map((step) => declineStep(step, state))
    .find((reason) => reason !== undefined)
  if (decline) return { kind: 'declined', decline }

  const items = commitSize({ changes: steps.length, wallets: wallets.length })
  if (items > MAX_COMMIT_ITEMS) {
    const tooLarge = { code: 'TRANSACTION_TOO_LARGE', items, limit: MAX_COMMIT_ITEMS } as const
    return { kind: 'declined', decline: tooLarge }
  }

  // One time for all entries, and never before the newest of them: see invariant 4.
  const at = Math.max(nowMs, ...steps.map(({ before }) => before.at))
  const id = transactionId(origin.client, origin.idempotencyKey)
  const changes = steps.map((step) => changeBalance(step, { id, at, request }))
  const transaction: Transaction = {
    id,
    type: request.type,
    postings: request.postings,
    balances: changes.map(({ after: { walletId, asset, available, held, seq } }) => {
      return { walletId, asset, available, held, seq }
    }),
    reference: request.reference,
    metadata: sortMetadata(request.metadata ?? {}),
    at,
    client: origin.client,
    fingerprint: fingerprint(request),
    requestId: origin.requestId,
  }
  return { kind: 'commit', commit: { transaction, changes, wallets } }
}

/** One movement and the balance that it finds. */
interface Step {
  readonly movement: Movement
  readonly before: Balance
  /** Undefined where no balance can hold it. */
  readonly available: number | undefined
  readonly held: number | undefined
}

function toStep(movement: Movement, { balances }: LedgerState): Step {
  const { walletId, asset, availableDelta, heldDelta } = movement
  const before = balances.get(balanceName(walletId, asset)) ?? unopenedBalance(walletId, asset)
  const available =
    availableDelta === undefined ? undefined : exactSum([before.available, availableDelta])
  return { movement, before, available, held: exactSum([before.held, heldDelta]) }
}

function declineStep(step: Step, { assets, wallets }: LedgerState): Decline | undefined {
  const { movement, before, available, held } = step
  const { walletId, asset, availableDelta } = movement
  if (!assets.has(asset)) return { code: 'ASSET_NOT_FOUND', asset }
  if (availableDelta === undefined || available === undefined || held === undefined) {
    return { code: 'BALANCE_LIMIT', walletId, asset }
  }
  if (availableDelta >= 0 || available >= 0) return undefined
  if (before.seq === 0 && !wallets.has(walletId)) return { code: 'WALLET_NOT_FOUND', walletId }
  return {
    code: 'INSUFFICIENT_FUNDS',
    walletId,
    asset,
    available: before.available,
    required: -availableDelta,
  }
}

interface Change {
  readonly id: Transaction['id']
  readonly at: number
  readonly request: PostRequest
}

function changeBalance(step: Step, { id, at, request }: Change): BalanceChange {
  const { movement, before, available, held } = step
  const { walletId, asset, postings, availableDelta, heldDelta } = movement
  invariant(availableDelta !== undefined, 'a change was checked against the limit')
  invariant(available !== undefined && held !== undefined, 'a change was checked against the limit')
  invariant(availableDelta >= 0 || available >= 0, 'a debit leaves the balance at zero or above')
  const body: Omit<Entry, 'hash'> = {
    walletId,
    asset,
    seq: before.seq + 1,
    at,
    transactionId: id,
    type: request.type,
    availableDelta,
    heldDelta,
    available,
    held,
    postings,
    reference: request.reference,
    prevHash: before.head,
  }
  const entry = { ...body, hash: hashEntry(body) }
  const after = { walletId, asset, available, held, seq: entry.seq, head: entry.hash, at }
  return { before, after, entry }
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
    const wallet = before ?? {
      id,
      status: 'ACTIVE',
      metadata: {},
      createdAt: nowMs,
      balanceCount: 0,
    }
    return { before, after: { ...wallet, balanceCount: wallet.balanceCount + length } }
  })
}
