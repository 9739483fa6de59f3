import type { EventSourceMapping, IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { type AlarmRow, createAlarm } from './alarms.ts'

/** A deployment, or an instance that starts, passes by itself. */
const LATE_FOR_MINUTES = 3
const LATE_MS = 60_000

/** All of them are for a person: nothing here gets better by itself. */
export function createAuditAlarms(
  scope: Construct,
  audit: IFunction,
  { eventSourceMappingId }: EventSourceMapping,
): void {
  const ofAudit = (metricName: string): AlarmRow['metric'] => ({
    namespace: 'Strongbox',
    metricName,
    // As functions/audit/handler.ts writes them.
    dimensionsMap: { service: 'strongbox-audit' },
  })
  const any = { statistic: 'Sum', above: 0, minutes: 1 } as const
  const ofLambda = { namespace: 'AWS/Lambda', dimensionsMap: { FunctionName: audit.functionName } }

  const rows: readonly AlarmRow[] = [
    {
      ...any,
      id: 'UnexplainedChanges',
      says: 'A balance is not what its entries made it. Its flag is an UNEXPLAINED_CHANGE.',
      metric: ofAudit('UnexplainedChanges'),
    },
    {
      ...any,
      id: 'RecordsParked',
      says: 'A change could not be projected, and is a dead letter now. GET /v1/ops/dead-letters says why.',
      metric: ofAudit('RecordsParked'),
    },
    {
      ...any,
      id: 'RecordsGivenUp',
      says: 'Lambda gave up on changes, and put their records into the bucket of failed records.',
      metric: {
        namespace: 'AWS/Lambda',
        metricName: 'OnFailureDestinationDeliveredEventCount',
        dimensionsMap: { EventSourceMappingUUID: eventSourceMappingId },
      },
    },
    {
      ...any,
      id: 'RecordsNotKept',
      says: 'Lambda gave up on changes, and could not keep their records. What they are about is in the ledger.',
      metric: { ...ofLambda, metricName: 'DestinationDeliveryFailures' },
    },
    {
      id: 'AuditIsLate',
      says: 'The audit is more than a minute behind the ledger.',
      metric: { ...ofLambda, metricName: 'IteratorAge' },
      statistic: 'Maximum',
      above: LATE_MS,
      minutes: LATE_FOR_MINUTES,
    },
  ]
  for (const row of rows) createAlarm(scope, row)
}
