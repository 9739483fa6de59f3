import { randomUUID } from 'node:crypto'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { matchPath, ROUTES, type Route, routeKey } from '../../lib/http/routes.ts'
import { type SigningKey, sign } from '../../lib/smoke/sign.ts'
import type { Callers } from './world.ts'

/** What somebody sends. */
export interface Sent {
  readonly method: Route['method']
  readonly path: string
  readonly body?: object
  readonly by: 'server' | 'player' | 'stranger'
}

/** As API Gateway adds them, and clients send them. */
const USUAL_HEADERS = {
  accept: '*/*',
  'accept-encoding': 'gzip, deflate, br',
  host: 'api.example.com',
  'user-agent': 'GameServer/4.2 (linux)',
  'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793',
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-port': '443',
  'x-forwarded-proto': 'https',
}

/** The event that an HTTP API makes of it. A change has a key of its own each time. */
export function eventOf(
  { method, path, body, by }: Sent,
  callers: Callers,
): APIGatewayProxyEventV2 {
  const found = Object.values<Route>(ROUTES).find(
    (route) => route.method === method && matchPath(route.path, path),
  )
  if (!found) throw new Error(`there is no ${method} ${path}`)
  const key = routeKey(found)
  const text = body === undefined ? '' : JSON.stringify(body)
  const own = {
    ...USUAL_HEADERS,
    ...(body && { 'content-length': String(text.length), 'content-type': 'application/json' }),
    ...(method !== 'GET' && { 'idempotency-key': randomUUID() }),
  }
  const headers =
    by === 'server'
      ? signed({ method, path, text, headers: own }, callers.server)
      : { ...own, authorization: `Bearer ${by === 'player' ? callers.player : nextOf(callers)}` }
  return {
    version: '2.0',
    routeKey: key,
    rawPath: path,
    rawQueryString: '',
    headers,
    pathParameters: matchPath(found.path, path) ?? {},
    requestContext: {
      accountId: '123456789012',
      apiId: 'f2vj5j3hoa',
      domainName: USUAL_HEADERS.host,
      domainPrefix: 'api',
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '203.0.113.7',
        userAgent: USUAL_HEADERS['user-agent'],
      },
      requestId: 'f2vJ5j3HoAMEVtQ=',
      routeKey: key,
      stage: '$default',
      time: '21/Nov/2026:06:00:00 +0000',
      timeEpoch: Date.now(),
    },
    ...(body && { body: text }),
    isBase64Encoded: false,
  }
}

let strangersSeen = 0

function nextOf({ strangers }: Callers): string {
  strangersSeen += 1
  return strangers[strangersSeen % strangers.length] ?? ''
}

interface Unsigned {
  readonly method: string
  readonly path: string
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
}

function signed({ method, path, text, headers }: Unsigned, key: SigningKey) {
  const target = { path, query: '' }
  const request = { method, target, headers, body: Buffer.from(text) }
  return sign(request, key, Math.floor(Date.now() / 1000))
}
