import * as z from 'zod/mini'
import { type DomainEvent, EVENT_TYPES } from '../audit/events.ts'
import type { Delivery, Failure } from './deliver.ts'

/** What is in the queue: an event that nobody has been found for yet, or one that is on its way to an endpoint. */
export type Message =
  | { readonly kind: 'event'; readonly event: DomainEvent }
  | { readonly kind: 'delivery'; readonly delivery: Delivery }

/** What is not known here goes on to the endpoints as it came. */
const event = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.enum(EVENT_TYPES),
  subject: z.string(),
  time: z.string(),
  datacontenttype: z.literal('application/json'),
  partitionkey: z.string(),
  sequence: z.exactOptional(z.string()),
  data: z.record(z.string(), z.unknown()),
})

const message = z.union([
  // Whole, as a rule of EventBridge puts it there.
  z.object({ detail: event }),
  // One that comes back from the dead letters says why it was there, too.
  z.object({ event, endpoint: z.string() }),
])

export function parseMessage(text: string): Message {
  const read = message.parse(JSON.parse(text))
  return 'detail' in read
    ? { kind: 'event', event: read.detail }
    : { kind: 'delivery', delivery: { event: read.event, endpoint: read.endpoint } }
}

export function deliveryText({ event, endpoint }: Delivery): string {
  return JSON.stringify({ endpoint, event })
}

/** The same, so that it can be put back as it is, and why it is there. */
export function deadLetterText({ event, endpoint }: Delivery, failure: Failure): string {
  return JSON.stringify({ endpoint, failure, event })
}
