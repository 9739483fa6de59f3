import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge'
import { invariant } from '../money/invariant.ts'
import { StoreUnavailable } from '../store/failures.ts'
import type { DomainEvent } from './events.ts'
import type { Publisher } from './publish.ts'

export interface EventBridgeOptions {
  readonly client: Pick<EventBridgeClient, 'send'>
  readonly busName: string
  readonly sleep?: (ms: number) => Promise<void>
  readonly random?: () => number
}

/** What EventBridge takes in one call. */
const MAX_ENTRIES = 10
const MAX_BYTES = 256 * 1024
/** As EventBridge counts the time of an entry. */
const TIME_BYTES = 14

/** It may take some entries of a call and leave others: those are sent again, so often. */
const MAX_ROUNDS = 5
const PAUSE_MS = 50

const CONNECTION_TIMEOUT_MS = 2_000
const REQUEST_TIMEOUT_MS = 4_000
const MAX_ATTEMPTS = 3

/** Endpoint, region and credentials come from the environment. */
export function openEventBridge(): EventBridgeClient {
  return new EventBridgeClient({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  })
}

/** One call after the other, so that a bus gets the events of a balance in their order, while all goes well. */
export function publishToEventBridge(options: EventBridgeOptions): Publisher {
  return async (events) => {
    const entries = events.map((event) => toEntry(event, options.busName))
    for (const batch of batchesOf(entries)) await putAll(options, batch)
  }
}

function toEntry(event: DomainEvent, EventBusName: string): PutEventsRequestEntry {
  return {
    EventBusName,
    Source: event.source,
    DetailType: event.type,
    Time: new Date(event.time),
    Detail: JSON.stringify(event),
  }
}

function batchesOf(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const batches: PutEventsRequestEntry[][] = []
  let room = 0
  for (const entry of entries) {
    const bytes = sizeOf(entry)
    invariant(bytes <= MAX_BYTES, 'an event fits one call of EventBridge')
    const batch = batches.at(-1)
    if (!batch || batch.length === MAX_ENTRIES || bytes > room) {
      batches.push([entry])
      room = MAX_BYTES - bytes
    } else {
      batch.push(entry)
      room -= bytes
    }
  }
  return batches
}

function sizeOf({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail].map((text) => Buffer.byteLength(text))
  return texts.reduce((sum, bytes) => sum + bytes, TIME_BYTES)
}

async function putAll(
  { client, sleep = realSleep, random = Math.random }: EventBridgeOptions,
  batch: readonly PutEventsRequestEntry[],
): Promise<void> {
  let left = [...batch]
  let code: string | undefined
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (round > 0) await sleep(random() * PAUSE_MS * 2 ** round)
    const Entries = await put(client, left)
    code = Entries.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode
    // Only an entry that got an id was taken.
    left = left.filter((_, index) => Entries[index]?.EventId === undefined)
    if (left.length === 0) return
  }
  throw new StoreUnavailable(`EventBridge did not take ${left.length} events: ${code}`)
}

async function put(client: EventBridgeOptions['client'], Entries: PutEventsRequestEntry[]) {
  try {
    const answer = await client.send(new PutEventsCommand({ Entries }))
    return answer.Entries ?? []
  } catch (error) {
    throw new StoreUnavailable('EventBridge did not answer', { cause: error })
  }
}

function realSleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
