import { type MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { AUDIT_TABLE, LEDGER_TABLE } from '../../lib/store/tables.ts'
import type { Settings } from '../settings.ts'
import { type AddAlarm, MINUTE } from './alarms.ts'
import { ourMetric, sumOf, tableMetric } from './metrics.ts'

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

const INDEXES = [
  ...LEDGER_TABLE.indexes.map(({ name }) => ({ table: 'ledger' as const, index: name })),
  ...AUDIT_TABLE.indexes.map(({ name }) => ({ table: 'audit' as const, index: name })),
]

export function throttles(tables: Readonly<Record<'ledger' | 'audit', TableV2>>): MathExpression {
  const metrics = Object.fromEntries(
    Object.entries(tables).flatMap(([name, { tableName }]) => [
      [`${name}Reads`, tableMetric(tableName, 'ReadThrottleEvents', 'Sum')],
      [`${name}Writes`, tableMetric(tableName, 'WriteThrottleEvents', 'Sum')],
    ]),
  )
  // What is refused at an index, the table does not count; and it holds up the writes of the table.
  const ofIndexes = Object.fromEntries(
    INDEXES.map(({ table, index }) => [
      `${table}${index}`,
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName: 'WriteThrottleEvents',
        dimensionsMap: { TableName: tables[table].tableName, GlobalSecondaryIndexName: index },
        statistic: 'Sum',
        period: MINUTE,
      }),
    ]),
  )
  return sumOf({ ...metrics, ...ofIndexes }, 'Requests that DynamoDB refused')
}
