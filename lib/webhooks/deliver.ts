import type { DomainEvent } from '../audit/events.ts'
import { type Endpoint, wants } from './endpoints.ts'
import type { ReadEndpoints } from './read-endpoints.ts'
import { type RetryOptions, retryInMs } from './retries.ts'
import { type SendOptions, type Sent, send } from './send.ts'
import { signedHeaders } from './sign.ts'

/** An event on its way to one endpoint. */
export interface Delivery {
  readonly event: DomainEvent
  /** The id of the endpoint: its secrets are looked up anew with each try, and are in no queue. */
  readonly endpoint: string
}

/** Why the last try came to nothing. */
export interface Failure {
  readonly reason: string
  readonly tries: number
  readonly at: string
}

export type Outcome =
  | { readonly kind: 'delivered' }
  /** There is no such endpoint any more. */
  | { readonly kind: 'unwanted' }
  | { readonly kind: 'again'; readonly inMs: number; readonly failure: Failure }
  | { readonly kind: 'dead'; readonly failure: Failure }

export interface DeliverOptions extends SendOptions, RetryOptions {
  readonly readEndpoints: ReadEndpoints
}

export const SEND_TIMEOUT_MS = 15_000

const USER_AGENT = 'Strongbox-Webhooks/1'
const GONE = 410

/** One for each endpoint that wants it. */
export function deliveriesOf(endpoints: readonly Endpoint[], event: DomainEvent): Delivery[] {
  return endpoints
    .filter((endpoint) => wants(endpoint, event))
    .map(({ id }) => ({ event, endpoint: id }))
}

/** One try, the `tries`th; and what follows from it. */
export async function deliver(
  options: DeliverOptions,
  { event, endpoint: id }: Delivery,
  tries: number,
): Promise<Outcome> {
  const endpoints = await options.readEndpoints().catch(() => undefined)
  if (!endpoints) return failed(options, tries, { reason: 'the endpoints could not be read' })
  const endpoint = endpoints.find((candidate) => candidate.id === id)
  if (!endpoint) return { kind: 'unwanted' }
  const body = JSON.stringify(event)
  const headers = {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'user-agent': USER_AGENT,
    ...signedHeaders({ id: event.id, sentAt: options.now(), body }, endpoint.secrets),
  }
  return judge(options, tries, await send({ url: endpoint.url, headers, body }, options))
}

function judge(options: DeliverOptions, tries: number, sent: Sent): Outcome {
  if (sent.kind === 'failed') return failed(options, tries, sent)
  const { status, retryAfter } = sent
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const reason = `answered ${status}`
  // It says that it will never take it. A person has to decide that, so it is kept.
  if (status === GONE) return { kind: 'dead', failure: failureOf(options, tries, reason) }
  return failed(options, tries, { reason, retryAfter })
}

function failed(
  options: DeliverOptions,
  tries: number,
  { reason, retryAfter }: { reason: string; retryAfter?: string | undefined },
): Outcome {
  const failure = failureOf(options, tries, reason)
  const inMs = retryInMs(options, { tries, retryAfter })
  return inMs === undefined ? { kind: 'dead', failure } : { kind: 'again', inMs, failure }
}

function failureOf({ now }: DeliverOptions, tries: number, reason: string): Failure {
  return { reason, tries, at: new Date(now()).toISOString() }
}
