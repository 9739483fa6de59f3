import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda'
import { matchPath } from './routes.ts'

/** The two edges of API Gateway: HTTP API (payload 2.0) and REST API (payload 1.0). */
export type ApiEvent = APIGatewayProxyEventV2 | APIGatewayProxyEvent

/** A request, the same whichever edge it came through. */
export interface HttpRequest {
  /** Method and path pattern, as in `POST /v1/wallets/{walletId}/spend`; for an unknown path, whatever came. */
  readonly routeKey: string
  readonly method: string
  readonly path: string
  /** Path and query as they are signed: as the client wrote them, as far as its edge tells. */
  readonly target: { readonly path: string; readonly query: string }
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly clientIp: string
}

export function isRest(event: ApiEvent): event is APIGatewayProxyEvent {
  return 'httpMethod' in event
}

/** Which route it is, for those who need no more of it. */
export function routeKeyOf(event: ApiEvent): string {
  if (!isRest(event)) return event.routeKey
  return `${event.httpMethod} ${isOfResource(event) ? event.resource : UNKNOWN_RESOURCE}`
}

/** As the REST door names what is nobody's. */
const UNKNOWN_RESOURCE = '/{proxy+}'

/** A REST API forgives a slash too many, and an HTTP API does not. Before the path there may be a stage. */
function isOfResource({ resource, requestContext }: APIGatewayProxyEvent): boolean {
  const written = requestContext.path.split('/').slice(1)
  const wantedParts = resource.split('/').length - 1
  const [before, own] = [written.slice(0, -wantedParts), written.slice(-wantedParts)]
  return !before.includes('') && matchPath(resource, `/${own.join('/')}`) !== undefined
}

export function readRequest(event: ApiEvent): HttpRequest {
  return isRest(event) ? fromRest(event) : fromHttp(event)
}

function fromHttp(event: APIGatewayProxyEventV2): HttpRequest {
  return {
    routeKey: routeKeyOf(event),
    method: event.requestContext.http.method,
    path: event.rawPath,
    target: { path: event.requestContext.http.path, query: event.rawQueryString ?? '' },
    params: present(event.pathParameters),
    query: present(event.queryStringParameters),
    headers: lowerCase(event.headers),
    body: bytes(event.body, event.isBase64Encoded),
    clientIp: event.requestContext.http.sourceIp,
  }
}

function fromRest(event: APIGatewayProxyEvent): HttpRequest {
  return {
    routeKey: routeKeyOf(event),
    method: event.httpMethod,
    path: decoded(event.path),
    target: { path: event.requestContext.path, query: writtenQuery(event) },
    params: decodedAll(event.pathParameters),
    // A REST API gives the last of several values, an HTTP API all of them; so take all of them here, too.
    query: joined(event.multiValueQueryStringParameters),
    headers: joined(byLowerCase(event.multiValueHeaders)),
    body: bytes(event.body ?? undefined, event.isBase64Encoded),
    clientIp: event.requestContext.identity.sourceIp,
  }
}

/** A REST API gives the query decoded and in any order: who signs one there sends it in this spelling and order. */
function writtenQuery({ multiValueQueryStringParameters }: APIGatewayProxyEvent): string {
  return Object.entries(multiValueQueryStringParameters ?? {})
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, values]) => (values ?? []).map((value) => [name, value]))
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&')
}

/** Each request has dozens of them, so this is a loop. */
function present(
  values: Record<string, string | undefined> | null | undefined,
  nameOf: (name: string) => string = asItIs,
): Record<string, string> {
  const found: [string, string][] = []
  for (const name in values) {
    const value = values[name]
    if (value !== undefined) found.push([nameOf(name), value])
  }
  // Not by assignment: a header may be called `__proto__`.
  return Object.fromEntries(found)
}

function asItIs(name: string): string {
  return name
}

function joined(values: Record<string, string[] | undefined> | null | undefined) {
  return present(
    Object.fromEntries(Object.entries(values ?? {}).map(([name, all]) => [name, all?.join(',')])),
  )
}

/** A REST API gives paths as they were written, an HTTP API decodes them. */
function decodedAll(values: APIGatewayProxyEvent['pathParameters']) {
  const pairs = Object.entries(present(values))
  return Object.fromEntries(pairs.map(([name, value]) => [name, decoded(value)]))
}

/** What cannot be decoded is left as it is, for its schema to refuse. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Somebody may have sent one header in several spellings of its name. */
function byLowerCase(headers: APIGatewayProxyEvent['multiValueHeaders'] | null) {
  const spellings = Map.groupBy(Object.entries(headers ?? {}), ([name]) => name.toLowerCase())
  return Object.fromEntries(
    Array.from(spellings, ([name, all]) => [name, all.flatMap(([, values]) => values ?? [])]),
  )
}

function lowerCase(headers: Record<string, string | undefined> | null | undefined) {
  return present(headers, (name) => name.toLowerCase())
}

function bytes(body: string | undefined, isBase64Encoded: boolean): Buffer {
  return Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8')
}
