import type { Range } from '../random.ts'

/** What can go wrong, and how often: chances from 0 to 1. And how long things take. */
export interface Faults {
  /* On the way. */
  readonly requestUs: Range
  readonly answerUs: Range
  /** Either way takes this much longer: a request can arrive when nobody waits for its answer any more. */
  readonly slow: Delay
  /** The client hears nothing, and gives up after its time-out. */
  readonly requestLost: number
  /** Done, and the client hears nothing. */
  readonly answerLost: number
  /** The client is told at once that the connection is gone: before the request arrived, or after it was done. */
  readonly connectionBroken: number

  /* What DynamoDB says without having looked at the request. */
  readonly serverError: number
  readonly throttled: number
  /** It says that it failed, and has done it. */
  readonly serverErrorAfterwards: number
  /** Of each item in a transaction. */
  readonly itemThrottled: number
  readonly itemConflict: number
  /** Of each key in a batch read: it is left out, to be asked for again. */
  readonly keyLeftOut: number

  /* How long DynamoDB takes. */
  readonly writeUs: Range
  readonly batchReadUs: Range
  /** Items are held from its begin to its end; each is changed at some time between. */
  readonly transactionUs: Range
  readonly slowTransaction: Delay

  /* How far behind others are. */
  /** A read that is not strongly consistent, or of an index, shows what was so long ago; and the next one does not. */
  readonly stale: Delay
  readonly indexUs: Range
  readonly streamUs: Range

  /** What one partition key bears. */
  readonly unitsPerSecond: { readonly read: number; readonly write: number } | undefined
}

export interface Delay {
  readonly chance: number
  readonly byUs: Range
}

const AT_ONCE: Range = { from: 0, to: 0 }
const NEVER: Delay = { chance: 0, byUs: AT_ONCE }

/** Nothing goes wrong and nothing takes time. */
export const CALM: Faults = {
  requestUs: AT_ONCE,
  answerUs: AT_ONCE,
  slow: NEVER,
  requestLost: 0,
  answerLost: 0,
  connectionBroken: 0,
  serverError: 0,
  throttled: 0,
  serverErrorAfterwards: 0,
  itemThrottled: 0,
  itemConflict: 0,
  keyLeftOut: 0,
  writeUs: AT_ONCE,
  batchReadUs: AT_ONCE,
  transactionUs: AT_ONCE,
  slowTransaction: NEVER,
  stale: NEVER,
  indexUs: AT_ONCE,
  streamUs: AT_ONCE,
  unitsPerSecond: undefined,
}

/** A good day: all takes time, indexes and streams are behind, and nothing fails. */
export const FAIR: Faults = {
  ...CALM,
  requestUs: { from: 300, to: 2_000 },
  answerUs: { from: 300, to: 2_000 },
  writeUs: { from: 500, to: 4_000 },
  batchReadUs: { from: 0, to: 1_000 },
  transactionUs: { from: 3_000, to: 15_000 },
  stale: { chance: 0.3, byUs: { from: 0, to: 1_000_000 } },
  indexUs: { from: 1_000, to: 500_000 },
  streamUs: { from: 50_000, to: 500_000 },
  // What AWS says of one partition.
  unitsPerSecond: { read: 3_000, write: 1_000 },
}

/** A bad one, such as nobody has seen: every fault there is, often enough that they meet. */
export const STORM: Faults = {
  ...FAIR,
  slow: { chance: 0.01, byUs: { from: 100_000, to: 12_000_000 } },
  requestLost: 0.01,
  answerLost: 0.02,
  connectionBroken: 0.01,
  serverError: 0.01,
  throttled: 0.01,
  serverErrorAfterwards: 0.01,
  itemThrottled: 0.005,
  itemConflict: 0.01,
  keyLeftOut: 0.02,
  slowTransaction: { chance: 0.02, byUs: { from: 100_000, to: 3_000_000 } },
  indexUs: { from: 1_000, to: 5_000_000 },
  streamUs: { from: 50_000, to: 5_000_000 },
}
