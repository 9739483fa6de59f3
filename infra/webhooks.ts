import { CfnOutput, Duration, SecretValue } from 'aws-cdk-lib'
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { type AddAlarm, anyIn } from './alarms/alarms.ts'
import type { AddFunction } from './constructs/service-function.ts'
import { eventSource } from './events.ts'
import { createDeadLetters, createQueue } from './queues.ts'
import { removalPolicyOf } from './removal-policy.ts'
import { breaksRule } from './rules-of-aws.ts'
import type { Stage } from './settings.ts'

/**
 * The messages of a batch are worked on side by side, so it takes as long as the slowest of them: to read the
 * endpoints, to wait 15 s for an answer, and to tell the queue, whose requests may use up 3 attempts of 4 s.
 */
const TIMEOUT = Duration.seconds(60)

/** What AWS advises: less, and a message whose function is throttled would be handed out twice. */
const HIDDEN_FOR = Duration.seconds(6 * TIMEOUT.toSeconds())

/** More often than the function tries; see lib/webhooks/retries.ts. */
const MAX_RECEIVES = 20

/** Slow endpoints fill this many functions and no more: the account has others to run. */
const MAX_CONCURRENCY = 20
const BATCH_SIZE = 10

export interface WebhooksProps {
  readonly addFunction: AddFunction
  readonly addAlarm: AddAlarm
  readonly stage: Stage
  readonly bus: EventBus
}

/** docs/adr/0014-each-endpoint-has-its-own-message.md */
export function createWebhooks(
  scope: Construct,
  { addFunction, addAlarm, stage, bus }: WebhooksProps,
): void {
  const endpoints = createEndpoints(scope, stage)
  const deadLetters = createDeadLetters(scope, 'WebhookDeadLetters', stage)
  const queue = createQueue(scope, 'Webhooks', {
    visibilityTimeout: HIDDEN_FOR,
    // What is under way when webhooks are switched off is not lost.
    removalPolicy: removalPolicyOf(stage),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVES },
  })
  const webhooks = addFunction('webhooks', {
    description: 'Sends events to the endpoints that want them',
    timeout: TIMEOUT,
    environment: {
      WEBHOOK_QUEUE_URL: queue.queueUrl,
      WEBHOOK_DEAD_LETTER_URL: deadLetters.queueUrl,
      WEBHOOK_SECRET: endpoints.secretArn,
    },
    access: webhookAccess(queue, deadLetters, endpoints),
  })
  new EventSourceMapping(scope, 'WebhookMessages', {
    target: webhooks.live,
    eventSourceArn: queue.queueArn,
    batchSize: BATCH_SIZE,
    reportBatchItemFailures: true,
    maxConcurrency: MAX_CONCURRENCY,
  })
  new Rule(scope, 'SendEvents', {
    description: 'Sends events to webhook endpoints',
    eventBus: bus,
    eventPattern: { source: [eventSource(stage)] },
    // What EventBridge could not put into the queue is an event as it stands: moved there later, it is sent.
    targets: [new SqsQueue(queue, { deadLetterQueue: deadLetters })],
  })
  addAlarm({
    ...anyIn(deadLetters),
    id: 'WebhookGivenUp',
    says: 'An event was not taken by its endpoint.',
  })
  new CfnOutput(scope, 'WebhookEndpointsSecretArn', { value: endpoints.secretArn })
  new CfnOutput(scope, 'WebhookDeadLettersArn', { value: deadLetters.queueArn })
  new CfnOutput(scope, 'WebhooksArn', { value: queue.queueArn })
}

/**
 * That there are no endpoints yet; what they are is put in later. As with the API keys, CloudFormation would write
 * this text again if it were another than last time, so it stays what it is, and so does the id. Not among the data:
 * that stack could not give it up while this one still refers to it, and nobody could switch webhooks off.
 */
function createEndpoints(scope: Construct, stage: Stage): Secret {
  const endpoints = new Secret(scope, 'WebhookEndpoints', {
    description: 'Where events are sent to, and what they are signed with',
    secretStringValue: SecretValue.unsafePlainText('{"endpoints":[]}'),
    removalPolicy: removalPolicyOf(stage),
  })
  breaksRule(
    endpoints,
    'SMG4',
    'Whoever runs an endpoint has to be given its new secret: they are rotated together, with two of them good meanwhile.',
  )
  return endpoints
}

function webhookAccess(
  queue: IQueue,
  deadLetters: IQueue,
  { secretArn }: Pick<Secret, 'secretArn'>,
): PolicyStatement[] {
  return [
    // The first three are Lambda's, which takes the messages out with the rights of the function that it calls.
    new PolicyStatement({
      actions: [
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:ChangeMessageVisibility',
        'sqs:SendMessage',
      ],
      resources: [queue.queueArn],
    }),
    new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }),
    new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }),
  ]
}
