import { largeWithdrawal } from './large-withdrawal.ts'
import { rapidWithdrawals } from './rapid-withdrawals.ts'
import type { Rule } from './rule.ts'

/** Where it begins to look like fraud; each studio has its own idea of that. */
export interface Thresholds {
  readonly rapidWithdrawals: { readonly count: number; readonly withinMs: number }
  readonly largeWithdrawal: { readonly amount: number }
}

export const DEFAULT_THRESHOLDS: Thresholds = {
  rapidWithdrawals: { count: 3, withinMs: 60_000 },
  largeWithdrawal: { amount: 10_000 },
}

/** A new rule is a file in this folder and a line here. */
export function allRules(thresholds: Thresholds): readonly Rule[] {
  return [
    rapidWithdrawals(thresholds.rapidWithdrawals) as Rule,
    largeWithdrawal(thresholds.largeWithdrawal) as Rule,
  ]
}
