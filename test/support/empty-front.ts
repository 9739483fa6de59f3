import { once } from 'node:events'
import type { ApiEvent } from '../../lib/http/request.ts'
import type { ApiFunction } from '../../lib/http/routes.ts'
import {
  createGateway,
  type EdgeName,
  type Handler,
  type HandlerResult,
} from '../../local/gateway.ts'
import { type RawReply, sendRaw } from './sign.ts'

/** A local front with nothing behind it but a memory. */
export interface EmptyFront {
  readonly url: (target: string) => string
  readonly server: ReturnType<typeof createGateway>
  /** What the functions were handed, and which of them. */
  readonly seen: readonly { readonly event: ApiEvent; readonly handledBy: ApiFunction }[]
  /** What all of them answer from now on. */
  readonly answer: (result: Partial<HandlerResult>) => void
  /** Sends without what `fetch` adds and puts right. */
  readonly ask: (target: string, headers?: Headers, method?: string) => Promise<RawReply>
  readonly stop: () => Promise<void>
}

type Headers = Readonly<Record<string, string | string[]>>

const OK: HandlerResult = {
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: '{}',
}

export async function startEmptyFront(edge: EdgeName): Promise<EmptyFront> {
  const seen: { event: ApiEvent; handledBy: ApiFunction }[] = []
  let result = OK
  const rememberAs =
    (handledBy: ApiFunction): Handler =>
    async (event) => {
      seen.push({ event, handledBy })
      return result
    }
  const server = createGateway({
    edge,
    handlers: {
      write: rememberAs('write'),
      read: rememberAs('read'),
      admin: rememberAs('admin'),
      ops: rememberAs('ops'),
      docs: rememberAs('docs'),
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const url = (target: string) => `http://127.0.0.1:${port}${target}`
  return {
    ...{ url, server, seen },
    answer(changes) {
      result = { ...OK, ...changes }
    },
    ask: (target, headers = {}, method = 'GET') =>
      sendRaw(url(''), { method, target, headers, body: '' }),
    async stop() {
      const closed = once(server, 'close')
      server.closeAllConnections()
      server.close()
      await closed
    },
  }
}
