import type { Random } from '../simulation/random.ts'

/** Everything that can become of a request on its way to DynamoDB and back. */
export const FAULTS = [
  'reset before it was executed',
  'reset after it was executed',
  'executed late, and nobody waits any more',
  'answered late, and nobody waits any more',
  'slow',
  '500 before it was executed',
  '500 after it was executed',
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'cancelled with ThrottlingError',
  'cancelled with TransactionConflict',
  'answer cut off',
  'answer garbled',
] as const

export type Fault = (typeof FAULTS)[number]
export type Traffic = 'write of the ledger' | 'write of the audit' | 'read'

export interface Weather {
  /** What becomes of the next request; undefined lets it pass. */
  readonly next: (traffic: Traffic) => Card | undefined
}

export interface Card {
  readonly fault: Fault
  /** The SDK sends once more by itself, and meets the same again: so the ledger hears of it. */
  readonly lasts: boolean
}

/** Each costs seconds, as long as the SDK waits. */
const LATE: ReadonlySet<Fault> = new Set([
  'executed late, and nobody waits any more',
  'answered late, and nobody waits any more',
])
/** There is no transaction to cancel in a read. */
const OF_WRITES: ReadonlySet<Fault> = new Set([
  'executed late, and nobody waits any more',
  'cancelled with ThrottlingError',
  'cancelled with TransactionConflict',
])
/** How often a fault is in one deck. Many reads go with a write, and each of these decks has to be dealt to its end. */
const OF_EACH: Readonly<Record<Traffic, number>> = {
  'write of the ledger': 1,
  'write of the audit': 2,
  read: 4,
}
const OF_EACH_LATE = 1
const HALF = 0.5
const FINE_FOR_EACH_FAULT = 2.5

/** Dealt from decks, one for each kind of traffic: by chance, and yet each fault comes. */
export function createWeather(random: Random): Weather {
  const decks = new Map<Traffic, (Fault | undefined)[]>()
  const of = new Map<Traffic, Random>()
  return {
    next(traffic) {
      const own = of.get(traffic) ?? random.fork(traffic)
      of.set(traffic, own)
      const deck = decks.get(traffic) ?? []
      decks.set(traffic, deck)
      if (deck.length === 0) deck.push(...shuffled(cards(traffic), own))
      const fault = deck.pop()
      return fault && { fault, lasts: !LATE.has(fault) && own.chance(HALF) }
    },
  }
}

function cards(traffic: Traffic): (Fault | undefined)[] {
  const faults = FAULTS.filter((fault) => traffic !== 'read' || !OF_WRITES.has(fault)).flatMap(
    (fault) => new Array<Fault>(LATE.has(fault) ? OF_EACH_LATE : OF_EACH[traffic]).fill(fault),
  )
  const fine = new Array<undefined>(Math.round(faults.length * FINE_FOR_EACH_FAULT)).fill(undefined)
  return [...faults, ...fine]
}

function shuffled<Thing>(deck: readonly Thing[], random: Random): Thing[] {
  return deck
    .map((thing) => ({ thing, place: random.unit() }))
    .sort((a, b) => a.place - b.place)
    .map(({ thing }) => thing)
}
