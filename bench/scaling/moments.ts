import type { Costs } from '../costs/record.ts'
import {
  BUSIEST_SECOND,
  GRANT,
  HOURS_PERCENT,
  LAUNCH_TIMES,
  OPERATIONS_DAILY,
  PLAYERS,
} from './day.ts'
import { type Load, loadOf, type PerSecond, times } from './load.ts'

const HOUR_SECONDS = 3_600
const PERCENT = 100
export const DAYS_OF_YEAR = 365

/** All operations of all players on one day. */
export const DAILY: PerSecond = times(OPERATIONS_DAILY, PLAYERS)

/** The busiest second of an hour. */
export function busiestOf(percent: number): PerSecond {
  return times(DAILY, ((percent / PERCENT) * BUSIEST_SECOND) / HOUR_SECONDS)
}

export const EVENING: PerSecond = busiestOf(Math.max(...HOURS_PERCENT))

const granted = PLAYERS / GRANT.hours / HOUR_SECONDS
const GRANTING: PerSecond = {
  ...EVENING,
  [GRANT.operation]: (EVENING[GRANT.operation] ?? 0) + granted,
}

export interface Moments {
  readonly mean: Load
  readonly evening: Load
  readonly grant: Load
  readonly launch: Load
}

export function momentsOf(costs: Costs): Moments {
  const mean = times(DAILY, 1 / (HOURS_PERCENT.length * HOUR_SECONDS))
  return {
    mean: loadOf(costs, mean),
    evening: loadOf(costs, EVENING),
    grant: loadOf(costs, GRANTING),
    launch: loadOf(costs, times(EVENING, LAUNCH_TIMES)),
  }
}
