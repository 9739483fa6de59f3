import type { AssetCode } from '../money/asset.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import { imbalance, type SupplyChange } from './supply.ts'
import type { AuditTable, Progress } from './table/audit-table.ts'

/** What the books say. All of it is exact, up to the change that the audit saw last. */
export interface Books {
  /** By asset. */
  readonly supplies: ReadonlyMap<string, SupplyChange>
  readonly progress: Progress | undefined
  readonly deadLetters: number
  readonly openFlags: number
}

export interface BooksSource {
  readonly store: Pick<LedgerStore, 'readAssets'>
  readonly audit: Pick<
    AuditTable,
    'readGenerations' | 'readSupply' | 'readProgress' | 'countDeadLetters' | 'countOpenFlags'
  >
}

const MAX_LOOKS = 3

export async function readBooks({ store, audit }: BooksSource): Promise<Books> {
  const assets = await store.readAssets()
  const supplies = new Map<string, SupplyChange>()
  for (const { code } of assets) supplies.set(code, await readSupply(audit, code))
  const [progress, deadLetters, openFlags] = await Promise.all([
    audit.readProgress(),
    audit.countDeadLetters(),
    audit.countOpenFlags(),
  ])
  return { supplies, progress, deadLetters, openFlags }
}

/**
 * A step of the audit writes several items at once, and a query that comes just then can see some of them as they were;
 * and a rebuild may just take away what is read. So what is not balanced is looked at again before anybody is told.
 */
async function readSupply(audit: BooksSource['audit'], code: AssetCode): Promise<SupplyChange> {
  const look = async () => audit.readSupply((await audit.readGenerations()).current, code)
  let supply = await look()
  for (let looks = 1; looks < MAX_LOOKS && imbalance(supply) !== 0n; looks += 1) {
    supply = await look()
  }
  return supply
}
