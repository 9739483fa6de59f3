import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import type { DomainEvent } from '../lib/audit/events.ts'
import type { Delivery, Failure } from '../lib/webhooks/deliver.ts'

/** Deliveries that wait, and those that were given up. On disk, so that they need no memory and survive an end. */
export interface Journal {
  /** All or none. One that waits already is not added again. */
  readonly add: (deliveries: readonly Delivery[], at: number) => void
  readonly next: (search: NextSearch) => Waiting | undefined
  /** When the next one comes up that is not due yet. */
  readonly nextDueAt: (endpoints: Iterable<string>, now: number) => number | undefined
  readonly isEmpty: () => boolean
  readonly endpoints: () => string[]
  readonly remove: (row: number) => void
  readonly again: (row: number, failure: Failure, dueAt: number) => void
  readonly bury: (row: number, failure: Failure) => void
  readonly deadLetters: () => DeadLetter[]
  /** Back among those that wait, as if it were new. Answers its endpoint, where there is such a dead letter. */
  readonly revive: (row: number, at: number) => string | undefined
  readonly close: () => void
}

export interface NextSearch {
  readonly endpoint: string
  readonly now: number
  /** Partition keys of which one is under way already. */
  readonly busy: readonly string[]
}

export interface Waiting {
  readonly row: number
  readonly delivery: Delivery
  /** How often it was tried before. */
  readonly tries: number
}

export interface DeadLetter {
  readonly id: number
  readonly endpoint: string
  readonly event: DomainEvent
  readonly failure: Failure
}

const FILE = 'webhooks.sqlite'
const SHOWN_DEAD_LETTERS = 1_000

/** A new event is due at once, so those that were never tried are in their order. One that failed stands back. */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS deliveries (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint TEXT NOT NULL,
    eventId TEXT NOT NULL,
    partitionKey TEXT NOT NULL,
    event TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    dueAt INTEGER NOT NULL,
    failure TEXT,
    isDead INTEGER NOT NULL DEFAULT 0,
    UNIQUE (endpoint, eventId)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS waiting ON deliveries (isDead, endpoint, dueAt, row, partitionKey);
`

/** Without a folder, in a file that SQLite takes away by itself. */
export function openJournal(folder: string | undefined): Journal {
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  const database = new DatabaseSync(folder === undefined ? '' : join(folder, FILE))
  database.exec(SCHEMA)
  const insert = database.prepare(
    `INSERT INTO deliveries (endpoint, eventId, partitionKey, event, dueAt)
     VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  const selectNext = database.prepare(
    `SELECT row, event, tries FROM deliveries WHERE row =
       (SELECT row FROM deliveries
        WHERE isDead = 0 AND endpoint = ? AND dueAt <= ?
          AND partitionKey NOT IN (SELECT value FROM json_each(?))
        ORDER BY dueAt, row LIMIT 1)`,
  )
  const selectNextDue = database.prepare(
    'SELECT min(dueAt) AS dueAt FROM deliveries WHERE isDead = 0 AND endpoint = ? AND dueAt > ?',
  )
  const selectAny = database.prepare('SELECT row FROM deliveries WHERE isDead = 0 LIMIT 1')
  const selectEndpoints = database.prepare(
    'SELECT DISTINCT endpoint FROM deliveries WHERE isDead = 0',
  )
  const selectDead = database.prepare(
    `SELECT row, endpoint, event, failure FROM deliveries WHERE isDead = 1
     ORDER BY row DESC LIMIT ${SHOWN_DEAD_LETTERS}`,
  )
  const remove = database.prepare('DELETE FROM deliveries WHERE row = ?')
  const update = database.prepare(
    'UPDATE deliveries SET tries = ?, failure = ?, dueAt = ?, isDead = ? WHERE row = ?',
  )
  const revive = database.prepare(
    'UPDATE deliveries SET tries = 0, dueAt = ?, isDead = 0 WHERE row = ? AND isDead = 1 RETURNING endpoint',
  )
  return {
    add(deliveries, at) {
      inTransaction(database, () => {
        for (const { event, endpoint } of deliveries) {
          insert.run(endpoint, event.id, event.partitionkey, JSON.stringify(event), at)
        }
      })
    },
    next({ endpoint, now, busy }) {
      const found = selectNext.get(endpoint, now, JSON.stringify(busy))
      if (!found) return undefined
      const event: DomainEvent = JSON.parse(text(found['event']))
      return {
        row: whole(found['row']),
        delivery: { endpoint, event },
        tries: whole(found['tries']),
      }
    },
    nextDueAt(endpoints, now) {
      const times = Array.from(endpoints, (name) => selectNextDue.get(name, now)?.['dueAt'])
      const known = times.filter((dueAt) => typeof dueAt === 'number')
      return known.length === 0 ? undefined : Math.min(...known)
    },
    isEmpty: () => selectAny.get() === undefined,
    endpoints: () => selectEndpoints.all().map(({ endpoint }) => text(endpoint)),
    remove(row) {
      remove.run(row)
    },
    again(row, failure, dueAt) {
      update.run(failure.tries, JSON.stringify(failure), Math.ceil(dueAt), 0, row)
    },
    bury(row, failure) {
      update.run(failure.tries, JSON.stringify(failure), 0, 1, row)
    },
    deadLetters: () =>
      selectDead.all().map(({ row, endpoint, event, failure }) => ({
        id: whole(row),
        endpoint: text(endpoint),
        event: JSON.parse(text(event)),
        failure: JSON.parse(text(failure)),
      })),
    revive(row, at) {
      const revived = revive.get(at, row)
      return revived && text(revived['endpoint'])
    },
    close: () => database.close(),
  }
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    work()
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function text(value: SQLOutputValue | undefined): string {
  if (typeof value !== 'string') throw new Error('the journal of the webhooks holds a text here')
  return value
}

function whole(value: SQLOutputValue | undefined): number {
  if (typeof value !== 'number') throw new Error('the journal of the webhooks holds a number here')
  return value
}
