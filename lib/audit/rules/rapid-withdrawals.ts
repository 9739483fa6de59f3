import type { TransactionId } from '../../money/transaction.ts'
import type { Rule } from './rule.ts'
import { withdrawn } from './withdrawn.ts'

interface Withdrawal {
  readonly at: number
  readonly transactionId: TransactionId
}

/** Money left so often in so short a time. After a flag it starts to count anew, so a long series is some flags. */
export function rapidWithdrawals({
  count,
  withinMs,
}: {
  readonly count: number
  readonly withinMs: number
}): Rule<readonly Withdrawal[]> {
  return {
    name: 'RAPID_WITHDRAWALS',
    judge(memory = [], entry) {
      if (withdrawn(entry) === 0) return { memory }
      const { at, transactionId } = entry
      const recent = [...memory, { at, transactionId }].filter((past) => at - past.at <= withinMs)
      if (recent.length < count) return { memory: recent }
      return { memory: [], flagged: recent.map((past) => past.transactionId) }
    },
  }
}
