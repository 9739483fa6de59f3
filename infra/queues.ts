import { Duration } from 'aws-cdk-lib'
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { removalPolicyOf } from './removal-policy.ts'
import { breaksRule } from './rules-of-aws.ts'
import type { Stage } from './settings.ts'

/** The longest that SQS keeps anything. */
const KEPT_FOR = Duration.days(14)

export function createQueue(scope: Construct, id: string, props: QueueProps = {}): Queue {
  return new Queue(scope, id, {
    retentionPeriod: KEPT_FOR,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    ...props,
  })
}

/** For messages that a person has to look at: they are nowhere else. */
export function createDeadLetters(scope: Construct, id: string, stage: Stage): Queue {
  const deadLetters = createQueue(scope, id, { removalPolicy: removalPolicyOf(stage) })
  breaksRule(deadLetters, 'SQS3', 'It is where dead letters go.')
  return deadLetters
}
