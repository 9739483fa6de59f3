import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import type { DomainEvent } from '../../lib/audit/events.ts'

/** Somebody who gets webhooks, over real HTTP, and can behave as badly as they do. */
export interface Receiver {
  readonly url: string
  /** Everything that came, whatever was answered. */
  readonly requests: readonly ReceivedWebhook[]
  /** How each request is answered from now on. */
  readonly answer: (behaviour: Behaviour) => void
  /** From now on, nobody listens. */
  readonly hangUp: () => Promise<void>
  readonly listen: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface ReceivedWebhook {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Behaviour = (response: ServerResponse, request: ReceivedWebhook) => unknown

export function status(code: number, headers: Record<string, string> = {}): Behaviour {
  return (response) => response.writeHead(code, headers).end()
}
export const takeIt = status(204)
export const hang: Behaviour = () => {}

export async function startReceiver(behaviour: Behaviour = takeIt): Promise<Receiver> {
  const requests: ReceivedWebhook[] = []
  let behave = behaviour
  const server = createServer(async (incoming, response) => {
    // A sender that ends half-way is no failure of the test's.
    response.on('error', () => {})
    const body = await text(incoming).catch(() => undefined)
    if (body === undefined) return
    const received = { headers: incoming.headers, body }
    requests.push(received)
    behave(response, received)
  })
  let port = 0
  const listen = async () => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (typeof address === 'object' && address) port = address.port
  }
  const hangUp = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  await listen()
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    requests,
    answer(next) {
      behave = next
    },
    hangUp,
    listen,
    stop: hangUp,
  }
}

/** What a receiver finds in it who knows the secret; by a package that shares no code with us. Throws where it is forged. */
export function verify({ headers, body }: ReceivedWebhook, secret: string): DomainEvent {
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)])
  return new Webhook(secret).verify(body, Object.fromEntries(texts)) as DomainEvent
}

export function eventIds(requests: readonly ReceivedWebhook[]): string[] {
  return requests.map(({ headers }) => String(headers['webhook-id']))
}
