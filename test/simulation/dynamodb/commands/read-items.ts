import type { BatchGetItemCommandInput, GetItemCommandInput } from '@aws-sdk/client-dynamodb'
import { exceeded, invalid, overloaded } from '../errors.ts'
import { type Place, placeOfKey } from '../layout.ts'
import { readExpressions, type WithExpressions } from '../request-expressions.ts'
import { type Handle, type Service, tableOf } from '../service.ts'
import { itemAsOf, type Slot } from '../shelf.ts'
import { bytesOf } from '../sizes.ts'
import type { Table } from '../table.ts'
import { takesRead } from '../throughput.ts'
import { checkedItem, type Item } from '../values.ts'
import { checkNested } from '../writes.ts'

/** Reads of one item, and of many, each of which is read by itself: another write may come in between. */

export const getItem: Handle<GetItemCommandInput> = (service, input, respond) => {
  const table = tableOf(service, input.TableName)
  const read = readerOf(service, table, input, input.ConsistentRead ?? false)
  const one = read(input.Key)
  if (!one.isBearable()) {
    respond({ error: overloaded(service.random) })
    return 0
  }
  const item = one.look()
  respond({ output: item ? { Item: item } : {} })
  return 0
}

const LEFT_OUT = 'a batch read left a key out'
const MOST_KEYS = 100
const MOST_BYTES = 16 * 1024 * 1024

export const batchGetItem: Handle<BatchGetItemCommandInput> = (service, input, respond) => {
  const reads = readBatch(service, input)
  const { random, faults, tally } = service
  const afterUs = random.between(faults().batchReadUs)
  // Some now, and some later.
  const early = afterUs === 0 ? reads : reads.filter(() => random.chance(0.5))
  const found = new Map<BatchRead, Item | undefined>()
  const left = new Set<BatchRead>()
  let bytes = 0
  const look = (one: BatchRead) => {
    const isLeftOut = random.chance(faults().keyLeftOut)
    if (bytes > MOST_BYTES || tally.strikes(LEFT_OUT, isLeftOut) || !one.read.isBearable()) {
      left.add(one)
      return
    }
    const item = one.read.look()
    found.set(one, item)
    bytes += item ? bytesOf(item) : 0
  }
  const finish = () => {
    for (const read of reads) if (!found.has(read) && !left.has(read)) look(read)
    respond(found.size === 0 ? { error: exceeded() } : { output: batchOutput(input, reads, found) })
  }
  for (const read of early) look(read)
  if (afterUs === 0) finish()
  else service.after(afterUs, finish)
  return afterUs
}

export interface Read {
  readonly place: Place
  readonly isBearable: () => boolean
  readonly look: () => Item | undefined
}

interface BatchRead {
  readonly tableName: string
  readonly key: Item
  readonly read: Read
}

/** Who reads one key: strongly, or from somebody who may be behind. */
export function readerOf(
  service: Service,
  table: Table,
  request: WithExpressions,
  isConsistent: boolean,
) {
  const expressions = readExpressions(request)
  checkNested(table.layout, expressions)
  const project = (item: Item | undefined) => item && (expressions.projection?.made(item) ?? item)
  return (given: Item | undefined): Read => {
    const place = placeOfKey(table.layout, checkedItem(given ?? {}))
    return {
      place,
      isBearable: () => takesRead(service, table.shelf.at(place), isConsistent ? 1 : 0.5),
      look() {
        const slot = table.shelf.at(place)
        return project(slot && viewOf(service, isConsistent)(slot))
      },
    }
  }
}

/** One look at the table, or at a copy of it that is behind. */
export function viewOf(service: Service, isConsistent: boolean): (slot: Slot) => Item | undefined {
  const { random, faults, nowUs, tally } = service
  const { stale } = faults()
  if (isConsistent || !random.chance(stale.chance)) return (slot) => slot.item
  const asOfUs = nowUs() - random.between(stale.byUs)
  return (slot) => {
    const item = itemAsOf(slot, asOfUs)
    tally.strikes('a read showed what was before', item !== slot.item)
    return item
  }
}

function readBatch(service: Service, { RequestItems = {} }: BatchGetItemCommandInput): BatchRead[] {
  const requests = Object.entries(RequestItems)
  const asked = requests.reduce((sum, [, { Keys = [] }]) => sum + Keys.length, 0)
  if (asked > MOST_KEYS) throw invalid('Too many items requested for the BatchGetItem call')
  return requests.flatMap(([tableName, { Keys = [], ConsistentRead = false, ...request }]) => {
    const table = tableOf(service, tableName)
    const read = readerOf(service, table, request, ConsistentRead)
    const reads = Keys.map((key) => ({ tableName, key, read: read(key) }))
    if (reads.length > 1 && countPlaces(reads) < reads.length) {
      throw invalid('Provided list of item keys contains duplicates')
    }
    return reads
  })
}

function countPlaces(reads: readonly BatchRead[]): number {
  return new Set(reads.map(({ read: { place } }) => `${place.partition}\u0000${place.sort}`)).size
}

function batchOutput(
  { RequestItems = {} }: BatchGetItemCommandInput,
  reads: readonly BatchRead[],
  found: ReadonlyMap<BatchRead, Item | undefined>,
) {
  const Responses: Record<string, Item[]> = {}
  const UnprocessedKeys: Record<string, object> = {}
  for (const [tableName, request] of Object.entries(RequestItems)) {
    const own = reads.filter((read) => read.tableName === tableName)
    Responses[tableName] = own.flatMap((read) => {
      const item = found.get(read)
      return item ? [item] : []
    })
    const Keys = own.filter((read) => !found.has(read)).map(({ key }) => key)
    if (Keys.length > 0) UnprocessedKeys[tableName] = { ...request, Keys }
  }
  return { Responses, UnprocessedKeys }
}
