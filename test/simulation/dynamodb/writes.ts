import type { ReturnValuesOnConditionCheckFailure } from '@aws-sdk/client-dynamodb'
import { invalid } from './errors.ts'
import { checkIndexKeys, keyOf, placeOfItem, placeOfKey, type TableLayout } from './layout.ts'
import {
  type RequestExpressions,
  readExpressions,
  type WithExpressions,
} from './request-expressions.ts'
import type { Slot } from './shelf.ts'
import { bytesOf } from './sizes.ts'
import type { Table } from './table.ts'
import { checkedItem, type Item } from './values.ts'

/** One item that is to be written, or only looked at, if its condition holds. */
export interface Write {
  readonly table: Table
  readonly kind: 'put' | 'update' | 'delete' | 'check'
  /** The item, or its key. */
  readonly given: Item
  /** What the request brings, for the limit on a transaction. */
  readonly bytes: number
  readonly expressions: RequestExpressions
  /** Whether who fails is shown what was there. */
  readonly showsOld: boolean
}

export interface Outcome {
  readonly item: Item | undefined
  readonly bytes: number
}

export interface WriteRequest extends WithExpressions {
  readonly ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined
}

const MOST_ITEM_BYTES = 400 * 1024
const NOTHING: Item = {}

/** Fails where the request says something that is wrong of any table. */
export function readWrite(
  table: Table,
  kind: Write['kind'],
  sent: Item | undefined,
  request: WriteRequest,
): Write {
  if (!sent) throw invalid(`The parameter '${kind === 'put' ? 'Item' : 'Key'}' is required`)
  const given = checkedItem(sent)
  const bytes = bytesOf(given)
  if (bytes > MOST_ITEM_BYTES) throw invalid('Item size has exceeded the maximum allowed size')
  const showsOld = request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD'
  return { table, kind, given, bytes, expressions: readExpressions(request), showsOld }
}

/** Fails where this table has other keys. */
export function slotFor({ table, kind, given, expressions }: Write): Slot {
  const { layout, shelf } = table
  checkNested(layout, expressions)
  if (kind === 'put') return shelf.open(placeOfItem(layout, given), keyOf(layout, given))
  const place = placeOfKey(layout, given)
  if (expressions.update) checkUpdated(layout, expressions.update.made.sections)
  return shelf.open(place, given)
}

export function holds({ condition, values }: RequestExpressions, item: Item | undefined): boolean {
  return condition === undefined || condition.made(item ?? NOTHING, values)
}

/** What is there afterwards. Throws where the item is such that this cannot be done to it. */
export function outcomeOf(
  { kind, table, given, bytes, expressions }: Write,
  before: Item | undefined,
): Outcome {
  if (kind === 'put') return { item: given, bytes }
  return kind === 'update' ? updated(table.layout, expressions, before ?? given) : GONE
}

function updated(
  layout: TableLayout,
  { update, values }: RequestExpressions,
  before: Item,
): Outcome {
  const item = update ? update.made.update(before, values) : before
  const bytes = bytesOf(item)
  if (bytes > MOST_ITEM_BYTES) {
    throw invalid('Item size to update has exceeded the maximum allowed size')
  }
  checkIndexKeys(layout, item)
  return { item, bytes }
}

const GONE: Outcome = { item: undefined, bytes: 0 }

function checkUpdated(
  { partition, sort }: TableLayout,
  sections: readonly { readonly path: readonly (string | number)[] }[],
): void {
  for (const { name } of [partition, sort]) {
    if (sections.some(({ path }) => path[0] === name)) {
      throw invalid(
        `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
      )
    }
  }
}

/** Keys are no lists and no maps. */
export function checkNested(layout: TableLayout, expressions: RequestExpressions): void {
  const { update, condition, filter, projection } = expressions
  for (const parsed of [update, condition, filter, projection]) {
    if (!parsed || parsed.nestedHeads.size === 0) continue
    for (const { name, label } of keyNames(layout)) {
      if (parsed.nestedHeads.has(name)) {
        throw invalid(
          `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${label}: ${name}`,
        )
      }
    }
  }
}

function keyNames({ partition, sort, indexes }: TableLayout) {
  return [
    ...[partition, sort].map(({ name }) => ({ name, label: 'Key' })),
    ...indexes.flatMap((index) =>
      [index.partition, index.sort].map(({ name }) => ({ name, label: 'IndexKey' })),
    ),
  ]
}
