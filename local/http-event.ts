import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import {
  type ApiFunction,
  FALLBACK_FUNCTION,
  matchPath,
  ROUTES,
  type Route,
  routeKey,
} from '../lib/http/routes.ts'

const TEXT_TYPES = /^(?:text\/|application\/(?:json|problem\+json|xml|javascript))/i

/** What API Gateway's HTTP API makes of a request: payload 2.0. */
export function toHttpEvent(
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
