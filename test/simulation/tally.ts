/**
 * What was done to the code under test, and what it did about it. A simulation that injects nothing proves nothing: so
 * whatever is in these lists has to be seen, or the run has failed.
 */
export const FAULTS = [
  'a request was lost before it arrived',
  'an answer was lost after it was done',
  'a connection broke before the request arrived',
  'a connection broke after it was done',
  'a message took seconds',
  'DynamoDB failed and had done nothing',
  'DynamoDB said that it failed and had done it',
  'DynamoDB throttled a request',
  'an item of a transaction was throttled',
  'an item of a transaction was said to be in conflict',
  'an item of a transaction was held by another one',
  'a hot partition was throttled',
  'a batch read left a key out',
  'a transaction took seconds',
  'a read showed what was before',
  'an index lagged behind',
  'a function was killed between two awaits',
  'a function stood still',
  'a function ran into its time-out',
  'a clock was wrong',
  'a clock was set',
  'a call of a client was lost',
  'an answer to a client was lost',
  'a batch of the stream came again',
  'two sweepers were at work',
  'the table was restored to a point in time',
] as const

export const WAYS = [
  'won at the first try',
  'found a newer state, and planned again from it',
  'met another transaction, waited, and tried again',
  'met a throttle, waited, and tried again',
  'found its own record in the way, and answered from it',
  'lost an answer, and found its record',
  'lost an answer for nothing',
  'closed a wallet',
  'refused to move money in a closed wallet',
  'read a wallet at one moment',
  'could not read a wallet at one moment at once',
  'said that a balance of the past is settled',
  'replaced the metadata of a wallet',
  'refused to replace metadata that another client had replaced',
  'confirmed a decline',
  'could not confirm a decline at once',
  'took a decline back',
  'asked again for keys that were left out',
  'the SDK sent a request again',
  'gave up, and said that the wallet is busy',
  'gave up, and said that the database is away',
  'refused a key that was used for something else',
  'answered a client again with what it had answered before',
  'a client sent again with its key',
  'a client gave up',
  'a client sent twice at once',
  'a client followed cursors while others wrote',
  'a sweeper released a hold',
  'a sweeper found that somebody else was first',
  'a sweeper failed, and left it for the next run',
  'the audit projected entries',
  'the audit asked for records again',
] as const

export type Fault = (typeof FAULTS)[number]
export type Way = (typeof WAYS)[number]

export type Counts = ReadonlyMap<Fault | Way, number>

export interface Tally {
  readonly count: (what: Fault | Way, times?: number) => void
  /** Passes on whether it strikes, and counts it if so. */
  readonly strikes: (what: Fault, isSo: boolean) => boolean
  readonly of: (what: Fault | Way) => number
  readonly counts: () => Counts
  readonly add: (counts: Counts) => void
}

export function createTally(): Tally {
  const counts = new Map<Fault | Way, number>()
  const count = (what: Fault | Way, times = 1) => {
    counts.set(what, (counts.get(what) ?? 0) + times)
  }
  return {
    count,
    strikes(what, isSo) {
      if (isSo) count(what)
      return isSo
    },
    of: (what) => counts.get(what) ?? 0,
    counts: () => counts,
    add(others) {
      for (const [what, times] of others) count(what, times)
    },
  }
}
