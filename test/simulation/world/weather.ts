import { type Faults, STORM } from '../dynamodb/faults.ts'
import { type Random, seededRandom } from '../random.ts'

/** What goes wrong in a run, and how often. */
export interface Weather {
  readonly faults: Faults
  /** The chance that a function dies where it waits. */
  readonly death: number
  /** The chance of each minute that an instance stands still for a while in it. */
  readonly standstillsPerMinute: number
  /** How far a function's clock is from the right time, either way, and whether it is set now and then. */
  readonly clockSkewMs: number
  readonly clockIsSet: boolean
  /** Between a client and the functions. */
  readonly callLost: number
  readonly callAnswerLost: number
  /** The chance that the stream brings a batch again that was taken. */
  readonly redelivery: number
  /** Requests that one instance serves at a time: one on Lambda, many in the embedded stack. */
  readonly atOnce: number
  readonly maxInstances: number
}

/** What can be left out of a run, by name: to find out what a failure needs. */
export const STORMS = [
  'slow',
  'requestLost',
  'answerLost',
  'connectionBroken',
  'serverError',
  'throttled',
  'serverErrorAfterwards',
  'itemThrottled',
  'itemConflict',
  'keyLeftOut',
  'slowTransaction',
  'stale',
  'indexLag',
  'hotPartition',
  'death',
  'standstill',
  'clockSkew',
  'clockSet',
  'callLost',
  'callAnswerLost',
  'redelivery',
] as const

export type Storm = (typeof STORMS)[number]

const NOTHING = { chance: 0, byUs: { from: 0, to: 0 } } as const

/**
 * Each run has its own weather. Where all goes wrong at once, some of it is never reached: so each kind is left out of
 * some runs, and worse in others.
 */
export function drawWeather(seed: number, without: ReadonlySet<Storm>): Weather {
  const random = seededRandom(seed).fork('weather')
  const force: Record<string, number> = {}
  for (const name of STORMS) force[name] = drawForce(random)
  const of = (name: Storm) => (without.has(name) ? 0 : (force[name] ?? 0))
  const chance = (name: Storm, usual: number) => Math.min(0.5, usual * of(name))
  const delay = (name: Storm, usual: Faults['slow']) => {
    return of(name) > 0 ? { ...usual, chance: chance(name, usual.chance) } : NOTHING
  }
  const skews = random.pick([20, 300, 3_000])
  const partition = random.pick([1_000, 100])
  return {
    faults: {
      ...STORM,
      slow: delay('slow', { ...STORM.slow, chance: 0.02 }),
      requestLost: chance('requestLost', STORM.requestLost),
      answerLost: chance('answerLost', STORM.answerLost),
      connectionBroken: chance('connectionBroken', STORM.connectionBroken),
      serverError: chance('serverError', STORM.serverError),
      throttled: chance('throttled', STORM.throttled),
      serverErrorAfterwards: chance('serverErrorAfterwards', STORM.serverErrorAfterwards),
      itemThrottled: chance('itemThrottled', STORM.itemThrottled),
      itemConflict: chance('itemConflict', STORM.itemConflict),
      keyLeftOut: chance('keyLeftOut', STORM.keyLeftOut),
      // A transaction that is slow is seen in parts, which is where mistakes like to hide.
      slowTransaction: delay('slowTransaction', { ...STORM.slowTransaction, chance: 0.08 }),
      stale: of('stale') > 0 ? STORM.stale : NOTHING,
      indexUs: of('indexLag') > 0 ? STORM.indexUs : NOTHING.byUs,
      unitsPerSecond: of('hotPartition') > 0 ? { read: 3_000, write: partition } : undefined,
    },
    death: chance('death', 0.001),
    standstillsPerMinute: 10 * of('standstill'),
    clockSkewMs: of('clockSkew') > 0 ? skews : 0,
    clockIsSet: of('clockSet') > 0,
    callLost: chance('callLost', 0.005),
    callAnswerLost: chance('callAnswerLost', 0.01),
    redelivery: chance('redelivery', 0.1),
    atOnce: random.pick([1, 1, 4]),
    maxInstances: random.pick([40, 100, 100]),
  }
}

function drawForce(random: Random): number {
  return random.pick([0, 0.3, 1, 1, 1, 2])
}
