import type { StreamMapping } from '../lib/audit/stream-mapping.ts'
import type { Alarm, Clock, Notice } from './event-source-clock.ts'
import { laneOf, openLane } from './event-source-lane.ts'
import { createProgress, type Position, type Progress } from './event-source-progress.ts'
import { openShard, type Page, type Stream, type StreamRecord } from './event-source-stream.ts'

/** What all shards of an event source have in common. */
export interface Reading {
  readonly stream: Stream
  readonly mapping: StreamMapping
  readonly isWanted: (record: unknown) => boolean
  readonly pollEveryMs: number
  readonly clock: Clock
  readonly stopping: AbortSignal
  readonly notice: Notice
  /** Rings when somebody is in a hurry. */
  readonly alarm: Alarm
  readonly isHurried: () => boolean
  /** Counts those who came to wait for all that is in the stream. */
  readonly newestTicket: () => number
  readonly onTrouble: OnTrouble
}

/** Hears of what fails for the first time, not of each try. */
export type OnTrouble = (what: string, error: unknown) => void

export interface ShardReader {
  readonly shardId: string
  readonly progress: Progress
  /** Settles when the shard is at its end and all of it is handled, or when we stop. */
  readonly finished: Promise<void>
  /** Everything has been read that was in the shard when this ticket was drawn. */
  readonly hasRead: (ticket: number) => boolean
  /** The stream no longer knows the shard. */
  readonly leave: () => void
}

export interface ShardOptions {
  readonly shardId: string
  readonly startAfter: Position | undefined
  readonly after: Promise<void> | undefined
  readonly deliver: (
    batch: readonly StreamRecord[],
    settle: (records: readonly StreamRecord[]) => void,
  ) => Promise<void>
}

/** Memory is bounded: behind a record that keeps failing, reading goes on only as far as this. */
const MAX_UNHANDLED = 5_000
const MAX_TROUBLE_PAUSE_MS = 5_000

export function readShard(reading: Reading, options: ShardOptions): ShardReader {
  const { stream, mapping, isWanted, pollEveryMs, clock, stopping, notice, alarm } = reading
  const { shardId, startAfter, after, deliver } = options
  const progress = createProgress(startAfter)
  const lanes = Array.from({ length: mapping.parallelizationFactor }, () =>
    openLane({
      mapping,
      deliver: (batch) => deliver(batch, settle),
      now: clock.now,
      nap: alarm.nap,
      isHurried: reading.isHurried,
      stopping,
    }),
  )
  let hasEnded = false
  let ticketRead = 0
  const isOver = () => hasEnded || stopping.aborted

  function settle(records: readonly StreamRecord[]): void {
    progress.settle(records)
    notice.tell()
  }

  async function run(): Promise<void> {
    await after
    const nextPage = openShard(stream, shardId, startAfter?.sequenceNumber)
    while (!isOver()) {
      await notice.until(() => progress.unhandled() < MAX_UNHANDLED || isOver())
      const ticket = reading.newestTicket()
      const page = await insist(reading, `reading ${shardId}`, nextPage, isOver)
      if (page) take(page, ticket)
      if (page?.records.length === 0 && ticket === reading.newestTicket())
        await alarm.nap(pollEveryMs)
    }
    await notice.until(() => progress.unhandled() === 0 || stopping.aborted)
    await Promise.all(lanes.map((lane) => lane.rest()))
  }

  function take({ records, isLast }: Page, ticket: number): void {
    const readAt = clock.now()
    const wanted = lanes.map((): StreamRecord[] => [])
    for (const record of records) {
      if (!isWanted(record.event)) {
        progress.pass(record)
        continue
      }
      progress.accept(record, readAt)
      wanted[laneOf(record.event, lanes.length)]?.push(record)
    }
    for (const [at, lane] of lanes.entries()) lane.accept(wanted[at] ?? [])
    if (records.length === 0) ticketRead = ticket
    if (isLast) hasEnded = true
    notice.tell()
  }

  return {
    shardId,
    progress,
    finished: run(),
    hasRead: (ticket) => hasEnded || ticketRead >= ticket,
    leave: () => {
      hasEnded = true
      notice.tell()
    },
  }
}

/** Until it works, or nobody wants it any more. */
export async function insist<T>(
  { pollEveryMs, alarm, onTrouble }: Pick<Reading, 'pollEveryMs' | 'alarm' | 'onTrouble'>,
  what: string,
  ask: () => Promise<T>,
  isOver: () => boolean,
): Promise<T | undefined> {
  for (let failures = 0; !isOver(); failures += 1) {
    try {
      return await ask()
    } catch (error) {
      if (failures === 0) onTrouble(what, error)
      await alarm.nap(Math.min(MAX_TROUBLE_PAUSE_MS, pollEveryMs * 2 ** failures))
    }
  }
  return undefined
}
