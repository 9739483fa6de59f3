import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Delivery, Failure } from './deliver.ts'
import { deadLetterText, deliveryText } from './message.ts'

/** The one place that sends anything to SQS. */
export type WebhookQueue = ReturnType<typeof openWebhookQueue>

/** What SQS takes in one call, and how long it hides a message at most; part of that has gone by already. */
const MAX_BATCH = 10
const MAX_HIDDEN_SECONDS = 11 * 60 * 60

const CONNECTION_TIMEOUT_MS = 2_000
const REQUEST_TIMEOUT_MS = 4_000
const MAX_ATTEMPTS = 3

/** Endpoint, region and credentials come from the environment. */
export function openSqs(): SQSClient {
  return new SQSClient({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  })
}

export function openWebhookQueue({
  client,
  queueUrl,
  deadLetterUrl,
}: {
  readonly client: Pick<SQSClient, 'send'>
  readonly queueUrl: string
  readonly deadLetterUrl: string
}) {
  return {
    /** All of them, or it fails, and then some may be there. */
    async add(deliveries: readonly Delivery[]): Promise<void> {
      for (let start = 0; start < deliveries.length; start += MAX_BATCH) {
        const batch = deliveries.slice(start, start + MAX_BATCH)
        const { Failed = [] } = await client.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: batch.map((delivery, index) => ({
              Id: String(index),
              MessageBody: deliveryText(delivery),
              // In a queue without an order of its own: SQS then sees to it that one endpoint with a long
              // backlog does not make all others wait.
              MessageGroupId: delivery.endpoint,
            })),
          }),
        )
        const [first] = Failed
        if (first) throw new Error(`SQS did not take ${Failed.length} messages: ${first.Code}`)
      }
    },

    /** Until then, nobody gets it. The message stays where it is, so that it cannot be lost on its way. */
    async hide(receiptHandle: string, forMs: number): Promise<void> {
      const seconds = Math.min(Math.ceil(forMs / 1000), MAX_HIDDEN_SECONDS)
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      )
    },

    /** By our own hand, because the queue's would not say why. */
    async bury(delivery: Delivery, failure: Failure): Promise<void> {
      await client.send(
        new SendMessageCommand({
          QueueUrl: deadLetterUrl,
          MessageBody: deadLetterText(delivery, failure),
        }),
      )
    },
  }
}
