import { Duration } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  Metric,
  type MetricProps,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'

const MINUTE = Duration.minutes(1)

export interface AlarmRow {
  readonly id: string
  /** What is wrong, and what to do about it. */
  readonly says: string
  readonly metric: Pick<MetricProps, 'namespace' | 'metricName' | 'dimensionsMap'>
  /** Of a minute. */
  readonly statistic: 'Sum' | 'Maximum'
  readonly above: number
  /** So many minutes one after the other. */
  readonly minutes: number
}

/** Nothing heard is nothing wrong: none of these metrics is written while nothing happens. */
export function createAlarm(scope: Construct, row: AlarmRow): Alarm {
  return new Alarm(scope, row.id, {
    alarmDescription: row.says,
    metric: new Metric({ ...row.metric, statistic: row.statistic, period: MINUTE }),
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: row.above,
    evaluationPeriods: row.minutes,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  })
}

/** For a queue that should be empty. */
export function createAlarmForAny(
  scope: Construct,
  id: string,
  queue: IQueue,
  says: string,
): Alarm {
  const metric = {
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensionsMap: { QueueName: queue.queueName },
  }
  return createAlarm(scope, { id, says, metric, statistic: 'Maximum', above: 0, minutes: 1 })
}
