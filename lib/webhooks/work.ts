import type { DomainEvent } from '../audit/events.ts'
import {
  type DeliverOptions,
  type Delivery,
  deliver,
  deliveriesOf,
  type Outcome,
} from './deliver.ts'
import { parseMessage } from './message.ts'
import type { WebhookQueue } from './queue.ts'

export interface WorkOptions extends DeliverOptions {
  readonly queue: WebhookQueue
}

/** A message as SQS hands it out. */
export interface Received {
  readonly body: string
  readonly receiptHandle: string
  /** How often it was handed out, this time included. */
  readonly receives: number
}

export type Worked =
  | { readonly kind: 'addressed'; readonly deliveries: readonly Delivery[] }
  | { readonly kind: 'tried'; readonly delivery: Delivery; readonly outcome: Outcome }

/**
 * An event becomes a message for each endpoint that wants it, and each of those is delivered by itself: so that one
 * endpoint's trouble sends nothing again to the others.
 */
export async function workOn(options: WorkOptions, received: Received): Promise<Worked> {
  const message = parseMessage(received.body)
  if (message.kind === 'event') return address(options, message.event)
  const { delivery } = message
  const outcome = await deliver(options, delivery, received.receives)
  await settle(options.queue, received, delivery, outcome)
  return { kind: 'tried', delivery, outcome }
}

async function address({ readEndpoints, queue }: WorkOptions, event: DomainEvent): Promise<Worked> {
  const deliveries = deliveriesOf(await readEndpoints(), event)
  await queue.add(deliveries)
  return { kind: 'addressed', deliveries }
}

async function settle(
  queue: WebhookQueue,
  { receiptHandle }: Received,
  delivery: Delivery,
  outcome: Outcome,
): Promise<void> {
  if (outcome.kind === 'again') await queue.hide(receiptHandle, outcome.inMs)
  if (outcome.kind === 'dead') await queue.bury(delivery, outcome.failure)
}
