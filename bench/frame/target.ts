import { numberText } from './number.ts'

/** What is wanted, and whether it is so. */
export interface Target {
  readonly what: string
  readonly wanted: string
  readonly measured: string
  readonly isMet: boolean
}

interface Goal {
  readonly what: string
  readonly limit: number
  readonly measured: number
  /** As in `ms`, or `times`. */
  readonly unit?: string
}

export function atMost(goal: Goal): Target {
  return { ...worded(goal, 'at most'), isMet: goal.measured <= goal.limit }
}

export function atLeast(goal: Goal): Target {
  return { ...worded(goal, 'at least'), isMet: goal.measured >= goal.limit }
}

function worded({ what, limit, measured, unit }: Goal, bound: string) {
  const ofUnit = unit ? ` ${unit}` : ''
  return {
    what,
    wanted: `${bound} ${numberText(limit)}${ofUnit}`,
    measured: `${numberText(measured)}${ofUnit}`,
  }
}
