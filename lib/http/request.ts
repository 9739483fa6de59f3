import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda'

/** The two edges of API Gateway: HTTP API (payload 2.0) and REST API (payload 1.0). */
export type ApiEvent = APIGatewayProxyEventV2 | APIGatewayProxyEvent

/** A request, the same whichever edge it came through. */
export interface HttpRequest {
  /** Method and path pattern, as in `POST /v1/wallets/{walletId}/spend`; for an unknown path, whatever came. */
  readonly routeKey: string
  readonly method: string
  readonly path: string
  /** Path and query as the client wrote and signed them, before anybody decoded them. */
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
  return isRest(event) ? `${event.httpMethod} ${event.resource}` : event.routeKey
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
    path: event.path,
    target: { path: event.requestContext.path, query: writtenQuery(event) },
    params: present(event.pathParameters),
    // A REST API gives the last of several values, an HTTP API all of them; so take all of them here, too.
    query: joined(event.multiValueQueryStringParameters),
    headers: lowerCase(joined(event.multiValueHeaders)),
    body: bytes(event.body ?? undefined, event.isBase64Encoded),
    clientIp: event.requestContext.identity.sourceIp,
  }
}

/** A REST API gives the query decoded only: who signs one there sends it in this spelling. */
function writtenQuery({ multiValueQueryStringParameters }: APIGatewayProxyEvent): string {
  return Object.entries(multiValueQueryStringParameters ?? {})
    .flatMap(([name, values]) => (values ?? []).map((value) => [name, value]))
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&')
}

function present(values: Record<string, string | undefined> | null | undefined) {
  const pairs = Object.entries(values ?? {})
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function joined(values: Record<string, string[] | undefined> | null | undefined) {
  return present(
    Object.fromEntries(Object.entries(values ?? {}).map(([name, all]) => [name, all?.join(',')])),
  )
}

function lowerCase(headers: Record<string, string | undefined> | null | undefined) {
  return present(
    Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    ),
  )
}

function bytes(body: string | undefined, isBase64Encoded: boolean): Buffer {
  return Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8')
}
