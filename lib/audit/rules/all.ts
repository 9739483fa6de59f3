import { invariant } from '../../money/invariant.ts'
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
  const { rapidWithdrawals: rapid, largeWithdrawal: large } = thresholds
  // A threshold that is no number would switch its rule off, and nobody would hear of it.
  invariant(
    [rapid.count, rapid.withinMs, large.amount].every((value) => value > 0),
    'a threshold is a number above 0',
  )
  return [
    rapidWithdrawals(thresholds.rapidWithdrawals) as Rule,
    largeWithdrawal(thresholds.largeWithdrawal) as Rule,
  ]
}
