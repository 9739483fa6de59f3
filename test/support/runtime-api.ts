import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'

/** Lambda's Runtime API: where the process of a function asks for events, and says what became of them. */
export interface RuntimeApi {
  /** Host and port, as the process is told. */
  readonly address: string
  /** Hands over an event as soon as the process asks for one. A process that has ended never does. */
  readonly invoke: (event: unknown, timeoutMs: number) => Promise<Outcome>
  /** What kept the function from being loaded. */
  readonly initError: () => unknown
  readonly stop: () => Promise<void>
}

export type Outcome =
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }

export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:strongbox:live'

const API = '/2018-06-01/runtime'
/** Of the part of a trace's id that is not its time. */
const TRACE_HEX_DIGITS = 24
const INVOCATION = new RegExp(`^${API}/invocation/([^/]+)/(response|error)$`)

interface Invocation {
  readonly id: string
  readonly event: unknown
  readonly timeoutMs: number
  readonly settle: (outcome: Outcome) => void
}

export async function startRuntimeApi(): Promise<RuntimeApi> {
  const waiting: Invocation[] = []
  const underWay = new Map<string, Invocation>()
  let asking: ServerResponse | undefined
  let initError: unknown

  /** An event and somebody who asks for one: whichever comes second. */
  const handOver = () => {
    if (!asking || waiting.length === 0) return
    const [invocation] = waiting.splice(0, 1)
    if (invocation) sendEvent(asking, invocation)
    if (invocation) underWay.set(invocation.id, invocation)
    asking = undefined
  }

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method, url = '' } = incoming
    if (method === 'GET' && url === `${API}/invocation/next`) {
      asking = outgoing
      return handOver()
    }
    const body = await json(incoming)
    if (url === `${API}/init/error`) {
      initError = body
      return accept(outgoing)
    }
    const [, id = '', what] = INVOCATION.exec(url) ?? []
    const invocation = underWay.get(id)
    if (!invocation) return outgoing.writeHead(400).end('{"errorType":"InvalidRequestID"}')
    underWay.delete(id)
    accept(outgoing)
    const isAnswer = what === 'response'
    invocation.settle(
      isAnswer ? { kind: 'answered', answer: body } : { kind: 'failed', error: body },
    )
  }

  const server = createServer(serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the API has no address')
  return {
    address: `127.0.0.1:${address.port}`,
    invoke: (event, timeoutMs) =>
      new Promise((settle) => {
        waiting.push({ id: randomUUID(), event, timeoutMs, settle })
        handOver()
      }),
    initError: () => initError,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function sendEvent(outgoing: ServerResponse, { id, event, timeoutMs }: Invocation): void {
  const root = `1-${Math.floor(Date.now() / 1000).toString(16)}-${traceOf(id)}`
  outgoing.writeHead(200, {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': id,
    'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
    'lambda-runtime-invoked-function-arn': FUNCTION_ARN,
    'lambda-runtime-trace-id': `Root=${root};Parent=${randomBytes(8).toString('hex')};Sampled=0`,
  })
  outgoing.end(JSON.stringify(event))
}

/** Made of the invocation's id, so that a log can be asked whether it is of one and the same. */
export function traceOf(invocationId: string): string {
  return invocationId.replaceAll('-', '').slice(0, TRACE_HEX_DIGITS)
}

function accept(outgoing: ServerResponse): void {
  outgoing.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}')
}
