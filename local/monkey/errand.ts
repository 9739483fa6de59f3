import type { KindName } from './kinds.ts'

/** One thing to do, as it is planned: before anybody knows what will come of it. */
export interface Errand {
  /** Within the run: its idempotency key and its reference end with it. */
  readonly name: string
  readonly kind: KindName
  /** Whose, as a number in the list of wallets; and another one, for what needs two. */
  readonly wallet: number
  readonly other: number
  readonly amount: number
  /** Whose hold this takes or ends, or what this sends back. */
  readonly about?: Errand
  /** Sent twice at once, as by a client that was too quick. */
  readonly isTwin: boolean
  /** Sent once more when all is done, as by a client that came back. */
  readonly isRepeated: boolean
}
