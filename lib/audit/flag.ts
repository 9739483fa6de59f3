import { createHash } from 'node:crypto'
import type { BalanceId } from '../money/posting.ts'
import type { TransactionId } from '../money/transaction.ts'

/** Something that a person should look at. */
export interface Flag extends BalanceId {
  readonly id: string
  readonly rule: string
  readonly transactionIds: readonly TransactionId[]
  /** In words, where the rule's name does not say it. */
  readonly reason: string | undefined
  readonly at: number
  readonly acknowledged: Acknowledgement | undefined
}

export interface Acknowledgement {
  readonly by: string
  readonly at: number
}

/** Raised by the continuous audit, where a balance is not what its entries made it. */
export const UNEXPLAINED_CHANGE = 'UNEXPLAINED_CHANGE'

const ID_HEX_DIGITS = 26
export const FLAG_ID_PATTERN = /^flag_[0-9a-f]{26}$/

/** The same cause always makes the same flag, so that seeing it twice is seeing it once. */
export function raiseFlag(
  facts: Omit<Flag, 'id' | 'acknowledged'>,
  cause: readonly (string | number)[],
): Flag {
  const { rule, walletId, asset } = facts
  const digest = createHash('sha256').update(JSON.stringify([rule, walletId, asset, ...cause]))
  return {
    ...facts,
    id: `flag_${digest.digest('hex').slice(0, ID_HEX_DIGITS)}`,
    acknowledged: undefined,
  }
}
