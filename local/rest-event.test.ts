import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EmptyFront, startEmptyFront } from '../test/support/empty-front.ts'

let front: EmptyFront

beforeEach(async () => {
  front = await startEmptyFront('rest')
})

afterEach(async () => {
  await front.stop()
})

test('a request becomes the event that a REST API would make of it: as it was written, but for the query', async () => {
  await fetch(front.url('/dev/v1/wallets/a%40b/spend?from=T00:00%2B01:00&x=1+2&x=2&y='), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'User-Agent': 'me' },
    body: '{"amount":1}',
  })

  expect(front.seen[0]?.event).toMatchObject({
    resource: '/v1/wallets/{walletId}/spend',
    path: '/v1/wallets/a%40b/spend',
    httpMethod: 'POST',
    queryStringParameters: { from: 'T00:00+01:00', x: '2', y: '' },
    multiValueQueryStringParameters: { from: ['T00:00+01:00'], x: ['1 2', '2'], y: [''] },
    pathParameters: { walletId: 'a%40b' },
    stageVariables: null,
    requestContext: {
      path: '/dev/v1/wallets/a%40b/spend',
      resourcePath: '/v1/wallets/{walletId}/spend',
      stage: 'dev',
      httpMethod: 'POST',
      identity: { sourceIp: '127.0.0.1', userAgent: 'me', caller: null },
      requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
    },
    body: '{"amount":1}',
    isBase64Encoded: false,
  })
})

test('what is not there is null', async () => {
  await front.ask('/dev/health')

  expect(front.seen[0]?.event).toMatchObject({
    resource: '/health',
    pathParameters: null,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    body: null,
  })
})

test('headers have the names that they were sent with, and one that was sent twice has both values', async () => {
  await front.ask('/dev/health', { 'X-Once': 'a', 'x-TWICE': ['b', 'c'] })

  expect(front.seen[0]?.event).toMatchObject({
    headers: { 'X-Once': 'a', 'x-TWICE': 'c' },
    multiValueHeaders: { 'X-Once': ['a'], 'x-TWICE': ['b', 'c'] },
  })
})

test('what is between a client and API Gateway stays there', async () => {
  await fetch(front.url('/dev/v1/wallets/a/spend'), { method: 'POST', body: '{}' })

  const names = Object.keys(front.seen[0]?.event.headers ?? {}).map((name) => name.toLowerCase())
  expect(names).toContain('host')
  expect(names).not.toContain('content-length')
  expect(names).not.toContain('connection')
})

test.each([
  ['/dev/nowhere', '/{proxy+}', '/nowhere'],
  ['/dev', '/', '/'],
  ['/dev/', '/', '/'],
  ['/dev/v1/wallets', '/v1/wallets', '/v1/wallets'],
  ['/dev/v1/wallets/alice/', '/v1/wallets/{walletId}', '/v1/wallets/alice/'],
  ['/dev//v1/wallets/alice', '/v1/wallets/{walletId}', '/v1/wallets/alice'],
  ['/dev/v1//wallets/alice', '/{proxy+}', '/v1//wallets/alice'],
  ['/dev/v1/ops/dead-letters/replay', '/v1/ops/dead-letters/replay', '/v1/ops/dead-letters/replay'],
  [
    '/dev/v1/ops/dead-letters/abc',
    '/v1/ops/dead-letters/{deadLetterId}',
    '/v1/ops/dead-letters/abc',
  ],
])('%s is of the resource %s', async (target, resource, path) => {
  await front.ask(target)

  expect(front.seen[0]?.event).toMatchObject({ resource, path, requestContext: { path: target } })
})

test.each(['/v1/wallets/alice', '/', '/prod/health', '/devil/health', '/DEV/health'])(
  'outside the stage, as at %s, nobody is in',
  async (target) => {
    const { status, body } = await front.ask(target)

    expect([status, body, front.seen]).toEqual([403, { message: 'Forbidden' }, []])
  },
)

test('a body that is not UTF-8 is damaged', async () => {
  const body = new Uint8Array([0x7b, 0xff, 0x7d])

  await fetch(front.url('/dev/v1/wallets/a/spend'), { method: 'POST', body })

  expect(front.seen[0]?.event).toMatchObject({ body: '{\ufffd}', isBase64Encoded: false })
})
