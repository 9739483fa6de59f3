import { once } from 'node:events'
import { connect } from 'node:net'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGateway, type Handler, type HandlerResult } from './gateway.ts'

const OK: HandlerResult = {
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: '{}',
}

let seen: APIGatewayProxyEventV2[] = []
let answer = OK
let gateway: ReturnType<typeof createGateway>
let port = 0

const remember: Handler = async (event) => {
  seen.push(event)
  return answer
}

beforeEach(async () => {
  seen = []
  answer = OK
  gateway = createGateway({
    handlers: { write: remember, read: remember, admin: remember, ops: remember, docs: remember },
  })
  gateway.listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  const address = gateway.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})

afterEach(async () => {
  gateway.closeAllConnections()
  gateway.close()
  await once(gateway, 'close')
})

const url = (path: string) => `http://127.0.0.1:${port}${path}`

test('a request becomes the event that an HTTP API would make of it', async () => {
  await fetch(url('/v1/wallets/a%40b/spend?x=1&x=2&y='), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Twice': 'a, b' },
    body: '{"amount":1}',
  })

  expect(seen[0]).toMatchObject({
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

  await fetch(url('/v1/wallets/a/spend'), { method: 'POST', body })

  expect(seen[0]).toMatchObject({
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  })
})

test('an answer in base64 is sent as the bytes that it stands for', async () => {
  const bytes = Buffer.from([0x1f, 0x8b, 0xff, 0x00])
  answer = { ...OK, body: bytes.toString('base64'), isBase64Encoded: true }

  const answered = await fetch(url('/docs'))

  expect(Buffer.from(await answered.arrayBuffer())).toEqual(bytes)
})

test('what no route matches goes to the fallback', async () => {
  await fetch(url('/nowhere'))

  expect(seen[0]).toMatchObject({ routeKey: '$default', rawPath: '/nowhere' })
})

test('a client that hangs up half-way does not end the service', async () => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write('POST /v1/wallets/a/spend HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"a"')
  const heard = once(gateway, 'request')
  await heard
  socket.resetAndDestroy()

  const next = await fetch(url('/health'))

  expect(next.status).toBe(200)
  expect(seen.map(({ rawPath }) => rawPath)).toEqual(['/health'])
})
