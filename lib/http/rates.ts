/** How often somebody may come: so many in the long run, and so many at once. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** Routes are limited by what they do: those that write, those that read, and those that read very much. */
export type RateClass = 'write' | 'read' | 'costly'

/**
 * For all callers of one route together. API Gateway keeps these, so what is too much costs no function its time;
 * beside them, the account has a limit for all routes, by default 10,000 a second with a burst of 5,000.
 */
export const OVERALL_RATES: Readonly<Record<RateClass, Rate>> = {
  write: { perSecond: 2_000, burst: 4_000 },
  read: { perSecond: 4_000, burst: 5_000 },
  costly: { perSecond: 20, burst: 40 },
}

export type CallerKind = 'player' | 'server' | 'operator'

/**
 * For one caller, in one warm function. A function serves one request at a time, so a player who is alone on
 * it meets this limit, and a player among many does not: it ends loops, it is not an accounting of calls.
 */
export const CALLER_RATES: Readonly<Record<CallerKind, Readonly<Record<RateClass, Rate>>>> = {
  player: {
    write: { perSecond: 10, burst: 50 },
    read: { perSecond: 20, burst: 100 },
    costly: { perSecond: 0.2, burst: 5 },
  },
  operator: {
    write: { perSecond: 200, burst: 1_000 },
    read: { perSecond: 200, burst: 1_000 },
    costly: { perSecond: 2, burst: 10 },
  },
  server: {
    write: { perSecond: 2_000, burst: 4_000 },
    read: { perSecond: 2_000, burst: 4_000 },
    costly: { perSecond: 2, burst: 10 },
  },
}
