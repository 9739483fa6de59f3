import type { StreamRecord } from './event-source-stream.ts'

/** A record of a shard; up to it, everything has been handled. */
export interface Position {
  readonly sequenceNumber: string
  readonly createdAt: number
}

/** How far a shard has been read, and how far it has been handled without a gap. Lanes overtake each other. */
export interface Progress {
  /** Read, and to be handled. */
  readonly accept: (record: StreamRecord, readAt: number) => void
  /** Read, and nobody wants it. */
  readonly pass: (record: StreamRecord) => void
  readonly settle: (records: readonly StreamRecord[]) => void
  readonly unhandled: () => number
  readonly waitingSince: () => number | undefined
  readonly position: () => Position | undefined
  /** How many were accepted, and how many of the first of them are handled. */
  readonly accepted: () => number
  readonly reached: () => number
}

interface Unhandled {
  readonly place: number
  readonly before: Position | undefined
  readonly readAt: number
}

export function createProgress(start: Position | undefined): Progress {
  // In the order of the stream, as a Map keeps it.
  const unhandled = new Map<string, Unhandled>()
  let read = start
  let accepted = 0
  const oldest = () => unhandled.values().next().value

  const pass = ({ sequenceNumber, createdAt }: StreamRecord) => {
    read = { sequenceNumber, createdAt }
  }
  return {
    pass,
    accept: (record, readAt) => {
      unhandled.set(record.sequenceNumber, { place: accepted, before: read, readAt })
      accepted += 1
      pass(record)
    },
    settle: (records) => {
      for (const { sequenceNumber } of records) unhandled.delete(sequenceNumber)
    },
    unhandled: () => unhandled.size,
    waitingSince: () => oldest()?.readAt,
    position: () => (unhandled.size > 0 ? oldest()?.before : read),
    accepted: () => accepted,
    reached: () => oldest()?.place ?? accepted,
  }
}
