import { hash } from 'node:crypto'
import type { DynamoDBRecord } from 'aws-lambda'
import type { StreamMapping } from '../lib/audit/stream-mapping.ts'
import type { StreamRecord } from './event-source-stream.ts'

/** Part of a shard's items, one batch of them after the other. Lanes wait for nothing but themselves. */
export interface Lane {
  readonly accept: (records: readonly StreamRecord[]) => void
  /** Settles when nothing of this lane is being delivered. */
  readonly rest: () => Promise<void>
}

export interface LaneOptions {
  readonly mapping: StreamMapping
  readonly deliver: (batch: readonly StreamRecord[]) => Promise<void>
  readonly now: () => number
  /** May end before its time. */
  readonly nap: (ms: number) => Promise<void>
  /** Somebody waits, so that a window need not. */
  readonly isHurried: () => boolean
  readonly stopping: AbortSignal
}

export function openLane(options: LaneOptions): Lane {
  const { mapping, deliver, now, nap, isHurried, stopping } = options
  const waiting: { readonly record: StreamRecord; readonly since: number }[] = []
  let delivering: Promise<void> | undefined
  let isWatched = false

  function look(): void {
    const [oldest] = waiting
    if (delivering || stopping.aborted || !oldest) return
    const isFull = waiting.length >= mapping.batchSize
    const windowMs = oldest.since + mapping.batchWindowSeconds * 1000 - now()
    if (!isFull && !isHurried() && windowMs > 0) {
      void lookAfter(windowMs)
      return
    }
    const batch = waiting.splice(0, mapping.batchSize).map(({ record }) => record)
    delivering = deliver(batch).finally(() => {
      delivering = undefined
      look()
    })
  }

  async function lookAfter(ms: number): Promise<void> {
    if (isWatched) return
    isWatched = true
    await nap(ms)
    isWatched = false
    look()
  }

  return {
    accept: (records) => {
      const since = now()
      waiting.push(...records.map((record) => ({ record, since })))
      look()
    },
    rest: async () => delivering,
  }
}

/** The same for all records of an item: Lambda keeps them in order, and only them. */
export function laneOf({ dynamodb }: DynamoDBRecord, lanes: number): number {
  const keys = Object.entries(dynamodb?.Keys ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return Number.parseInt(hash('sha1', JSON.stringify(keys)).slice(0, 8), 16) % lanes
}
