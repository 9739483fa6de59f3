import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { APIGatewayProxyEvent } from 'aws-lambda'
import { type ApiFunction, FALLBACK_FUNCTION, ROUTES, type Route } from '../lib/http/routes.ts'
import { findResource } from './rest-resource.ts'

/** A REST API is never at the root of its host: its URL ends in the stage. */
const STAGE = 'dev'
export const REST_BASE_PATH = `/${STAGE}`

/** What never reaches a function, by API Gateway's developer guide: it is between the client and API Gateway. */
const DROPPED_HEADERS = new Set([
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
])

/** What API Gateway's REST API makes of a request: payload 1.0. Nothing for what is not below its stage. */
export function toRestEvent(
  incoming: IncomingMessage,
  body: Buffer,
): { event: APIGatewayProxyEvent; handledBy: ApiFunction } | undefined {
  const httpMethod = incoming.method ?? 'GET'
  const [target = '/', rawQuery = ''] = (incoming.url ?? '/').split(/\?(.*)/s)
  const written = withOneSlash(target)
  if (written !== REST_BASE_PATH && !written.startsWith(`${REST_BASE_PATH}/`)) return undefined
  const path = withOneSlash(written.slice(REST_BASE_PATH.length))
  const { resource, pathParameters } = findResource(path)
  const at = new Date()
  const event: APIGatewayProxyEvent = {
    resource,
    // As it was written, and the parameters in it, too: nothing here is decoded but the query.
    path,
    httpMethod,
    ...headersOf(incoming),
    ...queryOf(rawQuery),
    pathParameters,
    stageVariables: null,
    requestContext: {
      ...{ accountId: '000000000000', apiId: 'local', resourceId: 'local', authorizer: null },
      domainName: incoming.headers.host ?? 'localhost',
      domainPrefix: 'local',
      httpMethod,
      identity: identityOf(incoming),
      path: written,
      protocol: `HTTP/${incoming.httpVersion}`,
      requestId: randomUUID(),
      requestTime: inCommonLogFormat(at),
      requestTimeEpoch: at.getTime(),
      resourcePath: resource,
      stage: STAGE,
    },
    // No media type is registered as binary: what is not UTF-8 is damaged on its way.
    body: body.byteLength > 0 ? body.toString('utf8') : null,
    isBase64Encoded: false,
  }
  return { event, handledBy: handlerOf(httpMethod, resource) }
}

/** Slashes at the beginning count as one. */
function withOneSlash(path: string): string {
  return path.replace(/^\/*/, '/')
}

/** A method that a path does not have is the fallback's, as a path that nobody has. */
function handlerOf(method: string, resource: string): ApiFunction {
  const route = Object.values<Route>(ROUTES).find(
    (known) => known.method === method && known.path === resource,
  )
  return route?.function ?? FALLBACK_FUNCTION
}

/** With their names as they were sent; of one that comes twice, one field has the last, the other all. */
function headersOf({ rawHeaders }: IncomingMessage) {
  const headers: Record<string, string> = {}
  const multiValueHeaders: Record<string, string[]> = {}
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2)
    if (DROPPED_HEADERS.has(name.toLowerCase())) continue
    headers[name] = value
    multiValueHeaders[name] = [...(multiValueHeaders[name] ?? []), value]
  }
  return { headers, multiValueHeaders }
}

function queryOf(rawQuery: string) {
  if (rawQuery === '') {
    return { queryStringParameters: null, multiValueQueryStringParameters: null }
  }
  const query = new URLSearchParams(rawQuery)
  // In which order they were written is not to be relied on.
  const names = Array.from(new Set(query.keys())).toReversed()
  return {
    queryStringParameters: Object.fromEntries(
      names.map((name) => [name, query.getAll(name).at(-1) ?? '']),
    ),
    multiValueQueryStringParameters: Object.fromEntries(
      names.map((name) => [name, query.getAll(name)]),
    ),
  }
}

function identityOf({
  socket,
  headers,
}: IncomingMessage): APIGatewayProxyEvent['requestContext']['identity'] {
  return {
    ...{ accessKey: null, accountId: null, apiKey: null, apiKeyId: null, caller: null },
    ...{ clientCert: null, cognitoAuthenticationProvider: null, cognitoAuthenticationType: null },
    ...{ cognitoIdentityId: null, cognitoIdentityPoolId: null, principalOrgId: null },
    sourceIp: socket.remoteAddress ?? '',
    user: null,
    userAgent: headers['user-agent'] ?? null,
    userArn: null,
  }
}

/** As in `21/Nov/2026:06:00:00 +0000`. */
function inCommonLogFormat(at: Date): string {
  const [, day, month, year, time] = at.toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}
