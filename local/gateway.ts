import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Context } from 'aws-lambda'
import type { ApiEvent } from '../lib/http/request.ts'
import type { ApiFunction } from '../lib/http/routes.ts'
import { toHttpEvent } from './http-event.ts'
import { lambdaContext } from './lambda-context.ts'
import { throughRestApi } from './rest-answer.ts'
import { REST_BASE_PATH, toRestEvent } from './rest-event.ts'

export type Handler = (event: ApiEvent, context: Context) => Promise<HandlerResult>

export interface HandlerResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded?: boolean
}

export interface ServedRequest {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly durationMs: number
}

export interface GatewayOptions {
  readonly handlers: Readonly<Record<ApiFunction, Handler>>
  readonly edge?: EdgeName
  readonly onServed?: ((request: ServedRequest) => void) | undefined
}

/** What API Gateway does, as far as our handlers and their clients can tell. */
interface Edge {
  /** What is before every path. */
  readonly basePath: string
  /** Nothing where no function is to hear of it. */
  readonly toEvent: (
    incoming: IncomingMessage,
    body: Buffer,
  ) => { readonly event: ApiEvent; readonly handledBy: ApiFunction } | undefined
  readonly toAnswer: (result: HandlerResult, acceptEncoding: string) => HandlerResult
}

/** Its two kinds. */
export const EDGES = {
  http: { basePath: '', toEvent: toHttpEvent, toAnswer: (result) => result },
  rest: { basePath: REST_BASE_PATH, toEvent: toRestEvent, toAnswer: throughRestApi },
} as const satisfies Record<string, Edge>

export type EdgeName = keyof typeof EDGES

const MAX_PAYLOAD_BYTES = 10 * 1024 * 1024
const FUNCTION_TIMEOUT_MS = 29_000

export function createGateway({ handlers, edge = 'http', onServed }: GatewayOptions): Server {
  const server = createServer(async (incoming, outgoing) => {
    const startedAt = performance.now()
    const result = await serve(incoming, handlers, EDGES[edge])
    // A client that hung up half-way hears nothing.
    if (!result || outgoing.destroyed) return
    // A server that stops listening must not be kept up by a client that keeps sending.
    outgoing.shouldKeepAlive &&= server.listening
    send(outgoing, result)
    onServed?.({
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      status: result.statusCode,
      durationMs: Math.round(performance.now() - startedAt),
    })
  })
  return server
}

async function serve(
  incoming: IncomingMessage,
  handlers: GatewayOptions['handlers'],
  { toEvent, toAnswer }: Edge,
): Promise<HandlerResult | undefined> {
  try {
    const body = await readBody(incoming)
    if (!body) return ownAnswer(413, 'Request Entity Too Large')
    const made = toEvent(incoming, body)
    if (!made) return ownAnswer(403, 'Forbidden')
    const { event, handledBy } = made
    const result = await handlers[handledBy](event, lambdaContext(handledBy, FUNCTION_TIMEOUT_MS))
    return toAnswer(result, String(incoming.headers['accept-encoding'] ?? ''))
  } catch (error) {
    if (incoming.destroyed && !incoming.complete) return undefined
    console.error(error)
    return ownAnswer(500, 'Internal Server Error')
  }
}

/** API Gateway's own words, for what never reaches a function or never comes back from it. */
function ownAnswer(statusCode: number, message: string): HandlerResult {
  return {
    statusCode,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    size += chunk.length
    // Read to the end all the same: a client that still sends would not see the answer.
    if (size <= MAX_PAYLOAD_BYTES) chunks.push(chunk)
  }
  return size <= MAX_PAYLOAD_BYTES ? Buffer.concat(chunks) : undefined
}

function send(outgoing: ServerResponse, result: HandlerResult): void {
  const { statusCode, headers, body, isBase64Encoded } = result
  outgoing.writeHead(statusCode, { ...headers })
  outgoing.end(isBase64Encoded ? Buffer.from(body, 'base64') : body)
}
