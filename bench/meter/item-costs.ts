import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { consistentReadUnits, itemBytes, transactionalWriteUnits } from '../../lib/store/sizes.ts'
import { type Bill, NOTHING } from './bill.ts'

export type RawItem = Record<string, AttributeValue>

/** What of a table decides about the price of an item. */
export interface Layout {
  readonly keys: readonly string[]
  readonly indexes: readonly Index[]
}

export interface Index {
  readonly keys: readonly string[]
  /** Whether it holds whole items, or their keys only. */
  readonly isWhole: boolean
}

export type ReadMode = 'eventual' | 'consistent' | 'transactional'

/** How often an item is read for what a consistent read costs. */
const READ_FACTOR: Readonly<Record<ReadMode, number>> = {
  eventual: 0.5,
  consistent: 1,
  transactional: 2,
}

const WRITE_UNIT_BYTES = 1024
/** AWS bills this much for each stored item, beside what is in it. */
const STORED_OVERHEAD_BYTES = 100

export function readCost(item: RawItem | undefined, mode: ReadMode): Bill {
  return { ...NOTHING, readUnits: READ_FACTOR[mode] * consistentReadUnits(item) }
}

export interface Written {
  readonly before: RawItem | undefined
  readonly after: RawItem | undefined
  readonly isTransactional: boolean
}

export function writeCost(layout: Layout, { before, after, isTransactional }: Written): Bill {
  const larger = transactionalWriteUnits(before, after ?? {})
  return {
    ...NOTHING,
    writeUnits: Math.max(1, isTransactional ? larger : larger / 2),
    indexUnits: sum(layout.indexes, (index) => indexUnits(layout, index, before, after)),
    storedBytes: storedBytes(layout, after) - storedBytes(layout, before),
    largestItemBytes: after ? itemBytes(after) : 0,
  }
}

/**
 * An index is written where what it holds of the item is another than before: once for an entry that comes, goes or
 * changes, and twice for one that moves to another key.
 */
function indexUnits(
  layout: Layout,
  index: Index,
  before: RawItem | undefined,
  after: RawItem | undefined,
): number {
  const [old, fresh] = [entryOf(layout, index, before), entryOf(layout, index, after)]
  if (same(old, fresh, Object.keys({ ...old, ...fresh }))) return 0
  if (!old || !fresh) return unitsOf(old ?? fresh)
  if (same(old, fresh, index.keys)) return Math.max(unitsOf(old), unitsOf(fresh))
  return unitsOf(old) + unitsOf(fresh)
}

/** What an index holds of an item; nothing, where it has not all of the index's keys. */
function entryOf(layout: Layout, index: Index, item: RawItem | undefined): RawItem | undefined {
  if (!item || index.keys.some((name) => item[name] === undefined)) return undefined
  if (index.isWhole) return item
  const held = new Set([...layout.keys, ...index.keys])
  return Object.fromEntries(Object.entries(item).filter(([name]) => held.has(name)))
}

function storedBytes(layout: Layout, item: RawItem | undefined): number {
  const copies = [item, ...layout.indexes.map((index) => entryOf(layout, index, item))]
  return sum(copies, (copy) => (copy ? STORED_OVERHEAD_BYTES + itemBytes(copy) : 0))
}

function unitsOf(entry: RawItem | undefined): number {
  return entry ? Math.ceil(itemBytes(entry) / WRITE_UNIT_BYTES) : 0
}

function same(a: RawItem | undefined, b: RawItem | undefined, names: readonly string[]): boolean {
  return names.every((name) => JSON.stringify(a?.[name]) === JSON.stringify(b?.[name]))
}

function sum<Thing>(things: readonly Thing[], sizeOf: (thing: Thing) => number): number {
  return things.reduce((total, thing) => total + sizeOf(thing), 0)
}
