import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { EventSourceMapping } from 'aws-cdk-lib/aws-lambda'
import type { ServiceFunction } from '../constructs/service-function.ts'
import type { Stage } from '../settings.ts'
import { type AddAlarm, type AlarmRow, MINUTE } from './alarms.ts'
import { lambdaMetric, ourMetric } from './metrics.ts'

/** A deployment, or an instance that starts, passes by itself. */
const LATE_FOR_MINUTES = 3
const LATE_MS = 60_000

/** All of them are for a person: nothing here gets better by itself. */
export function createAuditAlarms(
  addAlarm: AddAlarm,
  stage: Stage,
  { functionName }: ServiceFunction,
  { eventSourceMappingId }: EventSourceMapping,
): void {
  const any = { isWrong: { above: 0 }, periods: 1 } as const
  const rows: readonly AlarmRow[] = [
    {
      ...any,
      id: 'UnexplainedChanges',
      says: 'A balance is not what its entries made it.',
      metric: ourMetric(stage, 'audit', 'UnexplainedChanges', 'Sum'),
    },
    {
      ...any,
      id: 'RecordsParked',
      says: 'A change could not be projected, and is a dead letter now.',
      metric: ourMetric(stage, 'audit', 'RecordsParked', 'Sum'),
    },
    {
      ...any,
      id: 'RecordsGivenUp',
      says: 'Lambda gave up on changes, and put their records into the bucket of failed records.',
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'OnFailureDestinationDeliveredEventCount',
        dimensionsMap: { EventSourceMappingUUID: eventSourceMappingId },
        statistic: 'Sum',
        period: MINUTE,
      }),
    },
    {
      ...any,
      id: 'RecordsNotKept',
      says: 'Lambda gave up on changes, and could not keep their records.',
      metric: lambdaMetric(functionName, 'DestinationDeliveryFailures', 'Sum'),
    },
    {
      id: 'AuditIsLate',
      says: 'The audit is more than a minute behind the ledger.',
      metric: lambdaMetric(functionName, 'IteratorAge', 'Maximum'),
      isWrong: { above: LATE_MS },
      periods: LATE_FOR_MINUTES,
    },
  ]
  for (const row of rows) addAlarm(row)
}
