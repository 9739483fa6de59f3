import type { WalletId } from '../money/account.ts'
import type { HoldId } from '../money/hold.ts'
import type { Item } from '../store/items.ts'
import { EXPIRY_SHARDS } from '../store/keys.ts'
import type { LedgerStore, OverdueRange } from '../store/ledger-store.ts'
import type { Decline } from './decline.ts'
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
  // From anywhere, so that what one run has no time for is not the same each time.
  const start = Math.floor(ledger.effects.random() * EXPIRY_SHARDS)
  const shards = Array.from({ length: EXPIRY_SHARDS }, (_, n) => (start + n) % EXPIRY_SHARDS)
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
  const nowMs = effects.now()
  let total: Swept = { released: 0, alreadyOver: 0, failed: 0, isComplete: false }
  let after: Item | undefined
  for (let page = 0; page < MAX_PAGES_PER_SHARD; page += 1) {
    const overdue = await readPage(store, { shard, nowMs, limit: PAGE, after }, options)
    if (!overdue) return total
    for (const { walletId, holdId } of overdue.holds) {
      if (effects.now() >= options.stopAtMs) return total
      const outcome = await release(ledger, walletId, holdId, options)
      total = { ...total, [outcome]: total[outcome] + 1 }
    }
    // On behind what was read, not from the oldest again: one that cannot be released must not be in the way.
    after = overdue.next
    if (!after) return { ...total, isComplete: true }
  }
  return total
}

/** Undefined where the shard cannot be read now; the others can. */
async function readPage(store: LedgerStore, range: OverdueRange, { onError }: SweepOptions) {
  try {
    return await store.readOverdueHolds(range)
  } catch (error) {
    onError?.(error)
    return undefined
  }
}

const OVER = new Set<Decline['code']>(['HOLD_CLOSED', 'HOLD_NOT_FOUND'])

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
    if (result.kind === 'declined' && OVER.has(result.decline.code)) return 'alreadyOver'
    const reason = result.kind === 'declined' ? result.decline.code : result.kind
    throw new Error(`${holdId} was not released: ${reason}`)
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
