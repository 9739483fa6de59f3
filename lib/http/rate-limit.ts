import type { Caller } from './caller.ts'
import { Problem } from './problem.ts'
import { CALLER_RATES, type Rate, type RateClass } from './rates.ts'

export interface RateLimitOptions {
  readonly now: () => number
  /** More than 1 where this one process stands for many functions. */
  readonly factor: number
}

/** What is left, in the words of the RateLimit header fields. */
export type RateLimitHeaders = Readonly<Record<'ratelimit' | 'ratelimit-policy', string>>

/** Takes one request from what a caller may still send, or refuses it. */
export type TakeToken = (caller: Caller, rateClass: RateClass) => RateLimitHeaders

/** Callers beyond these are forgotten, longest unseen first; a forgotten one starts with a full bucket. */
const MAX_BUCKETS = 10_000

interface Bucket {
  tokens: number
  atMs: number
}

/** A token bucket for each caller, in this function's memory: nothing is written, so it counts roughly. */
export function createRateLimit({ now, factor }: RateLimitOptions): TakeToken {
  const buckets = new Map<string, Bucket>()

  function refilled(name: string, { perSecond, burst }: Rate): Bucket {
    const atMs = now()
    const bucket = buckets.get(name) ?? { tokens: burst, atMs }
    const gained = (Math.max(0, atMs - bucket.atMs) / 1000) * perSecond
    // Taken out and put in again, the map is in the order of last use.
    buckets.delete(name)
    const filled = { tokens: Math.min(burst, bucket.tokens + gained), atMs }
    buckets.set(name, filled)
    for (const oldest of buckets.keys()) {
      if (buckets.size <= MAX_BUCKETS) break
      buckets.delete(oldest)
    }
    return filled
  }

  return (caller, rateClass) => {
    const { perSecond, burst } = CALLER_RATES[caller.kind][rateClass]
    const rate = { perSecond: perSecond * factor, burst: burst * factor }
    const bucket = refilled(`${rateClass} ${caller.client}`, rate)
    const isAllowed = bucket.tokens >= 1
    if (isAllowed) bucket.tokens -= 1
    const headers = toHeaders(rateClass, rate, bucket)
    if (isAllowed) return headers

    const retryAfter = Math.ceil((1 - bucket.tokens) / rate.perSecond)
    throw new Problem('RATE_LIMITED', `Come again in ${retryAfter} s. Nothing was done.`, {
      headers: { ...headers, 'retry-after': String(retryAfter) },
    })
  }
}

function toHeaders(
  name: RateClass,
  { perSecond, burst }: Rate,
  { tokens }: Bucket,
): RateLimitHeaders {
  const secondsUntilFull = Math.ceil((burst - tokens) / perSecond)
  return {
    ratelimit: `"${name}";r=${Math.floor(tokens)};t=${secondsUntilFull}`,
    'ratelimit-policy': `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`,
  }
}
