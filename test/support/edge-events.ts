import { randomUUID } from 'node:crypto'
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda'
import { matchPath, type Route, routeKey } from '../../lib/http/routes.ts'
import type { RawRequest } from './sign.ts'

/** What each kind of edge makes of a request for a function behind it. */
export const EDGE_EVENTS = { http: httpApiEvent, rest: restApiEvent } as const

export type EdgeKind = keyof typeof EDGE_EVENTS

type Place = Pick<Route, 'method' | 'path'>

const ACCOUNT = '000000000000'
const CLIENT_IP = '192.0.2.1'
const HOST = 'api.example.com'

/** Payload 2.0: names in lower case, values of one name joined. */
function httpApiEvent(route: Place, request: RawRequest): APIGatewayProxyEventV2 {
  const { path, query, params, headers, body } = partsOf(route, request)
  const at = new Date()
  return {
    version: '2.0',
    routeKey: routeKey(route),
    rawPath: path,
    rawQueryString: query.toString(),
    headers: mapValues(headers, (values) => values.join(',')),
    ...(query.size > 0 && { queryStringParameters: joined(query) }),
    ...(params && { pathParameters: params }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'http',
      domainName: HOST,
      domainPrefix: 'api',
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: CLIENT_IP,
        userAgent: 'test',
      },
      requestId: randomUUID(),
      routeKey: routeKey(route),
      stage: '$default',
      time: at.toUTCString(),
      timeEpoch: at.getTime(),
    },
    ...(body && { body }),
    isBase64Encoded: false,
  }
}

/** Payload 1.0: names as they were sent, the last of several values beside all of them, and null for what is not there. */
function restApiEvent(route: Place, request: RawRequest): APIGatewayProxyEvent {
  const { path, query, params, headers, body } = partsOf(route, request)
  const all = Object.fromEntries(Array.from(query.keys(), (name) => [name, query.getAll(name)]))
  return {
    resource: route.path,
    path,
    httpMethod: request.method,
    headers: mapValues(headers, lastOf),
    multiValueHeaders: headers,
    queryStringParameters: query.size > 0 ? mapValues(all, lastOf) : null,
    multiValueQueryStringParameters: query.size > 0 ? all : null,
    pathParameters: params ?? null,
    stageVariables: null,
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'rest',
      authorizer: null,
      protocol: 'HTTP/1.1',
      httpMethod: request.method,
      identity: IDENTITY,
      path,
      stage: 'api',
      requestId: randomUUID(),
      requestTimeEpoch: Date.now(),
      resourceId: 'abcdef',
      resourcePath: route.path,
    },
    body: body || null,
    isBase64Encoded: false,
  }
}

const IDENTITY: APIGatewayProxyEvent['requestContext']['identity'] = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  sourceIp: CLIENT_IP,
  user: null,
  userAgent: 'test',
  userArn: null,
}

function partsOf(route: Place, { target, headers, body }: RawRequest) {
  const [path = '/', query = ''] = target.split('?')
  return {
    path,
    query: new URLSearchParams(query),
    params: paramsOf(route, path),
    headers: mapValues({ host: HOST, ...headers }, (value) => [value].flat()),
    body: body.toString(),
  }
}

/** Undefined for a path without any. */
function paramsOf(route: Place, path: string): Record<string, string> | undefined {
  const params = matchPath(route.path, path) ?? {}
  return Object.keys(params).length > 0 ? params : undefined
}

function joined(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    Array.from(query.keys(), (name) => [name, query.getAll(name).join(',')]),
  )
}

function lastOf(values: readonly string[]): string {
  return values.at(-1) ?? ''
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}
