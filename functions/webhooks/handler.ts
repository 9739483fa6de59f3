import { readFile } from 'node:fs/promises'
import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { MetricUnit } from '@aws-lambda-powertools/metrics'
import { getSecret } from '@aws-lambda-powertools/parameters/secrets'
import middy from '@middy/core'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { type Delivery, type Outcome, SEND_TIMEOUT_MS } from '../../lib/webhooks/deliver.ts'
import { openSqs, openWebhookQueue } from '../../lib/webhooks/queue.ts'
import { endpointsFrom } from '../../lib/webhooks/read-endpoints.ts'
import { RETRY_WITHIN_MS } from '../../lib/webhooks/retries.ts'
import { type WorkOptions, workOn } from '../../lib/webhooks/work.ts'
import { createMetrics } from '../metrics.ts'
import { optional, setting } from '../settings.ts'

/** A new endpoint, or a new secret of one, is known after so long. */
const ENDPOINTS_ARE_FRESH_FOR_SECONDS = 60

const options: WorkOptions = {
  queue: openWebhookQueue({
    client: openSqs(),
    queueUrl: setting('WEBHOOK_QUEUE_URL'),
    deadLetterUrl: setting('WEBHOOK_DEAD_LETTER_URL'),
  }),
  readEndpoints: endpointsFrom(readConfiguration()),
  isPublicOnly: optional('WEBHOOK_PRIVATE_ADDRESSES') !== 'allowed',
  timeoutMs: SEND_TIMEOUT_MS,
  retryWithinMs: RETRY_WITHIN_MS,
  now: Date.now,
  random: Math.random,
}
const logger = new Logger()
const metrics = createMetrics()

function readConfiguration(): () => Promise<string> {
  const file = optional('WEBHOOK_FILE')
  if (file) return () => readFile(file, 'utf8')
  const secretId = setting('WEBHOOK_SECRET')
  return async () => {
    const text = await getSecret(secretId, { maxAge: ENDPOINTS_ARE_FRESH_FOR_SECONDS })
    if (typeof text !== 'string') throw new Error('the secret of the webhooks has no text')
    return text
  }
}

/** Messages of a batch are worked on side by side: one endpoint that is slow must not use up the others' time. */
async function deliverMessages({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const areDone = await Promise.all(Records.map(isDoneWith))
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics()
  const comingAgain = Records.filter((_, index) => !areDone[index])
  return { batchItemFailures: comingAgain.map(({ messageId }) => ({ itemIdentifier: messageId })) }
}

async function isDoneWith({ body, receiptHandle, attributes }: SQSRecord): Promise<boolean> {
  const receives = Number(attributes.ApproximateReceiveCount)
  try {
    const worked = await workOn(options, { body, receiptHandle, receives })
    if (worked.kind === 'addressed') return true
    report(worked.delivery, worked.outcome)
    return worked.outcome.kind !== 'again'
  } catch (error) {
    logger.error('a message could not be worked on', { error })
    return false
  }
}

function report({ event, endpoint }: Delivery, outcome: Outcome): void {
  const what = { endpoint, eventId: event.id, type: event.type, outcome }
  metrics.addMetric(METRICS[outcome.kind], MetricUnit.Count, 1)
  if (outcome.kind === 'dead') logger.error('an event was given up', what)
  else if (outcome.kind === 'delivered') logger.debug('an event was delivered', what)
  else logger.warn('an event was not delivered', what)
}

const METRICS: Record<Outcome['kind'], string> = {
  delivered: 'WebhooksDelivered',
  unwanted: 'WebhooksDropped',
  again: 'WebhooksToComeAgain',
  dead: 'WebhooksGivenUp',
}

export const handler = middy<SQSEvent, SQSBatchResponse, Error, Context>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(deliverMessages)
