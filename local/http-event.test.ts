import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EmptyFront, startEmptyFront } from '../test/support/empty-front.ts'

let front: EmptyFront

beforeEach(async () => {
  front = await startEmptyFront('http')
})

afterEach(async () => {
  await front.stop()
})

test('a request becomes the event that an HTTP API would make of it', async () => {
  await fetch(front.url('/v1/wallets/a%40b/spend?x=1&x=2&y='), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Twice': 'a, b' },
    body: '{"amount":1}',
  })

  expect(front.seen[0]?.event).toMatchObject({
    version: '2.0',
    routeKey: 'POST /v1/wallets/{walletId}/spend',
    rawPath: '/v1/wallets/a@b/spend',
    rawQueryString: 'x=1&x=2&y=',
    queryStringParameters: { x: '1,2', y: '' },
    pathParameters: { walletId: 'a@b' },
    headers: { 'content-type': 'application/json', 'x-twice': 'a, b' },
    body: '{"amount":1}',
    isBase64Encoded: false,
    requestContext: { http: { method: 'POST' }, stage: '$default' },
  })
})

test('a body that is not text comes as base64', async () => {
  const body = new Uint8Array([0xff, 0x00, 0x7b])

  await fetch(front.url('/v1/wallets/a/spend'), { method: 'POST', body })

  expect(front.seen[0]?.event).toMatchObject({
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  })
})

test('an answer in base64 is sent as the bytes that it stands for', async () => {
  const bytes = Buffer.from([0x1f, 0x8b, 0xff, 0x00])
  front.answer({ body: bytes.toString('base64'), isBase64Encoded: true })

  const answered = await fetch(front.url('/docs'))

  expect(Buffer.from(await answered.arrayBuffer())).toEqual(bytes)
})

test('what no route matches has a key of its own', async () => {
  await front.ask('/nowhere')

  expect(front.seen[0]?.event).toMatchObject({ routeKey: '$default', rawPath: '/nowhere' })
})
