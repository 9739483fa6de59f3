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
  readonly slot: Slot
  readonly holds: (item: Item | undefined) => boolean
  /** What is there afterwards. Throws where the item is such that this cannot be done to it. */
  readonly outcome: (item: Item | undefined) => Outcome
  readonly isCheck: boolean
  /** Whether who fails is shown what was there. */
  readonly showsOld: boolean
  /** What the request brings, for the limit on a transaction. */
  readonly bytes: number
}

export interface Outcome {
  readonly item: Item | undefined
  readonly bytes: number
}

/** A write of which nobody knows yet whether it fits its table. */
export interface UnplacedWrite extends Omit<Write, 'slot'> {
  readonly place: () => Slot
}

export type WriteRequest = WithExpressions & {
  readonly ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined
} & (
    | { readonly kind: 'put'; readonly Item: Item | undefined }
    | { readonly kind: 'update' | 'delete' | 'check'; readonly Key: Item | undefined }
  )

const MOST_ITEM_BYTES = 400 * 1024
const NOTHING: Item = {}

/** Fails where the request says something that is wrong of any table. */
export function readWrite(table: Table, request: WriteRequest): UnplacedWrite {
  const { layout } = table
  const given = checkedGiven(request)
  const bytes = bytesOf(given)
  if (bytes > MOST_ITEM_BYTES) throw invalid('Item size has exceeded the maximum allowed size')
  const expressions = readExpressions(request)
  const { condition, values } = expressions
  return {
    table,
    holds: (item) => condition === undefined || condition.made(item ?? NOTHING, values),
    outcome: outcomeOf(request.kind, layout, { item: given, bytes }, expressions),
    isCheck: request.kind === 'check',
    showsOld: request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
    bytes,
    place() {
      checkNested(layout, expressions)
      const place = request.kind === 'put' ? placeOfItem(layout, given) : placeOfKey(layout, given)
      if (expressions.update) checkUpdated(layout, expressions.update.made.sections)
      return table.shelf.open(place, request.kind === 'put' ? keyOf(layout, given) : given)
    },
  }
}

/** Fails where this table has other keys. */
export function placed(write: UnplacedWrite): Write {
  const { table, holds, outcome, isCheck, showsOld, bytes } = write
  return { table, holds, outcome, isCheck, showsOld, bytes, slot: write.place() }
}

function checkedGiven(request: WriteRequest): Item {
  const given = request.kind === 'put' ? request.Item : request.Key
  if (!given)
    throw invalid(`The parameter '${request.kind === 'put' ? 'Item' : 'Key'}' is required`)
  return checkedItem(given)
}

function outcomeOf(
  kind: WriteRequest['kind'],
  layout: TableLayout,
  given: { readonly item: Item; readonly bytes: number },
  { update, values }: RequestExpressions,
): Write['outcome'] {
  switch (kind) {
    case 'put':
      return () => given
    case 'delete':
    case 'check':
      return () => GONE
    case 'update':
      return (before) => {
        const item = update
          ? update.made.update(before ?? given.item, values)
          : (before ?? given.item)
        const bytes = bytesOf(item)
        if (bytes > MOST_ITEM_BYTES) {
          throw invalid('Item size to update has exceeded the maximum allowed size')
        }
        checkIndexKeys(layout, item)
        return { item, bytes }
      }
  }
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
