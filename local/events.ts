import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { DomainEvent } from '../lib/audit/events.ts'
import { endpointsFrom } from '../lib/webhooks/read-endpoints.ts'
import { startEventBus } from './event-bus.ts'
import { keepFile, writePrivate } from './keep-file.ts'
import { startWebhooks, type Webhooks } from './webhooks.ts'

/** What becomes of the events of the embedded stack. */
export interface Events {
  readonly endpoint: string
  /** What the functions have to know to send them. */
  readonly settings: Readonly<Record<string, string>>
  /** Undefined where nobody wants any. */
  readonly webhooks: Webhooks | undefined
  readonly webhookSecret: string | undefined
  /** Gives it each flag from now on. */
  readonly onFlag: (freeze: (event: DomainEvent) => Promise<unknown>) => void
  readonly stop: () => Promise<void>
}

export interface EventsOptions {
  readonly home: string
  readonly webhookUrl: string | undefined
}

export const LOCAL_BUS = 'strongbox'
export const LOCAL_SOURCE = 'strongbox/local'
const SECRET_BYTES = 32

export async function startEvents({ home, webhookUrl }: EventsOptions): Promise<Events> {
  const webhookSecret = webhookUrl === undefined ? undefined : await keepSecret(home)
  const webhooks = webhookUrl && (await openWebhooks(home, webhookUrl, webhookSecret ?? ''))
  let freeze: ((event: DomainEvent) => Promise<unknown>) | undefined
  const bus = await startEventBus(async (events) => {
    if (webhooks) await webhooks.publish(events)
    for (const event of events) {
      if (event.type === 'fraud.flagged') await freeze?.(event)
    }
  })
  return {
    endpoint: bus.endpoint,
    settings: {
      EVENT_BUS: LOCAL_BUS,
      EVENT_SOURCE: LOCAL_SOURCE,
      AWS_ENDPOINT_URL_EVENTBRIDGE: bus.endpoint,
    },
    webhooks: webhooks || undefined,
    webhookSecret,
    onFlag: (onFlag) => {
      freeze = onFlag
    },
    async stop() {
      await bus.stop()
      if (webhooks) await webhooks.stop()
    },
  }
}

async function openWebhooks(home: string, url: string, secret: string): Promise<Webhooks> {
  const endpoints = JSON.stringify({ endpoints: [{ id: 'dev', url, secrets: [secret] }] })
  writePrivate(join(home, 'webhooks.json'), endpoints)
  return startWebhooks({
    endpoints: endpointsFrom(async () => endpoints),
    folder: join(home, 'webhooks'),
  })
}

/** The same at the next start, so that a receiver goes on understanding. */
function keepSecret(home: string): Promise<string> {
  return keepFile(
    join(home, 'webhook-secret'),
    async () => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`,
  )
}

/** As EventBridge hands an event to a function. */
export function toBridgeEvent(event: DomainEvent) {
  return {
    id: randomUUID(),
    version: '0',
    account: '000000000000',
    time: event.time,
    region: 'local',
    resources: [],
    source: event.source,
    'detail-type': event.type,
    detail: event,
  }
}
