/** What nobody has measured, and what the whole model rests on: a game with a million players a day. */

export const PLAYERS = 1_000_000

/** Of one player on one day, by the names in docs/costs.json: 20 writes, and 30 reads. */
export const OPERATIONS_DAILY: Readonly<Record<string, number>> = {
  spend: 10,
  bonus: 6,
  topup: 1,
  transfer: 1,
  hold: 1,
  capture: 1,
  balance: 18,
  'wallet with 2 balances': 6,
  'history, 10 transactions of one asset': 4,
  stats: 1,
  transaction: 1,
}

/** Of all requests of a day, in %: so many come in each hour, beginning at midnight. They sleep, and play in the evening. */
export const HOURS_PERCENT = [
  ...[3.0, 2.0, 1.4, 1.0, 0.9, 1.0, 1.6, 2.6, 3.4, 3.6, 3.8, 4.1],
  ...[4.8, 4.6, 4.2, 4.3, 4.8, 5.4, 6.2, 7.4, 8.4, 8.3, 7.2, 6.0],
]

/** How much more comes in the busiest second of an hour than in the mean one. */
export const BUSIEST_SECOND = 1.25

/** A new season, that everybody was told of: so many times the evening's peak, at once, and for an hour. */
export const LAUNCH_TIMES = 10

/** The operator gives each player something, one request for each, spread over so long, at the evening's peak. */
export const GRANT = { operation: 'bonus', hours: 1 } as const

/**
 * How long things take, in the long run: a request in its function, and what the audit waits for. Longer than what
 * docs/costs.md assumes to be billed, because here the slow ones count.
 */
export const LATENCIES = {
  writeMs: 30,
  readMs: 15,
  /** Of the audit: a read, a transaction, and a call of EventBridge. */
  auditReadMs: 5,
  transactionMs: 10,
  publishMs: 10,
} as const
