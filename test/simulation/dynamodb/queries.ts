import { invalid } from './errors.ts'
import type { KeyPart } from './expressions/key-condition.ts'
import {
  checkNotEmpty,
  type KeyAttribute,
  type KeyPair,
  keyOf,
  type Place,
  placeOfKey,
  sortable,
} from './layout.ts'
import {
  type RequestExpressions,
  readExpressions,
  type WithExpressions,
} from './request-expressions.ts'
import { firstIndex, isBefore, type Slot } from './shelf.ts'
import { bytesOf } from './sizes.ts'
import type { Index, Table } from './table.ts'
import { checkedItem, type Item } from './values.ts'
import { checkNested } from './writes.ts'

/** What Query and Scan have in common. */
export interface PageRequest extends WithExpressions {
  readonly Limit?: number | undefined
  readonly ExclusiveStartKey?: Item | undefined
  readonly Select?: string | undefined
  readonly ConsistentRead?: boolean | undefined
}

export interface QueryRequest extends PageRequest {
  readonly IndexName?: string | undefined
  readonly ScanIndexForward?: boolean | undefined
}

export interface Page {
  readonly Items?: Item[]
  readonly Count: number
  readonly ScannedCount: number
  readonly LastEvaluatedKey?: Item
}

/** How an item looks to the reader: as it is, or as it was. */
export type View = (slot: Slot) => Item | undefined

export interface ReadyQuery {
  /** What the page touches, for the throughput. */
  readonly partition: string
  readonly isConsistent: boolean
  readonly run: (view: View) => Page
}

const MOST_PAGE_BYTES = 1024 * 1024

export function readQuery(table: Table, request: QueryRequest): ReadyQuery {
  const index = request.IndexName === undefined ? undefined : indexOf(table, request.IndexName)
  if (index && request.ConsistentRead) {
    throw invalid('Consistent reads are not supported on global secondary indexes')
  }
  checkPage(request)
  const expressions = readExpressions(request)
  if (!expressions.keyCondition) {
    throw invalid(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    )
  }
  const keys = index?.layout ?? table.layout
  const parts = expressions.keyCondition.made(expressions.values)
  const { partition, where } = readParts(keys, parts)
  checkNested(table.layout, expressions)
  checkFiltered(keys, expressions)
  if (index) checkProjected(table, index, expressions)
  const shelf = index?.shelf ?? table.shelf
  const start = request.ExclusiveStartKey && startOf(table, index, request.ExclusiveStartKey)
  if (start) checkStart(start, partition, where)
  const pageOf = pager(table, index, request, expressions)
  const isForward = request.ScanIndexForward ?? true
  return {
    partition,
    isConsistent: request.ConsistentRead ?? false,
    run: (view) => {
      const slots = shelf.partition(partition)
      const low = firstIndex(slots, (slot) => where(slot.sort) !== 'before')
      const high = firstIndex(slots, (slot) => where(slot.sort) === 'after')
      return pageOf(
        isForward ? upwards(slots, low, high, start) : downwards(slots, low, high, start),
        view,
      )
    },
  }
}

export function readScan(table: Table, request: PageRequest): ReadyQuery {
  checkPage(request)
  const expressions = readExpressions(request)
  checkNested(table.layout, expressions)
  const start = request.ExclusiveStartKey && startOf(table, undefined, request.ExclusiveStartKey)
  const pageOf = pager(table, undefined, request, expressions)
  return {
    partition: '',
    isConsistent: request.ConsistentRead ?? false,
    run: (view) => pageOf(everything(table, start), view),
  }
}

type Where = (sort: string) => 'before' | 'in' | 'after'
type Start = Place & { readonly tie: string }

function indexOf(table: Table, name: string): Index {
  const index = table.indexes.get(name)
  if (!index) throw invalid(`The table does not have the specified index: ${name}`)
  return index
}

function checkPage({ Limit, Select, ProjectionExpression }: PageRequest): void {
  if (Limit !== undefined && Limit < 1) {
    throw invalid(
      `1 validation error detected: Value '${Limit}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    )
  }
  if (Select !== undefined && (Select !== 'COUNT' || ProjectionExpression !== undefined)) {
    throw new Error(`not simulated: Select ${Select}`)
  }
}

function readParts(keys: KeyPair, parts: readonly KeyPart[]): { partition: string; where: Where } {
  const partOf = (name: string) => parts.find((part) => part.name === name)
  const [first, second] = [partOf(keys.partition.name), partOf(keys.sort.name)]
  if (!first || (parts.length > 1 && !second)) {
    throw invalid(
      `Query condition missed key schema element: ${(first ? keys.sort : keys.partition).name}`,
    )
  }
  if (first.operator !== '=') throw invalid('Query key condition not supported')
  const [partition] = operandsOf(keys.partition, first)
  return { partition: partition ?? '', where: second ? whereOf(keys.sort, second) : () => 'in' }
}

function operandsOf({ name, type }: KeyAttribute, { operands }: KeyPart): string[] {
  return operands.map((value) => {
    if (value[type] === undefined) {
      throw invalid(
        'One or more parameter values were invalid: Condition parameter type does not match schema type',
      )
    }
    checkNotEmpty(name, value)
    return sortable(value)
  })
}

function whereOf(key: KeyAttribute, part: KeyPart): Where {
  const [low = '', high = ''] = operandsOf(key, part)
  switch (part.operator) {
    case '=':
      return (sort) => within(sort, low, low)
    case '<':
      return (sort) => (sort < low ? 'in' : 'after')
    case '<=':
      return (sort) => (sort <= low ? 'in' : 'after')
    case '>':
      return (sort) => (sort > low ? 'in' : 'before')
    case '>=':
      return (sort) => (sort >= low ? 'in' : 'before')
    case 'between':
      return (sort) => within(sort, low, high)
    case 'begins_with':
      return (sort) => {
        if (sort.startsWith(low)) return 'in'
        return sort < low ? 'before' : 'after'
      }
  }
}

function within(sort: string, low: string, high: string): 'before' | 'in' | 'after' {
  if (sort < low) return 'before'
  return sort > high ? 'after' : 'in'
}

/** A filter looks at what a query has found: the keys are for finding. */
function checkFiltered({ partition, sort }: KeyPair, { filter }: RequestExpressions): void {
  for (const { name } of [partition, sort]) {
    if (filter?.pathHeads.has(name)) {
      throw invalid(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
      )
    }
  }
}

/** An index that holds only keys has nothing else to look at, or to give. */
function checkProjected(
  { layout }: Table,
  { layout: index }: Index,
  { filter, projection }: RequestExpressions,
): void {
  if (index.isWhole) return
  const held = new Set([layout.partition, layout.sort, index.partition, index.sort].map(nameOf))
  const missing = (heads: ReadonlySet<string> = new Set()) => {
    return Array.from(heads).filter((name) => !held.has(name))
  }
  const [filtered, projected] = [missing(filter?.pathHeads), missing(projection?.pathHeads)]
  if (filtered.length > 0) {
    throw invalid(
      `One or more parameter values were invalid: Secondary index ${index.name} does not project one or more filter attributes: [${filtered.join(', ')}]`,
    )
  }
  if (projected.length > 0) {
    throw invalid(
      `One or more parameter values were invalid: Global secondary index ${index.name} does not project [${projected.join(', ')}]`,
    )
  }
}

const nameOf = ({ name }: KeyAttribute) => name

const BAD_START = 'The provided starting key is invalid'

function startOf(table: Table, index: Index | undefined, given: Item): Start {
  const key = checkedItem(given)
  const expected = { ...keyOf(table.layout, key), ...(index && keyOf(index.layout, key)) }
  if (Object.keys(expected).length !== Object.keys(key).length) throw invalid(BAD_START)
  const own = placeOfStart(table.layout, keyOf(table.layout, key))
  if (!index) return { ...own, tie: '' }
  return {
    ...placeOfStart(index.layout, keyOf(index.layout, key)),
    tie: `${own.partition}\u0000${own.sort}`,
  }
}

function placeOfStart(layout: KeyPair, key: Item): Place {
  try {
    return placeOfKey(layout, key)
  } catch (error) {
    throw error instanceof Error ? invalid(`${BAD_START}: ${error.message}`) : error
  }
}

function checkStart(start: Start, partition: string, where: Where): void {
  if (where(start.sort) !== 'in') {
    throw invalid('The provided starting key does not match the range key predicate')
  }
  if (start.partition !== partition) {
    throw invalid(
      'The provided starting key is outside query boundaries based on provided conditions',
    )
  }
}

function* upwards(slots: readonly Slot[], low: number, high: number, start: Start | undefined) {
  const from = start ? firstIndex(slots, (slot) => isBefore(start, slot)) : low
  for (let place = Math.max(low, from); place < high; place += 1) {
    const slot = slots[place]
    if (slot) yield slot
  }
}

function* downwards(slots: readonly Slot[], low: number, high: number, start: Start | undefined) {
  const to = start ? firstIndex(slots, (slot) => !isBefore(slot, start)) : high
  for (let place = Math.min(high, to) - 1; place >= low; place -= 1) {
    const slot = slots[place]
    if (slot) yield slot
  }
}

/** Partition after partition; on behind the start, also where that is no longer there. */
function* everything({ shelf }: Table, start: Start | undefined) {
  const partitions = start ? shelf.partitionsFrom(start.partition) : shelf.partitions()
  for (const { name, slots } of partitions) {
    const isFirst = start !== undefined && name === start.partition
    yield* upwards(slots, 0, slots.length, isFirst ? start : undefined)
  }
}

/** Takes items until the page is full, and shows what the filter leaves of them. */
function pager(
  table: Table,
  index: Index | undefined,
  { Limit = Number.POSITIVE_INFINITY, Select }: PageRequest,
  { filter, projection, values }: RequestExpressions,
) {
  return (slots: Iterable<Slot>, view: View): Page => {
    const { seen, isFull } = fill(slots, view, Limit)
    const kept = filter ? seen.filter((item) => filter.made(item, values)) : seen
    const last = seen.at(-1)
    return {
      ...(Select !== 'COUNT' && { Items: projection ? kept.map(projection.made) : kept }),
      Count: kept.length,
      ScannedCount: seen.length,
      ...(isFull && last && { LastEvaluatedKey: positionOf(table, index, last) }),
    }
  }
}

function fill(slots: Iterable<Slot>, view: View, limit: number) {
  const seen: Item[] = []
  let bytes = 0
  for (const slot of slots) {
    const item = view(slot)
    if (!item) continue
    seen.push(item)
    bytes += item === slot.item ? slot.bytes : bytesOf(item)
    if (seen.length >= limit || bytes >= MOST_PAGE_BYTES) return { seen, isFull: true }
  }
  return { seen, isFull: false }
}

function positionOf(table: Table, index: Index | undefined, item: Item): Item {
  return { ...keyOf(table.layout, item), ...(index && keyOf(index.layout, item)) }
}
