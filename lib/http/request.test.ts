import { expect, test } from 'vitest'
import { type ApiEvent, readRequest } from './request.ts'

/** The parts of both events that a handler looks at, as API Gateway sends them. */
const common = { isBase64Encoded: true, body: Buffer.from('{"amount":1}').toString('base64') }

const httpEvent = {
  ...common,
  version: '2.0',
  routeKey: 'POST /v1/wallets/{id}/spend',
  rawPath: '/v1/wallets/alice/spend',
  rawQueryString: 'a=1&a=2&b=',
  headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
  queryStringParameters: { a: '1,2', b: '' },
  pathParameters: { id: 'alice' },
  requestContext: {
    requestId: 'r-1',
    http: { method: 'POST', path: '/v1/wallets/alice/spend', sourceIp: '192.0.2.1' },
  },
}

const restEvent = {
  ...common,
  httpMethod: 'POST',
  resource: '/v1/wallets/{id}/spend',
  path: '/v1/wallets/alice/spend',
  headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' },
  multiValueHeaders: { 'Content-Type': ['application/json'], 'Idempotency-Key': ['k'] },
  queryStringParameters: { a: '2', b: '' },
  multiValueQueryStringParameters: { a: ['1', '2'], b: [''] },
  pathParameters: { id: 'alice' },
  requestContext: {
    requestId: 'r-1',
    path: '/v1/wallets/alice/spend',
    identity: { sourceIp: '192.0.2.1' },
  },
}

const request = (event: object) => readRequest(event as ApiEvent)

test('a request is the same whichever edge it came through', () => {
  expect(request(restEvent)).toEqual(request(httpEvent))
  expect(request(httpEvent)).toEqual({
    routeKey: 'POST /v1/wallets/{id}/spend',
    method: 'POST',
    path: '/v1/wallets/alice/spend',
    target: { path: '/v1/wallets/alice/spend', query: 'a=1&a=2&b=' },
    params: { id: 'alice' },
    query: { a: '1,2', b: '' },
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
    body: Buffer.from('{"amount":1}'),
    clientIp: '192.0.2.1',
  })
})

test('what an edge leaves out is empty, not missing', () => {
  const bare = {
    ...restEvent,
    body: null,
    isBase64Encoded: false,
    pathParameters: null,
    multiValueQueryStringParameters: null,
  }

  expect(request(bare)).toMatchObject({ params: {}, query: {}, body: Buffer.from('') })
})
