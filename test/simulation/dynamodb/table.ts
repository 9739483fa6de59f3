import type { TableDefinition } from '../../../lib/store/tables.ts'
import type { ChangeStream } from './change-stream.ts'
import {
  type IndexLayout,
  keyOf,
  layoutOf,
  type Place,
  sortable,
  type TableLayout,
} from './layout.ts'
import { createShelf, type Shelf, type ShelfOptions, type Slot } from './shelf.ts'
import { bytesOf } from './sizes.ts'
import { attribute, type Item, isSameItem } from './values.ts'

/** A table: its items, the indexes that follow it, and the stream that tells of it. */
export interface Table {
  readonly name: string
  readonly definition: TableDefinition
  readonly layout: TableLayout
  readonly shelf: Shelf
  readonly indexes: ReadonlyMap<string, Index>
  readonly stream: ChangeStream | undefined
  /** `bytes` is its size. */
  readonly write: (slot: Slot, item: Item | undefined, bytes: number) => void
  /** Everything that was ever written, in order; it can be brought back as it was. */
  readonly history: readonly HistoricWrite[]
}

export interface Index {
  readonly layout: IndexLayout
  readonly shelf: Shelf
}

export interface HistoricWrite {
  readonly atUs: number
  readonly slot: Slot
  readonly item: Item | undefined
}

export interface TableOptions extends ShelfOptions {
  readonly name: string
  readonly definition: TableDefinition
  readonly stream: ChangeStream | undefined
  readonly keepsHistory: boolean
  /** When an index has heard of a change: never before it has heard of an earlier one of the same item. */
  readonly later: (slot: Slot, tell: () => void) => void
}

export function createTable(options: TableOptions): Table {
  const { name, definition, stream, keepsHistory, nowUs, later } = options
  const layout = layoutOf(definition)
  const shelf = createShelf(options)
  const history: HistoricWrite[] = []
  const indexes = new Map(
    layout.indexes.map((index) => [index.name, { layout: index, shelf: createShelf(options) }]),
  )

  function write(slot: Slot, item: Item | undefined, bytes: number): void {
    const before = slot.item
    if (before === item || (before && item && isSameItem(before, item))) return
    if (keepsHistory) history.push({ atUs: nowUs(), slot, item })
    shelf.write(slot, item, bytes)
    for (const index of indexes.values()) reindex(index, slot, before, item)
    stream?.add({ slot, before, after: item })
  }

  function reindex(index: Index, slot: Slot, before: Item | undefined, after: Item | undefined) {
    const [old, fresh] = [entryOf(layout, index, before), entryOf(layout, index, after)]
    if (old ? fresh && isSameItem(old, fresh) : !fresh) return
    later(slot, () => {
      const tie = `${slot.home.name}\u0000${slot.sort}`
      const [from, to] = [old, fresh].map((entry) => entry && placeIn(index.layout, entry))
      const isMoved = from && (from.partition !== to?.partition || from.sort !== to.sort)
      const left = isMoved && index.shelf.at(from, tie)
      if (left) index.shelf.write(left, undefined, 0)
      if (to && fresh) index.shelf.write(index.shelf.open(to, fresh, tie), fresh, bytesOf(fresh))
    })
  }

  return { name, definition, layout, shelf, indexes, stream, write, history }
}

/** What an index has of an item: nothing, unless the item has both keys of the index. */
function entryOf(
  layout: TableLayout,
  { layout: index }: Index,
  item: Item | undefined,
): Item | undefined {
  if (!item) return undefined
  if (!attribute(item, index.partition.name) || !attribute(item, index.sort.name)) return undefined
  return index.isWhole ? item : { ...keyOf(layout, item), ...keyOf(index, item) }
}

function placeIn({ partition, sort }: IndexLayout, entry: Item): Place | undefined {
  const [first, second] = [attribute(entry, partition.name), attribute(entry, sort.name)]
  return first && second && { partition: sortable(first), sort: sortable(second) }
}
