import { CfnOutput, Duration, Stack } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { Settings } from '../settings.ts'

export const MINUTE = Duration.minutes(1)

export interface AlarmRow {
  /** Its name, and that of its paragraph in docs/runbook.md. */
  readonly id: string
  /** What is wrong, in one sentence. */
  readonly says: string
  readonly metric: IMetric
  readonly isWrong: { readonly above: number } | { readonly below: number }
  /** So many periods of the metric one after the other. */
  readonly periods: number
  /** Not all of the periods have to be wrong, but so many. */
  readonly wrongPeriods?: number
  /** For a metric of what has to happen: not to hear of it is wrong, too. */
  readonly silenceIsWrong?: boolean
}

/** Adds one to the stack, and tells those who want to hear of it. */
export type AddAlarm = (row: AlarmRow) => Alarm

/** Where the explanation of every alarm is. */
const RUNBOOK = 'docs/runbook.md'

/** All alarms of a deployment, and whom they tell: when something goes wrong, and when it is well again. */
export function createAlarms(
  parent: Construct,
  { stage, alarmEmail }: Pick<Settings, 'stage' | 'alarmEmail'>,
): AddAlarm {
  const scope = new Construct(parent, 'Alarms')
  const topic = new Topic(scope, 'Topic', {
    displayName: `Strongbox ${stage}`,
    enforceSSL: true,
  })
  letAlarmsTell(topic)
  // A pager or a chat subscribes to it, beside the address or instead of it.
  new CfnOutput(parent, 'AlarmTopicArn', { value: topic.topicArn })
  if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail))
  const tell = new SnsAction(topic)

  return ({ id, says, metric, isWrong, periods, wrongPeriods, silenceIsWrong = false }) => {
    const alarm = new Alarm(scope, id, {
      alarmName: `strongbox-${stage}-${id}`,
      alarmDescription: `${says} What to do: ${RUNBOOK}, ${id}.`,
      metric,
      ...comparison(isWrong),
      evaluationPeriods: periods,
      datapointsToAlarm: wrongPeriods ?? periods,
      // Most metrics are not written while nothing happens.
      treatMissingData: silenceIsWrong
        ? TreatMissingData.BREACHING
        : TreatMissingData.NOT_BREACHING,
    })
    alarm.addAlarmAction(tell)
    alarm.addOkAction(tell)
    return alarm
  }
}

/** A topic with a policy of its own, and a demand for TLS is one, has lost the one that let everybody in the account. */
function letAlarmsTell(topic: Topic): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(topic).account } },
    }),
  )
}

/** For a queue that should be empty. */
export function anyIn({ queueName }: IQueue): Pick<AlarmRow, 'metric' | 'isWrong' | 'periods'> {
  const metric = new Metric({
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensionsMap: { QueueName: queueName },
    statistic: 'Maximum',
    period: MINUTE,
  })
  return { metric, isWrong: { above: 0 }, periods: 1 }
}

function comparison(isWrong: AlarmRow['isWrong']) {
  return 'above' in isWrong
    ? {
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        threshold: isWrong.above,
      }
    : {
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        threshold: isWrong.below,
      }
}
