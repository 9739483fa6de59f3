import type { Duration } from 'aws-cdk-lib'
import { Schedule as Rate, Rule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'

export interface ScheduleProps {
  readonly description: string
  readonly every: Duration
  readonly target: IFunction
}

/**
 * Calls a function again and again. Nothing tries a run once more, because the next one finds what this one left. So
 * EventBridge may not, and neither may Lambda, which would by default run a failed one twice more, and keep one that
 * found no room for six hours. EventBridge can still start a run twice, or before the last one is over.
 *
 * A rule, and not a schedule of EventBridge Scheduler: LocalStack keeps those, and never runs them.
 */
export function createSchedule(
  scope: Construct,
  id: string,
  { description, every, target }: ScheduleProps,
): void {
  target.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: every })
  new Rule(scope, id, {
    description,
    schedule: Rate.rate(every),
    targets: [new LambdaFunction(target, { retryAttempts: 0, maxEventAge: every })],
  })
}
