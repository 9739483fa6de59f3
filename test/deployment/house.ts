import { once } from 'node:events'
import type { Server } from 'node:http'
import { z } from 'zod'
import { createGateway, EDGES, type EdgeName, type Handler } from '../../local/gateway.ts'
import type { Ended, Lambda } from '../support/lambda.ts'

/** Deployed functions behind both kinds of door. Each of them starts when it is first needed. */
export interface House {
  readonly urls: Readonly<Record<EdgeName, string>>
  readonly invoke: (name: string, event: unknown) => Promise<unknown>
  /** Tells all that run to end, and waits until they have. */
  readonly close: () => Promise<Readonly<Record<string, Ended>>>
}

/** What a function must answer to be understood by API Gateway. */
const answer = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  isBase64Encoded: z.literal(true).exactOptional(),
})

export async function openHouse(
  start: (name: string, urls: House['urls']) => Promise<Lambda>,
): Promise<House> {
  const running = new Map<string, Promise<Lambda>>()
  const invoke = async (name: string, event: unknown) => {
    const lambda = running.get(name) ?? start(name, urls)
    running.set(name, lambda)
    return (await lambda).invoke(event)
  }
  const behind =
    (name: string): Handler =>
    async (event) =>
      answer.parse(await invoke(name, event))
  const handlers = {
    write: behind('write'),
    read: behind('read'),
    admin: behind('admin'),
    ops: behind('ops'),
    docs: behind('docs'),
  }
  const doors = [createGateway({ handlers }), createGateway({ handlers, edge: 'rest' })] as const
  const [http, rest] = await Promise.all([listen(doors[0]), listen(doors[1])])
  const urls = { http, rest: `${rest}${EDGES.rest.basePath}` }
  return {
    urls,
    invoke,
    async close() {
      await Promise.all(doors.map(close))
      const ended = Array.from(running, async ([name, lambda]) => [
        name,
        await (await lambda).end(),
      ])
      return Object.fromEntries(await Promise.all(ended))
    },
  }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('a door has no address')
  return `http://127.0.0.1:${address.port}`
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
