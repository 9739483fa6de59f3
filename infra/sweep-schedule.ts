import { Duration } from 'aws-cdk-lib'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Schedule, ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import type { Construct } from 'constructs'

export const SWEEP_EVERY = Duration.minutes(1)

/**
 * Nothing tries a run again, because the next one finds what this one left. So the scheduler may not, and
 * neither may Lambda, which would by default run a failed one twice more, and keep one that found no room for
 * six hours. The scheduler can still start a run twice, or before the last one is over. That is safe: a hold
 * is released under a key of its own, so two runs at once make one transaction of it.
 */
export function createSweepSchedule(scope: Construct, sweep: IFunction): void {
  sweep.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: SWEEP_EVERY })
  new Schedule(scope, 'SweepSchedule', {
    description: 'Gives back what is held by holds whose time is over',
    schedule: ScheduleExpression.rate(SWEEP_EVERY),
    timeWindow: TimeWindow.off(),
    target: new LambdaInvoke(sweep, { retryAttempts: 0 }),
  })
}
