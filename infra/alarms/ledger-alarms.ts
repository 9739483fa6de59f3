import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Settings } from '../settings.ts'
import { type AddAlarm, MINUTE } from './alarms.ts'
import { ourMetric, tableMetric } from './metrics.ts'

const LONG_ENOUGH_MINUTES = 5

export interface LedgerAlarmsProps {
  readonly ledger: TableV2
  readonly audit: TableV2
  readonly settings: Pick<Settings, 'stage' | 'conflictsAlarmPerMinute'>
}

/** What slows money down. It is still right: what is throttled or in conflict is tried again, or has not happened. */
export function createLedgerAlarms(
  addAlarm: AddAlarm,
  { ledger, audit, settings: { stage, conflictsAlarmPerMinute } }: LedgerAlarmsProps,
): void {
  addAlarm({
    id: 'TablesThrottled',
    says: 'DynamoDB refuses requests, because a partition or a table has too many.',
    metric: throttles({ ledger, audit }),
    isWrong: { above: 0 },
    periods: LONG_ENOUGH_MINUTES,
    wrongPeriods: 3,
  })
  addAlarm({
    id: 'ManyConflicts',
    says: `More than ${conflictsAlarmPerMinute} tries a minute lose a race for a wallet.`,
    metric: ourMetric(stage, 'write', 'Conflicts', 'Sum'),
    isWrong: { above: conflictsAlarmPerMinute },
    periods: LONG_ENOUGH_MINUTES,
  })
}

export function throttles(tables: Readonly<Record<string, TableV2>>): MathExpression {
  const metrics = Object.fromEntries(
    Object.entries(tables).flatMap(([name, { tableName }]) => [
      [`${name}Reads`, tableMetric(tableName, 'ReadThrottleEvents', 'Sum')],
      [`${name}Writes`, tableMetric(tableName, 'WriteThrottleEvents', 'Sum')],
    ]),
  )
  return new MathExpression({
    label: 'Requests that DynamoDB refused',
    expression: `SUM([${Object.keys(metrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(', ')}])`,
    usingMetrics: metrics,
    period: MINUTE,
  })
}
