import { describe, expect, test } from 'vitest'
import type { Caller } from '../caller.ts'
import type { HttpRequest } from '../request.ts'
import { createIdentify } from './identify.ts'

const server: Caller = { kind: 'server', client: 'server:shop', scopes: new Set() }

function request(headers: HttpRequest['headers']): HttpRequest {
  return {
    routeKey: '$default',
    method: 'GET',
    path: '/',
    target: { path: '/', query: '' },
    params: {},
    query: {},
    headers,
    body: Buffer.alloc(0),
    clientIp: '192.0.2.1',
  }
}

/** Says which token it was asked about. */
const identify = createIdentify({
  byToken: async (token) => ({ kind: 'player', client: token, scopes: new Set() }),
  bySignature: async () => server,
})

const unauthenticated = expect.objectContaining({ code: 'UNAUTHENTICATED', status: 401 })
const signed = { signature: 'sig=:AA==:', 'signature-input': 'sig=();created=1;keyid="shop"' }

test('who sends no credentials is nobody, and that is no fault', async () => {
  const caller = await identify(request({ cookie: 'token=abc', 'x-api-key': 'abc' }))

  expect(caller).toBeUndefined()
})

test.each(['Bearer abc', 'bearer abc', 'BEARER abc', 'Bearer   abc', 'Bearer abc  '])(
  'the token is what comes after the word: %j',
  async (authorization) => {
    const caller = await identify(request({ authorization }))

    expect(caller?.client).toBe('abc')
  },
)

test.each([
  '',
  ' ',
  'Bearer',
  'Bearer ',
  'Bearerabc',
  'Bearer\tabc',
  ' Bearer abc',
  'abc',
  'Basic abc',
  'Token abc',
  'Bearer abc def',
  'Bearer abc, Bearer def',
  'Bearer abc,Bearer abc',
  'Basic abc, Bearer abc',
  'Bearer abc\nBearer def',
  'Bearer "abc"',
  'Bearer äbc',
  'Bearer abc\u0000',
])('anything else is refused: %j', async (authorization) => {
  const refused = identify(request({ authorization }))

  await expect(refused).rejects.toEqual(unauthenticated)
})

test('a long header that is no token is refused as fast as any', async () => {
  const headers = [
    `Bearer${' '.repeat(8_000)}`,
    `Bearer ${'a'.repeat(4_000)}${' '.repeat(4_000)}!`,
    `Bearer ${'a='.repeat(4_000)}!`,
  ]
  const startedAt = performance.now()

  const refused = headers.map((authorization) => identify(request({ authorization })))

  const outcomes = await Promise.allSettled(refused)
  expect(outcomes).toEqual(refused.map(() => ({ status: 'rejected', reason: unauthenticated })))
  expect(performance.now() - startedAt).toBeLessThan(500)
})

test('a signature is for who signs', async () => {
  const caller = await identify(request(signed))

  expect(caller).toBe(server)
})

test.each([
  signed,
  { signature: signed.signature },
  { 'signature-input': signed['signature-input'] },
  { signature: '' },
])('a token and a signature, or half of one, are one too many: %j', async (headers) => {
  const refused = identify(request({ ...headers, authorization: 'Bearer abc' }))

  await expect(refused).rejects.toEqual(unauthenticated)
})

describe('where nothing is configured', () => {
  const closed = createIdentify({})

  test.each<HttpRequest['headers']>([
    signed,
    { authorization: 'Bearer abc' },
    { authorization: 'Basic abc' },
  ])('nobody is known: %j', async (headers) => {
    const refused = closed(request(headers))

    await expect(refused).rejects.toEqual(unauthenticated)
  })
})

describe('where only one of both is configured', () => {
  test('there are no tokens without an issuer', async () => {
    const refused = createIdentify({ bySignature: async () => server })(
      request({ authorization: 'Bearer abc' }),
    )

    await expect(refused).rejects.toEqual(unauthenticated)
  })

  test('there are no signatures without keys', async () => {
    const refused = createIdentify({ byToken: async () => server })(request(signed))

    await expect(refused).rejects.toEqual(unauthenticated)
  })
})
