import {
  type CancellationReason,
  DynamoDBServiceException,
  type TransactGetItemsCommandInput,
} from '@aws-sdk/client-dynamodb'
import { cancelled, invalid } from '../errors.ts'
import { type Place, placeOfKey } from '../layout.ts'
import { type Handle, type Service, tableOf } from '../service.ts'
import type { Table } from '../table.ts'
import { takesRead } from '../throughput.ts'
import { checkedItem, type Item } from '../values.ts'
import { type Read, readerOf } from './read-items.ts'
import { CONFLICT, MOST_ITEMS, NONE, THROTTLED } from './transaction.ts'

/** All of these at one moment, and at none at which one of them is being written. */
export const transactGetItems: Handle<TransactGetItemsCommandInput> = (service, input, respond) => {
  const gets = readGets(service, input)
  const reasons = gets.map((get) => reasonAgainst(service, get))
  respond(
    reasons.some(({ Code }) => Code !== 'None')
      ? { error: cancelled(reasons) }
      : { output: { Responses: gets.map(responseTo) } },
  )
  return 0
}

type Get =
  | { readonly kind: 'get'; readonly table: Table; readonly place: Place; readonly read: Read }
  | { readonly kind: 'misfit'; readonly message: string }

function responseTo(get: Get): { Item?: Item } {
  const item = get.kind === 'get' ? get.read.look() : undefined
  return item ? { Item: item } : {}
}

function readGets(service: Service, { TransactItems = [] }: TransactGetItemsCommandInput): Get[] {
  if (TransactItems.length < 1 || TransactItems.length > MOST_ITEMS) {
    throw invalid(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length between 1 and ${MOST_ITEMS}`,
    )
  }
  const gets = TransactItems.map(({ Get }) => {
    const table = tableOf(service, Get?.TableName)
    const reader = readerOf(service, table, { ...Get }, true)
    return fitted(table, reader, checkedItem(Get?.Key ?? {}))
  })
  const names = gets.flatMap((get) =>
    get.kind === 'get'
      ? [`${get.table.name}\u0000${get.place.partition}\u0000${get.place.sort}`]
      : [],
  )
  if (new Set(names).size < names.length) {
    throw invalid('Transaction request cannot include multiple operations on one item')
  }
  return gets
}

function fitted(table: Table, reader: (key: Item) => Read, key: Item): Get {
  try {
    return { kind: 'get', table, place: placeOfKey(table.layout, key), read: reader(key) }
  } catch (error) {
    if (!(error instanceof DynamoDBServiceException)) throw error
    return { kind: 'misfit', message: error.message }
  }
}

function reasonAgainst(service: Service, get: Get): CancellationReason {
  if (get.kind === 'misfit') return { Code: 'ValidationError', Message: get.message }
  const { random, faults } = service
  const { table, place } = get
  const slot = table.shelf.at(place)
  if (slot?.heldBy || (slot?.pending ?? 0) > 0) return CONFLICT
  if (random.chance(faults().itemConflict)) return CONFLICT
  return takesRead(service, slot, 2) ? NONE : THROTTLED
}
