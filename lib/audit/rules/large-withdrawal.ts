import type { Rule } from './rule.ts'
import { withdrawn } from './withdrawn.ts'

/** So much money left at once. */
export function largeWithdrawal({ amount }: { readonly amount: number }): Rule<undefined> {
  return {
    name: 'LARGE_WITHDRAWAL',
    judge(_, entry) {
      const isLarge = withdrawn(entry) >= amount
      return { memory: undefined, flagged: isLarge ? [entry.transactionId] : undefined }
    },
  }
}
