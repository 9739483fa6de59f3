import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import {
  type ApiFunction,
  FALLBACK_FUNCTION,
  matchPath,
  ROUTES,
  type Route,
  routeKey,
} from '../lib/http/routes.ts'

/** What API Gateway's HTTP API does, as far as our handlers and their clients can tell. */
export type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<HandlerResult>

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
  readonly onServed?: ((request: ServedRequest) => void) | undefined
}

const MAX_PAYLOAD_BYTES = 10 * 1024 * 1024
const FUNCTION_TIMEOUT_MS = 29_000
const TEXT_TYPES = /^(?:text\/|application\/(?:json|problem\+json|xml|javascript))/i

export function createGateway({ handlers, onServed }: GatewayOptions): Server {
  const server = createServer(async (incoming, outgoing) => {
    const startedAt = performance.now()
    const result = await serve(incoming, handlers)
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
): Promise<HandlerResult | undefined> {
  try {
    const body = await readBody(incoming)
    if (!body) return ownAnswer(413, 'Request Entity Too Large')
    const { event, handledBy } = toEvent(incoming, body)
    return await handlers[handledBy](event, lambdaContext(handledBy, FUNCTION_TIMEOUT_MS))
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

function toEvent(
  incoming: IncomingMessage,
  body: Buffer,
): { event: APIGatewayProxyEventV2; handledBy: ApiFunction } {
  const method = incoming.method ?? 'GET'
  const [rawPath = '/', rawQueryString = ''] = (incoming.url ?? '/').split(/\?(.*)/s)
  const { key, handledBy, pathParameters } = findRoute(method, rawPath)
  const headers = joinedHeaders(incoming)
  const isText = TEXT_TYPES.test(headers['content-type'] ?? '') && isUtf8(body)
  const at = new Date()
  const event: APIGatewayProxyEventV2 = {
    version: '2.0',
    routeKey: key,
    rawPath: decode(rawPath),
    rawQueryString,
    headers,
    ...(rawQueryString && { queryStringParameters: joinedQuery(rawQueryString) }),
    ...(pathParameters && { pathParameters }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers['host'] ?? 'localhost',
      domainPrefix: 'local',
      http: {
        method,
        // As API Gateway does it: of the path, nobody sees how it was written.
        path: decode(rawPath),
        protocol: `HTTP/${incoming.httpVersion}`,
        sourceIp: incoming.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: key,
      stage: '$default',
      time: at.toUTCString(),
      timeEpoch: at.getTime(),
    },
    ...(body.byteLength > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.byteLength > 0 && !isText,
  }
  return { event, handledBy }
}

interface FoundRoute {
  readonly key: string
  readonly handledBy: ApiFunction
  readonly pathParameters?: Record<string, string>
}

function findRoute(method: string, rawPath: string): FoundRoute {
  for (const route of Object.values<Route>(ROUTES)) {
    const params = route.method === method ? matchPath(route.path, rawPath) : undefined
    if (!params) continue
    const decoded = Object.entries(params).map(([name, value]) => [name, decode(value)])
    return {
      key: routeKey(route),
      handledBy: route.function,
      pathParameters: Object.fromEntries(decoded),
    }
  }
  return { key: '$default', handledBy: FALLBACK_FUNCTION }
}

/** What cannot be decoded is passed on as it is, for the handler to refuse. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function joinedHeaders({ headersDistinct }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(',')]),
  )
}

function joinedQuery(rawQueryString: string): Record<string, string> {
  const query = new URLSearchParams(rawQueryString)
  return Object.fromEntries(
    Array.from(new Set(query.keys()), (name) => [name, query.getAll(name).join(',')]),
  )
}

function isUtf8(body: Buffer): boolean {
  return Buffer.from(body.toString('utf8'), 'utf8').equals(body)
}

export function lambdaContext(functionName: string, timeoutMs: number): Context {
  const endsAt = Date.now() + timeoutMs
  const unused = () => {}
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => endsAt - Date.now(),
    done: unused,
    fail: unused,
    succeed: unused,
  }
}

function send(outgoing: ServerResponse, result: HandlerResult): void {
  const { statusCode, headers, body, isBase64Encoded } = result
  outgoing.writeHead(statusCode, { ...headers })
  outgoing.end(isBase64Encoded ? Buffer.from(body, 'base64') : body)
}
