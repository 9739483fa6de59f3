import type { Rule } from './rule.ts'

/** So much money left at once. */
export function largeWithdrawal({ amount }: { readonly amount: number }): Rule<undefined> {
  return {
    name: 'LARGE_WITHDRAWAL',
    judge(_, { type, availableDelta, transactionId }) {
      const isLarge = type === 'WITHDRAW' && -availableDelta >= amount
      return { memory: undefined, flagged: isLarge ? [transactionId] : undefined }
    },
  }
}
