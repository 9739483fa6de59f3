const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** The longest wait after each try that failed: some 38 hours in all, and half of that on average. */
export const RETRY_WITHIN_MS: readonly number[] = [
  5 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  10 * HOUR_MS,
  10 * HOUR_MS,
]

/**
 * How often a queue hands a message out before it takes it for dead by itself: more often than we try, because a
 * message that we give up says why, and one that the queue gives up does not.
 */
export const MAX_RECEIVES = RETRY_WITHIN_MS.length + 11

export interface RetryOptions {
  readonly retryWithinMs: readonly number[]
  readonly now: () => number
  readonly random: () => number
}

/**
 * How long to wait after so many tries; undefined where that were enough. Full jitter, so that what failed together
 * does not come again together. A receiver that says when to come again is listened to, within reason.
 */
export function retryInMs(
  { retryWithinMs, now, random }: RetryOptions,
  { tries, retryAfter }: { readonly tries: number; readonly retryAfter: string | undefined },
): number | undefined {
  const withinMs = retryWithinMs[tries - 1]
  if (withinMs === undefined) return undefined
  const longestMs = Math.max(...retryWithinMs)
  return Math.max(random() * withinMs, Math.min(askedForMs(retryAfter, now()), longestMs))
}

/** Retry-After is a number of seconds, or a date. */
function askedForMs(retryAfter: string | undefined, nowMs: number): number {
  if (retryAfter === undefined) return 0
  const ms = /^\d+$/.test(retryAfter)
    ? Number(retryAfter) * SECOND_MS
    : Date.parse(retryAfter) - nowMs
  return ms > 0 ? ms : 0
}
