import { type BalanceId, balanceName } from '../money/posting.ts'
import { StoreUnavailable } from '../store/failures.ts'
import { raiseFlag, UNEXPLAINED_CHANGE } from './flag.ts'
import { catchUp, EntryMissing, type Projector } from './projector.ts'
import type { AuditTable, Generations } from './table/audit-table.ts'
import { type Generation, generationOf } from './table/keys.ts'

export interface RebuildOptions {
  readonly projector: Projector
  /** Every balance that there is, with the number of its last entry; what comes after is the stream's business. */
  readonly balances: AsyncIterable<readonly RebuiltBalance[]>
  /**
   * Tells of what nobody has been told of yet, because its record is still on its way. Without, nobody ever hears of
   * that.
   */
  readonly isTelling: boolean
  /** Until nobody projects into the old ones any more who began before the change. */
  readonly settle: () => Promise<void>
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly onProgress: (done: { readonly balances: number; readonly entries: number }) => void
}

interface RebuiltBalance extends BalanceId {
  readonly seq: number
}

export interface Rebuilt {
  readonly balances: number
  readonly entries: number
  /** Balances whose entries are not all there, or cannot be read: flagged, and projected as far as they go. */
  readonly broken: readonly { readonly balance: string; readonly reason: string }[]
  readonly generations: Generations
}

/** Two who rebuild at once would undo each other's work. */
export class RebuildRefused extends Error {
  override name = 'RebuildRefused'
}

const MAX_PARALLEL = 8
const MAX_ATTEMPTS = 8
const PAUSE_MS = 250
/** What is missing is looked for once more, so much later: it may have been on its way. */
const ARRIVES_WITHIN_MS = 10_000

/**
 * Makes all projections again from the ledger alone, beside those that are there, while writes go on: from its first
 * moment the stream is projected into both. When every balance has been caught up, everybody changes over to the new
 * ones at once, and the old ones go.
 */
export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { projector, balances, settle, onProgress } = options
  const { table } = projector
  const before = await table.readGenerations()
  // One that was given up half-way is begun again from nothing, under a number of its own.
  const building = (before.building ?? before.current) + 1
  const started = { current: before.current, building }
  if (!(await table.writeGenerations(before, started))) {
    throw new RebuildRefused('somebody else has just begun to rebuild')
  }

  const done = { balances: 0, entries: 0 }
  const broken: { balance: string; reason: string }[] = []
  const late: RebuiltBalance[] = []
  const rebuildAll = async (page: readonly RebuiltBalance[], isLate: boolean) => {
    const waiting = page.values()
    const worker = async () => {
      for (const balance of waiting) {
        const result = await rebuildOne(options, started, balance)
        if (result instanceof EntryMissing && !isLate) {
          late.push(balance)
          continue
        }
        done.balances += 1
        if (typeof result === 'number') {
          done.entries += result
        } else {
          await flag(options, balance, result)
          broken.push({ balance: balanceName(balance), reason: result.message })
        }
        onProgress(done)
      }
    }
    await Promise.all(Array.from({ length: MAX_PARALLEL }, worker))
  }
  for await (const page of balances) await rebuildAll(page, false)
  // All of them together, and not each by itself: after a restore they may be many.
  if (late.length > 0) await options.sleep(ARRIVES_WITHIN_MS)
  await rebuildAll(late, true)

  const finished = { current: building, building: undefined }
  if (!(await table.writeGenerations(started, finished))) {
    throw new RebuildRefused('somebody else began to rebuild meanwhile')
  }
  await settle()
  await removeGenerationsBefore(table, building)
  return { ...done, broken, generations: finished }
}

/** How many entries it took, or what is wrong with them. */
async function rebuildOne(
  options: RebuildOptions,
  generations: { readonly current: Generation; readonly building: Generation },
  balance: RebuiltBalance,
): Promise<number | Error> {
  const { sleep } = options
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await bringTogether(options, generations, balance)
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) {
        return error instanceof Error ? error : new Error(String(error))
      }
      if (attempt === MAX_ATTEMPTS) throw error
      await sleep(PAUSE_MS * attempt)
    }
  }
}

async function flag(
  { projector, now }: RebuildOptions,
  { walletId, asset, seq }: RebuiltBalance,
  { message: reason }: Error,
): Promise<void> {
  const facts = { rule: UNEXPLAINED_CHANGE, walletId, asset, transactionIds: [] }
  await projector.table.raise(raiseFlag({ ...facts, reason, at: now() }, ['rebuild', seq]))
}

/** Until the new projection is where the old one is, which the stream moves on meanwhile. */
async function bringTogether(
  { projector, isTelling }: RebuildOptions,
  { current, building }: { readonly current: Generation; readonly building: Generation },
  { walletId, asset, seq }: RebuiltBalance,
): Promise<number> {
  const id = { walletId, asset }
  const silent: Projector = { ...projector, tell: async () => {} }
  if (isTelling) await catchUp(projector, current, id, { upTo: seq })
  let entries = 0
  let upTo = seq
  for (;;) {
    const projected = await catchUp(silent, building, id, { upTo })
    entries += projected
    const old = await projector.table.readProjection(current, id)
    if (!old || old.seq <= upTo) return entries
    upTo = old.seq
  }
}

async function removeGenerationsBefore(table: AuditTable, current: number): Promise<void> {
  for await (const page of table.scan()) {
    const old = page.filter(({ pk }) => (generationOf(String(pk)) ?? current) < current)
    for (const { pk, sk } of old) await table.remove({ pk: String(pk), sk: String(sk) })
  }
}
