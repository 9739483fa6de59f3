import type { DynamoDBRecord, AttributeValue as EventValue } from 'aws-lambda'
import { createEventQueue } from '../event-queue.ts'
import { hashOf, type Slot } from './shelf.ts'
import { bytesOf } from './sizes.ts'
import type { Item, Value } from './values.ts'

/**
 * A table's stream. What happened to one item is in one shard and in its order; across items there is none, and of a
 * transaction some may be told long before the rest.
 */
export interface ChangeStream {
  readonly add: (change: Change) => void
  readonly shards: number
  /** Records from a place on, oldest first, as Lambda hands them over. */
  readonly read: (shard: number, from: number, limit: number) => readonly DynamoDBRecord[]
  /** How many records a shard has. */
  readonly length: (shard: number) => number
  /** How many changes it has not told yet. */
  readonly pending: () => number
}

export interface Change {
  readonly slot: Slot
  readonly before: Item | undefined
  readonly after: Item | undefined
}

export interface ChangeStreamOptions {
  readonly tableName: string
  readonly shards: number
  readonly nowUs: () => number
  readonly nowMs: () => number
  /** When a change is told: never before an earlier one of the same item. */
  readonly toldAtUs: (slot: Slot) => number
}

interface Untold extends Change {
  readonly atMs: number
  readonly shard: number
  readonly atUs: number
  readonly lot: number
}

interface Told extends Change {
  readonly atMs: number
  readonly sequence: number
}

const FIRST_SEQUENCE = 100_000_000_000_000_000_000n
const MS_PER_SECOND = 1_000

export function createChangeStream(options: ChangeStreamOptions): ChangeStream {
  const { tableName, shards, nowUs, nowMs, toldAtUs } = options
  const told: Told[][] = Array.from({ length: shards }, () => [])
  /** Told when somebody looks: a time for each of them to be told at would be a third of all that happens. */
  const untold = createEventQueue<Untold>()
  let added = 0
  let sequence = 0

  function tellOf(shard: number): readonly Told[] {
    for (let next = untold.first(); next && next.atUs <= nowUs(); next = untold.first()) {
      const { slot, before, after, atMs } = next
      untold.pop()
      sequence += 1
      told[next.shard]?.push({ slot, before, after, atMs, sequence })
    }
    return told[shard] ?? []
  }

  return {
    shards,
    add({ slot, before, after }) {
      const shard = hashOf(slot.home.name) % shards
      added += 1
      const atUs = toldAtUs(slot)
      untold.push({ slot, before, after, shard, atMs: nowMs(), atUs, lot: added })
    },
    read: (shard, from, limit) =>
      tellOf(shard)
        .slice(from, from + limit)
        .map((one) => recordOf(tableName, one)),
    length: (shard) => tellOf(shard).length,
    pending() {
      tellOf(0)
      return added - sequence
    },
  }
}

function recordOf(tableName: string, told: Told): DynamoDBRecord {
  const { before, after, atMs, sequence } = told
  const { key } = told.slot
  const SequenceNumber = String(FIRST_SEQUENCE + BigInt(sequence))
  return {
    eventID: `${tableName}-${sequence}`,
    eventName: eventName(told),
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: `arn:aws:dynamodb:us-east-1:000000000000:table/${tableName}/stream/simulated`,
    dynamodb: {
      // In seconds: it is when the change was made, as exactly as a stream says it.
      ApproximateCreationDateTime: Math.floor(atMs / MS_PER_SECOND),
      Keys: eventItem(key),
      ...(after && { NewImage: eventItem(after) }),
      ...(before && { OldImage: eventItem(before) }),
      SequenceNumber,
      SizeBytes: bytesOf(key) + (after ? bytesOf(after) : 0) + (before ? bytesOf(before) : 0),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  }
}

function eventName({ before, after }: Change): 'INSERT' | 'MODIFY' | 'REMOVE' {
  if (!before) return 'INSERT'
  return after ? 'MODIFY' : 'REMOVE'
}

function eventItem(item: Item): Record<string, EventValue> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, eventValue(value)]))
}

/** In an event, bytes are base64. */
function eventValue(value: Value): EventValue {
  if (value.B) return { B: base64(value.B) }
  if (value.BS) return { BS: value.BS.map(base64) }
  if (value.L) return { L: value.L.map(eventValue) }
  if (value.M) return { M: eventItem(value.M) }
  if (value.S !== undefined) return { S: value.S }
  if (value.N !== undefined) return { N: value.N }
  if (value.BOOL !== undefined) return { BOOL: value.BOOL }
  if (value.SS) return { SS: value.SS }
  if (value.NS) return { NS: value.NS }
  return { NULL: true }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
