import { Duration } from 'aws-cdk-lib'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { createSchedule } from './schedule.ts'

export const SWEEP_EVERY = Duration.minutes(1)

/** Two runs at once are safe: a hold is released under a key of its own, so they make one transaction of it. */
export function createSweepSchedule(scope: Construct, sweep: IFunction): void {
  createSchedule(scope, 'SweepSchedule', {
    description: 'Gives back what is held by holds whose time is over',
    every: SWEEP_EVERY,
    target: sweep,
  })
}
