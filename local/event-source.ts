import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import type { StreamMapping } from '../lib/audit/stream-mapping.ts'
import { type Clock, createAlarm, createNotice, realClock } from './event-source-clock.ts'
import { deliver } from './event-source-delivery.ts'
import { type FailureRecord, type GivenUp, toFailureRecord } from './event-source-failure.ts'
import { createFilter } from './event-source-filter.ts'
import { createStreamFunction, type StreamHandler } from './event-source-function.ts'
import { openPositions } from './event-source-positions.ts'
import { insist, type OnTrouble, type Reading, readShard } from './event-source-shard.ts'
import { createShards } from './event-source-shards.ts'
import { listShards } from './event-source-stream.ts'

/**
 * What Lambda does to bring a table's changes to a function: an event source mapping, in this process. Not as there: no
 * batch is cut at 6 MB, a function that takes too long is waited for, and each batch that is given up is kept by itself.
 */
export interface EventSource {
  /** Settles when all that is in the stream now is handled, or given up. No window is waited for meanwhile. */
  readonly idle: () => Promise<void>
  /**
   * How long the oldest record has been waiting since it was read, in milliseconds; 0 if none is. Not since it was
   * written: DynamoDB Local rounds that down to the minute.
   */
  readonly lag: () => number
  /** Reads no more, starts nothing, waits for invocations that run. What they leave comes again at the next start. */
  readonly stop: () => Promise<void>
}

export interface EventSourceOptions {
  readonly client: DynamoDBStreamsClient
  readonly streamArn: string
  readonly mapping: StreamMapping
  readonly handler: StreamHandler
  /** Gets what Lambda would write to a bucket about records that it gave up. */
  readonly onFailure: (record: FailureRecord) => Promise<void>
  /** Where to go on at the next start; undefined reads all that is in the stream at each start. */
  readonly positionsFile?: string | undefined
  readonly functionName?: string
  readonly timeoutMs?: number
  readonly pollEveryMs?: number
  readonly clock?: Clock
  readonly onTrouble?: OnTrouble
}

const POLL_EVERY_MS = 200
const TIMEOUT_MS = 60_000
const LIST_SHARDS_EVERY_MS = 5_000

export function startEventSource(options: EventSourceOptions): EventSource {
  const { mapping, handler, clock = realClock, onTrouble = report } = options
  const { functionName = 'audit', timeoutMs = TIMEOUT_MS } = options
  const stream = { client: options.client, arn: options.streamArn }
  const stop = new AbortController()
  const stopping = stop.signal
  const notice = createNotice()
  const alarm = createAlarm(clock, stopping)
  const positions = openPositions(options.positionsFile, stream.arn, clock.now())
  const audit = createStreamFunction({ ...mapping, name: functionName, handler, timeoutMs })
  let newestTicket = 0
  let listedTicket = 0
  let waiters = 0
  let isListOld = false

  const reading: Reading = {
    stream,
    mapping,
    isWanted: createFilter(mapping.filters),
    pollEveryMs: options.pollEveryMs ?? POLL_EVERY_MS,
    clock,
    stopping,
    notice,
    alarm,
    isHurried: () => waiters > 0,
    newestTicket: () => newestTicket,
    onTrouble,
  }
  const shards = createShards({
    read: (shardId, after) =>
      readShard(reading, {
        shardId,
        startAfter: positions.of(shardId),
        after,
        deliver: (batch, settle) =>
          deliver(batch, {
            mapping,
            invoke: audit.invoke,
            giveUp: (givenUp) => giveUp(givenUp, shardId),
            settle,
            onThrown: (thrown) => onTrouble(audit.arn, thrown),
            clock,
            stopping,
          }),
      }),
    onFinished: () => {
      isListOld = true
      alarm.ring()
    },
  })

  async function giveUp(givenUp: GivenUp, shardId: string): Promise<void> {
    const source = { streamArn: stream.arn, shardId, functionArn: audit.arn }
    try {
      await options.onFailure(toFailureRecord(givenUp, source, clock.now()))
    } catch (error) {
      // Lambda too drops what it cannot bring to its destination, and goes on.
      onTrouble('keeping what was given up', error)
    }
  }

  async function followStream(): Promise<void> {
    while (!stopping.aborted) {
      const ticket = newestTicket
      isListOld = false
      const listed = await insist(
        reading,
        'listing the shards',
        () => listShards(stream),
        () => stopping.aborted,
      )
      if (!listed) return
      shards.follow(listed)
      listedTicket = ticket
      notice.tell()
      savePositions()
      if (ticket === newestTicket && !isListOld) await alarm.nap(LIST_SHARDS_EVERY_MS)
    }
  }

  function savePositions(): void {
    try {
      positions.save(shards.readers())
    } catch (error) {
      onTrouble('saving the positions', error)
    }
  }

  async function idle(): Promise<void> {
    newestTicket += 1
    const ticket = newestTicket
    waiters += 1
    alarm.ring()
    const isRead = () =>
      listedTicket >= ticket && shards.readers().every((reader) => reader.hasRead(ticket))
    await notice.until(() => isRead() || stopping.aborted)
    const read = shards.readers().map(({ progress }) => [progress, progress.accepted()] as const)
    const isHandled = () => read.every(([progress, accepted]) => progress.reached() >= accepted)
    await notice.until(() => isHandled() || stopping.aborted)
    waiters -= 1
    if (stopping.aborted) throw new Error('the event source was stopped')
  }

  const following = followStream()
  return {
    idle,
    lag: () => {
      const now = clock.now()
      return (
        now -
        Math.min(now, ...shards.readers().map(({ progress }) => progress.waitingSince() ?? now))
      )
    },
    stop: async () => {
      stop.abort()
      alarm.ring()
      notice.tell()
      await following
      await Promise.all(shards.readers().map(({ finished }) => finished))
      savePositions()
    },
  }
}

function report(what: string, error: unknown): void {
  console.error(`${what}:`, error)
}
