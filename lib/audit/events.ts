import { createHash } from 'node:crypto'
import type { Entry } from '../money/balance.ts'
import { type BalanceId, balanceName } from '../money/posting.ts'
import { isoTime } from '../money/time.ts'
import { seqDigits } from '../store/keys.ts'
import type { Flag } from './flag.ts'
import type { Step } from './project.ts'

export const EVENT_TYPES = [
  'transaction.posted',
  'hold.expired',
  'fraud.flagged',
  'wallet.frozen',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** Something that happened, for whoever wants to hear of it: a CloudEvent 1.0. */
export interface DomainEvent {
  readonly specversion: '1.0'
  /** The same however often it is told: by this a consumer knows a double. */
  readonly id: string
  /** Which Strongbox tells it. */
  readonly source: string
  readonly type: EventType
  readonly subject: string
  readonly time: string
  readonly datacontenttype: 'application/json'
  /** Events that have it in common have an order. */
  readonly partitionkey: string
  /** Their order: the number of the entry that it is about. Absent where it is about none. */
  readonly sequence?: string
  /** As the API shows it, and of a player no more than the id. */
  readonly data: Readonly<Record<string, unknown>>
}

/** Everything that some entries of one balance mean to others, in the order of the balance. */
export function eventsOfStep(
  source: string,
  { flags }: Pick<Step, 'flags'>,
  entries: readonly Entry[],
): DomainEvent[] {
  const ofEntries = entries.flatMap((entry) =>
    entry.type === 'EXPIRE'
      ? [transactionPosted(source, entry), holdExpired(source, entry)]
      : [transactionPosted(source, entry)],
  )
  return [...ofEntries, ...flags.map((flag) => fraudFlagged(source, flag, entries))]
}

/** One for each balance that a transaction touched. */
function transactionPosted(source: string, entry: Entry): DomainEvent {
  const { walletId, transactionId, type, asset, postings, reference, prevHash, hash } = entry
  const { availableDelta, heldDelta, available, held, seq, at } = entry
  return {
    ...envelope(source, 'transaction.posted', hash, entry),
    ...orderOf(entry),
    data: {
      ...{ walletId, transactionId, type, asset, availableDelta, heldDelta, available, held },
      version: seq,
      postings: postings.map(({ counterparty, amount }) => ({ counterparty, amount })),
      reference: reference ?? null,
      at: isoTime(at),
      prevHash,
      hash,
    },
  }
}

function holdExpired(source: string, entry: Entry): DomainEvent {
  const { walletId, asset, transactionId, heldDelta, available, held, seq, at, hash } = entry
  return {
    ...envelope(source, 'hold.expired', idFrom('hold.expired', hash), entry),
    ...orderOf(entry),
    data: {
      ...{ walletId, asset, amount: -heldDelta, transactionId, available, held },
      version: seq,
      at: isoTime(at),
    },
  }
}

/** One of `entries` is what raised the flag, unless it was found in the books themselves. */
export function fraudFlagged(
  source: string,
  flag: Flag,
  entries: readonly Entry[] = [],
): DomainEvent {
  const { id, rule, walletId, asset, transactionIds, reason, at } = flag
  const cause = entries.findLast(({ transactionId }) => transactionId === transactionIds.at(-1))
  return {
    ...envelope(source, 'fraud.flagged', id, flag),
    ...(cause ? orderOf(cause) : { partitionkey: balanceName(flag) }),
    data: {
      ...{ id, rule, walletId, asset, transactionIds },
      reason: reason ?? null,
      at: isoTime(at),
    },
  }
}

/** What all events have in common. */
export function envelope(
  source: string,
  type: EventType,
  id: string,
  { walletId, at }: Pick<BalanceId, 'walletId'> & { readonly at: number },
): Omit<DomainEvent, 'partitionkey' | 'sequence' | 'data'> {
  return {
    specversion: '1.0',
    id,
    source,
    type,
    subject: `wallets/${walletId}`,
    time: isoTime(at),
    datacontenttype: 'application/json',
  }
}

/** In so many digits, the text sorts as the number does. */
function orderOf(entry: Entry): Pick<DomainEvent, 'partitionkey' | 'sequence'> {
  return { partitionkey: balanceName(entry), sequence: seqDigits(entry.seq) }
}

/** For the second event of an entry: its own id, and the same each time. */
function idFrom(type: EventType, hash: string): string {
  return createHash('sha256')
    .update(JSON.stringify([type, hash]))
    .digest('hex')
}
