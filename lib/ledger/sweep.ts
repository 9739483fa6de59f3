import type { WalletId } from '../money/account.ts'
import type { HoldId } from '../money/hold.ts'
import { EXPIRY_SHARDS } from '../store/keys.ts'
import type { Ledger } from './ledger.ts'
import { post } from './post.ts'

export interface Swept {
  readonly released: number
  /** Somebody else was first: a capture, a void, or another sweeper. */
  readonly alreadyOver: number
  /** Still there for the next run. */
  readonly failed: number
  /** Whether every shard was swept to its end. */
  readonly isComplete: boolean
}

export interface SweepOptions {
  /** No new release is begun after this. */
  readonly stopAtMs: number
  /** Of this run: it tells what this sweeper did from what another one did. */
  readonly requestId: string
  readonly onError?: ((error: unknown) => void) | undefined
}

const PAGE = 100
const MAX_PAGES_PER_SHARD = 100
/** Releases at the same time: enough to empty a crowded minute, few enough for one small function. */
const PARALLEL_SHARDS = 8

/** The caller of every release: so that two sweepers make one transaction of the same hold. */
const SWEEPER = '@sweeper'

/** Gives back what holds kept whose time is over. Safe at any time, twice, late, and by two at once. */
export async function sweepHolds(ledger: Ledger, options: SweepOptions): Promise<Swept> {
  const shards = Array.from({ length: EXPIRY_SHARDS }, (_, shard) => shard)
  const totals: Swept[] = []
  const worker = async () => {
    for (let shard = shards.shift(); shard !== undefined; shard = shards.shift()) {
      totals.push(await sweepShard(ledger, shard, options))
    }
  }
  await Promise.all(Array.from({ length: PARALLEL_SHARDS }, worker))
  return totals.reduce(addUp)
}

async function sweepShard(ledger: Ledger, shard: number, options: SweepOptions): Promise<Swept> {
  const { store, effects } = ledger
  let total: Swept = { released: 0, alreadyOver: 0, failed: 0, isComplete: false }
  for (let page = 0; page < MAX_PAGES_PER_SHARD; page += 1) {
    const overdue = await store.readOverdueHolds(shard, effects.now(), PAGE)
    let progress = 0
    for (const { walletId, holdId } of overdue) {
      if (effects.now() >= options.stopAtMs) return total
      const outcome = await release(ledger, walletId, holdId, options)
      total = { ...total, [outcome]: total[outcome] + 1 }
      if (outcome === 'released') progress += 1
    }
    if (overdue.length < PAGE) return { ...total, isComplete: true }
    // The index follows the table a moment later. What it still shows is left for the next run.
    if (progress === 0) return total
  }
  return total
}

async function release(
  ledger: Ledger,
  walletId: WalletId,
  holdId: HoldId,
  { requestId, onError }: SweepOptions,
): Promise<'released' | 'alreadyOver' | 'failed'> {
  try {
    const result = await post(
      ledger,
      { type: 'EXPIRE', walletId, holdId },
      { client: SWEEPER, idempotencyKey: `expire-${holdId}`, requestId },
    )
    if (result.kind === 'posted') return result.replayed ? 'alreadyOver' : 'released'
    return result.kind === 'declined' ? 'alreadyOver' : 'failed'
  } catch (error) {
    // One hold that cannot be released must not keep the others.
    onError?.(error)
    return 'failed'
  }
}

function addUp(a: Swept, b: Swept): Swept {
  return {
    released: a.released + b.released,
    alreadyOver: a.alreadyOver + b.alreadyOver,
    failed: a.failed + b.failed,
    isComplete: a.isComplete && b.isComplete,
  }
}
