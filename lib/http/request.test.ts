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

const restOf = (changes: object) => request({ ...restEvent, ...changes })
const writtenAs = (path: string) => ({ requestContext: { ...restEvent.requestContext, path } })

test('a REST API gives a path as it was written: it is decoded to be read, and not to be verified', () => {
  const path = '/v1/wallets/a%40b/spend'

  const read = restOf({ path, pathParameters: { id: 'a%40b' }, ...writtenAs(`/dev${path}`) })

  expect(read).toMatchObject({
    path: '/v1/wallets/a@b/spend',
    params: { id: 'a@b' },
    target: { path: '/dev/v1/wallets/a%40b/spend' },
  })
})

test('what cannot be decoded is left for somebody to refuse', () => {
  const read = restOf({ path: '/v1/wallets/%zz/spend', pathParameters: { id: '%zz' } })

  expect(read).toMatchObject({ path: '/v1/wallets/%zz/spend', params: { id: '%zz' } })
})

test.each([
  ['a slash at its end', '/dev/v1/wallets/alice/spend/'],
  ['two slashes at its beginning', '/dev//v1/wallets/alice/spend'],
])('a path with %s is not ours, although a REST API finds a resource for it', (_, path) => {
  const read = restOf(writtenAs(path))

  expect(read.routeKey).toBe('POST /{proxy+}')
})

test.each([
  '/v1/wallets/alice/spend',
  '/dev/v1/wallets/alice/spend',
  '/a/b/v1/wallets/alice/spend',
])('a route is found below whatever a deployment has before it: %s', (path) => {
  const read = restOf(writtenAs(path))

  expect(read.routeKey).toBe('POST /v1/wallets/{id}/spend')
})

test('a header in two spellings of its name is one header that was sent twice', () => {
  const read = restOf({ multiValueHeaders: { 'Idempotency-Key': ['a'], 'idempotency-key': ['b'] } })

  expect(read.headers).toEqual({ 'idempotency-key': 'a,b' })
})

test('a REST API forgets in which order a query was written, so it is verified by the order of its names', () => {
  const read = restOf({
    multiValueQueryStringParameters: { to: ['2'], a: ['z', 'b'], from: ['1'] },
  })

  expect(read.target.query).toBe('a=z&a=b&from=1&to=2')
})
