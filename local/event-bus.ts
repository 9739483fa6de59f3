import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { DomainEvent } from '../lib/audit/events.ts'

/** As much of EventBridge as takes events and hands them on. The functions talk to it through the real SDK. */
export interface EventBus {
  readonly endpoint: string
  readonly stop: () => Promise<void>
}

/** Settles when it has the events for good. */
export type Subscriber = (events: readonly DomainEvent[]) => Promise<unknown>

export async function startEventBus(subscriber: Subscriber): Promise<EventBus> {
  const server = createServer(async (incoming, outgoing) => {
    outgoing.setHeader('content-type', 'application/x-amz-json-1.1')
    try {
      const events = await readEvents(incoming)
      await subscriber(events)
      const Entries = events.map(({ id }) => ({ EventId: id }))
      outgoing.end(JSON.stringify({ FailedEntryCount: 0, Entries }))
    } catch (error) {
      console.error(error)
      outgoing.statusCode = 500
      outgoing.end('{}')
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the bus has no address')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function readEvents(incoming: IncomingMessage): Promise<DomainEvent[]> {
  const { Entries } = JSON.parse(await text(incoming))
  return Entries.map(({ Detail }: { Detail: string }) => JSON.parse(Detail))
}
