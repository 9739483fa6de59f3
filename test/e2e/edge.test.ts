import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playerToken } from '../../local/issuer.ts'
import type { Stack } from '../../local/stack.ts'
import { newWallet, openStack, type StackApi } from '../support/api.ts'
import { makeTestKeys, type TestKeys, withToken } from '../support/forgeries.ts'
import { scanItems } from '../support/ledger.ts'
import { readExposition } from '../support/prometheus.ts'
import { type RawReply, type RawRequest, sendRaw, sign } from '../support/sign.ts'

/** What is decided about a request before anybody looks at what it wants. */

const GOLD = 'GOLD_COINS'

let api: StackApi
let stack: Stack
let keys: TestKeys
const wallet = newWallet()

beforeAll(async () => {
  api = await openStack()
  stack = api.stack
  keys = makeTestKeys(stack, newWallet())
  await api.post(`/v1/wallets/${wallet}/topup`, { asset: GOLD, amount: 100 })
})

afterAll(async () => {
  await api.stop()
})

const unsent = (method: string, target: string): RawRequest => ({
  method,
  target,
  headers: {},
  body: '',
})
const get = (target: string) => unsent('GET', target)

async function asOperator(request: RawRequest): Promise<RawReply> {
  return sendRaw(api.url, withToken(request, api.credentials.adminToken))
}

const outcome = ({ status, body }: RawReply) =>
  status < 400 ? String(status) : `${status} ${body['code']}`

describe('a URL', () => {
  const cursorOf = (bytes: number) => {
    const before = '/v1/assets?cursor='
    return `${before}${'c'.repeat(bytes - before.length)}`
  }

  test('of 2,048 bytes is read', async () => {
    const reply = await asOperator(get(cursorOf(2_048)))

    expect(outcome(reply)).toBe('400 INVALID_REQUEST')
  })

  test('of 2,049 bytes is too long, whoever sends it', async () => {
    const request = get(cursorOf(2_049))

    const replies = [
      await asOperator(request),
      await sendRaw(api.url, request),
      await sendRaw(api.url, await sign(request, keys.all)),
      await sendRaw(api.url, get(`/health?${'h'.repeat(2_041)}`)),
      await sendRaw(api.url, get(`/${'n'.repeat(2_048)}`)),
    ]

    expect(replies.map(outcome)).toEqual(Array(5).fill('414 URI_TOO_LONG'))
  })

  test('of more than 2,048 bytes that are fewer letters is too long', async () => {
    const reply = await asOperator(get(`/v1/wallets/${'%C3%A9'.repeat(1_100)}`))

    expect(outcome(reply)).toBe('414 URI_TOO_LONG')
  })
})

describe('headers', () => {
  test('of a bit less than 8,192 bytes are read', async () => {
    const reply = await sendRaw(api.url, {
      ...get('/health'),
      headers: { 'x-large': 'x'.repeat(8_000) },
    })

    expect(reply.status).toBe(200)
  })

  test.each([
    { headers: { 'x-large': 'x'.repeat(8_192) }, what: 'one' },
    { headers: { authorization: `Bearer ${'x'.repeat(8_192)}` }, what: 'a token' },
    { headers: { 'idempotency-key': 'x'.repeat(8_192) }, what: 'a key' },
    {
      headers: Object.fromEntries(
        Array.from({ length: 90 }, (_, index) => [`x-${index}`, 'x'.repeat(100)]),
      ),
      what: 'many',
    },
    { headers: { 'x-same': Array.from({ length: 90 }, () => 'x'.repeat(100)) }, what: 'one name' },
  ])('of more than 8,192 bytes are too large: $what', async ({ headers }) => {
    const reply = await sendRaw(api.url, { ...get('/health'), headers })

    expect(outcome(reply)).toBe('431 HEADERS_TOO_LARGE')
  })
})

describe('a body that is too large', () => {
  const body = 'x'.repeat(33 * 1024)
  const spend = (): RawRequest => ({
    method: 'POST',
    target: `/v1/wallets/${wallet}/spend`,
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body,
  })

  test('is refused, signed or not', async () => {
    const replies = [
      await asOperator(spend()),
      await sendRaw(api.url, await sign(spend(), keys.all)),
    ]

    expect(replies.map(outcome)).toEqual(Array(2).fill('413 PAYLOAD_TOO_LARGE'))
  })

  test('of somebody who may not send any is refused for that', async () => {
    const replies = [
      await sendRaw(api.url, spend()),
      await sendRaw(api.url, withToken(spend(), await playerToken(stack.issuer, 'bob'))),
    ]

    expect(replies.map(outcome)).toEqual(['401 UNAUTHENTICATED', '403 FORBIDDEN'])
  })
})

describe('pages of other origins', () => {
  test('may read nothing, as long as nobody named them', async () => {
    const origins = ['https://game.example.com', 'null', api.url]

    const replies = await Promise.all(
      origins.flatMap((origin) => [
        sendRaw(api.url, { ...get('/health'), headers: { origin } }),
        sendRaw(api.url, { ...get('/openapi.json'), headers: { origin } }),
        sendRaw(api.url, { ...get('/v1/assets'), headers: { origin } }),
        asOperator({ ...get('/v1/assets'), headers: { origin } }),
      ]),
    )

    expect(replies.flatMap(corsHeadersOf)).toEqual([])
  })

  test('have no preflight, as long as nobody named them', async () => {
    const reply = await sendRaw(api.url, {
      ...unsent('OPTIONS', '/v1/assets'),
      headers: { origin: 'https://game.example.com', 'access-control-request-method': 'GET' },
    })

    expect(outcome(reply)).toBe('405 METHOD_NOT_ALLOWED')
    expect(corsHeadersOf(reply)).toEqual([])
  })

  function corsHeadersOf({ headers }: RawReply): string[] {
    return Object.keys(headers).filter((name) => name.startsWith('access-control-'))
  }
})

describe('how often a caller may come', () => {
  /** As the embedded stack has them: twenty times those of one function. */
  const COSTLY = { burst: 100, perSecond: 4 }

  async function newPlayer() {
    const walletId = newWallet()
    await api.post(`/v1/wallets/${walletId}/topup`, { asset: GOLD, amount: 100 })
    const token = await playerToken(stack.issuer, walletId)
    return { walletId, send: (request: RawRequest) => sendRaw(api.url, withToken(request, token)) }
  }

  const verifyOf = (walletId: string) => get(`/v1/wallets/${walletId}/ledger/verify?asset=${GOLD}`)
  const spendOf = (walletId: string, body = `{"asset":"${GOLD}","amount":1}`): RawRequest => ({
    method: 'POST',
    target: `/v1/wallets/${walletId}/spend`,
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body,
  })

  test('is said with each answer, to whoever is known', async () => {
    const { walletId, send } = await newPlayer()

    const replies = [
      await send(get(`/v1/wallets/${walletId}`)),
      await send(get('/v1/wallets/bob')),
      await send(get('/v1/nowhere')),
      await send(spendOf(walletId, '{}')),
      await send(verifyOf(walletId)),
    ]

    expect(replies.map(({ status }) => status)).toEqual([200, 403, 404, 400, 200])
    expect(replies.map(({ headers }) => headers['ratelimit-policy'])).toEqual([
      ...Array(3).fill('"read";q=2000;w=5'),
      '"write";q=1000;w=5',
      '"costly";q=100;w=25',
    ])
    expect(replies.map(({ headers }) => headers['ratelimit'])).toEqual([
      expect.stringMatching(/^"read";r=1999;t=1$/),
      expect.stringMatching(/^"read";r=199\d;t=1$/),
      expect.stringMatching(/^"read";r=199\d;t=1$/),
      expect.stringMatching(/^"write";r=999;t=1$/),
      expect.stringMatching(/^"costly";r=99;t=1$/),
    ])
  })

  test('is not said to whoever is not known', async () => {
    const replies = [
      await sendRaw(api.url, get(`/v1/wallets/${wallet}`)),
      await sendRaw(api.url, get('/health')),
    ]

    for (const { headers } of replies) expect(headers).not.toHaveProperty('ratelimit')
  })

  test('ends a loop with 429, and the time that it says is enough', async () => {
    const { walletId, send } = await newPlayer()
    const replies = await Promise.all(
      Array.from({ length: COSTLY.burst + 40 }, () => send(verifyOf(walletId))),
    )
    const refused = replies.filter(({ status }) => status === 429)

    const { headers, body } = await untilRefused(() => send(verifyOf(walletId)))
    await sleep(Number(headers['retry-after']) * 1_000)
    const later = await send(verifyOf(walletId))

    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 429]))
    expect(refused.length).toBeGreaterThan(10)
    expect(headers).toMatchObject({
      'retry-after': '1',
      ratelimit: expect.stringMatching(/^"costly";r=0;t=2[45]$/),
      'ratelimit-policy': '"costly";q=100;w=25',
    })
    expect(body).toMatchObject({ status: 429, code: 'RATE_LIMITED' })
    expect(later.status).toBe(200)
  })

  test('is nobody else’s affair, and stops no other kind of request', async () => {
    const [busy, other] = [await newPlayer(), await newPlayer()]
    await Promise.all(
      Array.from({ length: COSTLY.burst + 40 }, () => busy.send(verifyOf(busy.walletId))),
    )
    await untilRefused(() => busy.send(verifyOf(busy.walletId)))

    const replies = [
      await other.send(verifyOf(other.walletId)),
      await sendRaw(api.url, await sign(verifyOf(busy.walletId), keys.all)),
      await busy.send(get(`/v1/wallets/${busy.walletId}`)),
      await busy.send(spendOf(busy.walletId)),
    ]

    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 201])
  })

  test('counts what is refused, too, so that guessing is no faster', async () => {
    const { send } = await newPlayer()

    const replies = await Promise.all(
      Array.from({ length: COSTLY.burst + 40 }, () => send(verifyOf(wallet))),
    )

    expect(new Set(replies.map(outcome))).toEqual(new Set(['403 FORBIDDEN', '429 RATE_LIMITED']))
  })

  async function untilRefused(send: () => Promise<RawReply>): Promise<RawReply> {
    for (let tries = 0; tries < 100; tries += 1) {
      const reply = await send()
      if (reply.status === 429) return reply
    }
    throw new Error('nobody was refused')
  }
})

describe('the metrics', () => {
  test('are a text that a strict reader can read', async () => {
    const reply = await asOperator(get('/metrics'))

    const families = readExposition(reply.text)

    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(families.length).toBeGreaterThan(0)
    for (const { name, help } of families) {
      expect(name).toMatch(/^strongbox_/)
      expect(help).not.toBe('')
    }
  })

  test('count the assets that there are', async () => {
    const { body } = await api.get('/v1/assets?limit=100')
    const reply = await asOperator(get('/metrics'))

    const assets = readExposition(reply.text).find(({ name }) => name === 'strongbox_assets')

    expect(assets?.samples).toContainEqual({ labels: {}, value: [body['items']].flat().length })
  })
})

test('no answer says what the service is made with', async () => {
  const replies = await Promise.all([
    sendRaw(api.url, get('/health')),
    sendRaw(api.url, get('/nowhere')),
    asOperator(get('/metrics')),
  ])

  for (const { headers } of replies) {
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('server')
  }
})

test('nobody on the way keeps an answer, or guesses what it is', async () => {
  const replies = await Promise.all([
    asOperator(get(`/v1/wallets/${wallet}`)),
    asOperator(get(`/v1/wallets/${wallet}/transactions`)),
    sendRaw(api.url, get(`/v1/wallets/${wallet}`)),
  ])

  expect(replies.map(({ headers }) => headers['cache-control'])).toEqual([
    'private, no-cache',
    'no-store',
    'no-store',
  ])
  for (const { headers } of replies) expect(headers['x-content-type-options']).toBe('nosniff')
})

test('asking whether it is ready changes nothing, however often', async () => {
  const before = await scanItems(stack.dynamoDb.client, stack.tableName)

  const replies = await Promise.all(
    Array.from({ length: 200 }, () => sendRaw(api.url, get('/health/ready'))),
  )

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
  expect(await scanItems(stack.dynamoDb.client, stack.tableName)).toEqual(before)
})
