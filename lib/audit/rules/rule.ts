import type { Entry } from '../../money/balance.ts'
import type { TransactionId } from '../../money/transaction.ts'

/**
 * Looks at the entries of one balance, one after the other, and says when somebody should look, too. What it has
 * to remember for that is its own, small, and plain JSON.
 */
export interface Rule<Memory = unknown> {
  readonly name: string
  readonly judge: (memory: Memory | undefined, entry: Entry) => Judgement<Memory>
}

export interface Judgement<Memory> {
  readonly memory: Memory | undefined
  /** The transactions that raise the flag; undefined where nothing is wrong. */
  readonly flagged?: readonly TransactionId[] | undefined
}
