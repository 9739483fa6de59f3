/**
 * The time of an entry is fixed when its write is planned, so a write can commit after the time that its entry bears. No
 * write commits later than this after that time. It is more than the sum of
 * - 12 s for the last attempt of the SDK, with its time-outs (`lib/store/client.ts`),
 * - 5 minutes, after which AWS refuses a request by the age of its signature, wherever it was delayed,
 * - and 2 minutes by which the clocks of the writer and the reader differ.
 *
 * docs/adr/0025-what-is-settled.md
 */
export const SETTLES_AFTER_MS = 10 * 60_000

/** Whether no write can commit an entry of this time, or of an earlier one, any more. */
export function isSettled(atMs: number, nowMs: number): boolean {
  return nowMs - atMs > SETTLES_AFTER_MS
}
