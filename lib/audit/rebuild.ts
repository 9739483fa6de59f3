import type { BalanceId } from '../money/posting.ts'
import { catchUp, type Projector } from './projector.ts'
import type { AuditTable, Generations } from './table/audit-table.ts'
import { generationOf } from './table/keys.ts'

export interface RebuildOptions {
  readonly projector: Projector
  /** Every balance that there is, in any order; those that come to life meanwhile are the stream's business. */
  readonly balances: AsyncIterable<readonly BalanceId[]>
  /** Until nobody projects into the old ones any more who began before the change. */
  readonly settle: () => Promise<void>
  readonly onProgress: (done: { readonly balances: number; readonly entries: number }) => void
}

export interface Rebuilt {
  readonly balances: number
  readonly entries: number
  readonly generations: Generations
}

/** Two who rebuild at once would undo each other's work. */
export class RebuildRefused extends Error {
  override name = 'RebuildRefused'
}

const MAX_PARALLEL = 16

/**
 * Makes all projections again from the ledger alone, beside those that are there, while writes go on: from its first
 * moment the stream is projected into both. When every balance has been caught up, everybody changes over to the new
 * ones at once, and the old ones go.
 */
export async function rebuild({
  projector,
  balances,
  settle,
  onProgress,
}: RebuildOptions): Promise<Rebuilt> {
  const { table } = projector
  const before = await table.readGenerations()
  // One that was given up half-way is begun again from nothing, under a number of its own.
  const building = (before.building ?? before.current) + 1
  const started = { current: before.current, building }
  if (!(await table.writeGenerations(before, started))) {
    throw new RebuildRefused('somebody else has just begun to rebuild')
  }

  const done = { balances: 0, entries: 0 }
  const silent: Projector = { ...projector, tell: async () => {} }
  for await (const page of balances) {
    const waiting = page.values()
    const worker = async () => {
      for (const id of waiting) {
        const entries = await catchUp(silent, building, id)
        done.entries += entries
        done.balances += 1
        onProgress(done)
      }
    }
    await Promise.all(Array.from({ length: MAX_PARALLEL }, worker))
  }

  const finished = { current: building, building: undefined }
  if (!(await table.writeGenerations(started, finished))) {
    throw new RebuildRefused('somebody else began to rebuild meanwhile')
  }
  await settle()
  await removeOldGenerations(table, building)
  return { ...done, generations: finished }
}

async function removeOldGenerations(table: AuditTable, current: number): Promise<void> {
  for await (const page of table.scan()) {
    const old = page.filter(({ pk }) => {
      const generation = generationOf(String(pk))
      return generation !== undefined && generation !== current
    })
    for (const { pk, sk } of old) await table.remove({ pk: String(pk), sk: String(sk) })
  }
}
