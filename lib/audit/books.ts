import type { AssetCode } from '../money/asset.ts'
import { StoreUnavailable } from '../store/failures.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import { readUntilWhole } from '../store/read-until-whole.ts'
import { addSupply, imbalance, NO_CHANGE, type SupplyChange } from './supply.ts'
import type { AuditTable, Progress } from './table/audit-table.ts'

/** What the books say. All of it is exact, up to the change that the audit saw last. */
export interface Books {
  /** By asset. */
  readonly supplies: ReadonlyMap<string, SupplyChange>
  readonly progress: Progress | undefined
  readonly deadLetters: number
  readonly openFlags: number
}

export type SupplySource = Pick<AuditTable, 'readGenerations' | 'readSupplyShards' | 'sleep'>

export interface BooksSource {
  readonly store: Pick<LedgerStore, 'readAssets'>
  readonly audit: SupplySource &
    Pick<AuditTable, 'readProgress' | 'countDeadLetters' | 'countOpenFlags'>
}

export async function readBooks({ store, audit }: BooksSource): Promise<Books> {
  const assets = await store.readAssets()
  const supplies = new Map<string, SupplyChange>()
  for (const { code } of assets) supplies.set(code, (await readSupply(audit, code)).supply)
  const [progress, deadLetters, openFlags] = await Promise.all([
    audit.readProgress(),
    audit.countDeadLetters(),
    audit.countOpenFlags(),
  ])
  return { supplies, progress, deadLetters, openFlags }
}

/** The supply of an asset, for a client: it is balanced, or the client has to ask again. */
export async function readBalancedSupply(
  audit: SupplySource,
  code: AssetCode,
): Promise<SupplyChange> {
  const { supply, isWhole } = await readSupply(audit, code)
  if (!isWhole) throw new StoreUnavailable(`the supply of ${code} is not balanced`)
  return supply
}

interface SupplyRead {
  readonly supply: SupplyChange
  readonly isWhole: boolean
}

/** Reads until every shard is balanced. If one stays unbalanced, the books are wrong, and the sums are returned as they are. */
export function readSupply(audit: SupplySource, code: AssetCode): Promise<SupplyRead> {
  return readUntilWhole(
    audit,
    true,
    () => readOnce(audit, code),
    ({ isWhole }) => isWhole,
  )
}

/**
 * A step of the audit writes several items of one shard at once, and a query can see some of them as they were. And a
 * rebuild may remove the projections that are being read: then the current ones are others afterwards.
 */
async function readOnce(audit: SupplySource, code: AssetCode): Promise<SupplyRead> {
  const { current } = await audit.readGenerations()
  const shards = await audit.readSupplyShards(current, code)
  const after = await audit.readGenerations()
  return {
    supply: shards.reduce(addSupply, NO_CHANGE),
    isWhole: after.current === current && shards.every((shard) => imbalance(shard) === 0n),
  }
}
