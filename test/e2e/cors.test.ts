import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playerToken } from '../../local/issuer.ts'
import { newWallet, openStack, type StackApi } from '../support/api.ts'
import { type RawReply, type RawRequest, sendRaw } from '../support/sign.ts'

/** What pages of other origins may read. That nobody may, unless it is set, is in edge.test.ts. */

const GAME = 'https://game.example.com'
const SHOP = 'https://shop.example.com:8443'

let api: StackApi
const wallet = newWallet()

beforeAll(async () => {
  // The functions read it when they are loaded, and a test file has a process of its own.
  process.env['CORS_ORIGINS'] = `${GAME},${SHOP}`
  api = await openStack()
  await api.post(`/v1/wallets/${wallet}/topup`, { asset: 'GOLD_COINS', amount: 10 })
})

afterAll(async () => {
  await api.stop()
})

const SPEND = `/v1/wallets/${wallet}/spend`

function send(
  method: string,
  target: string,
  headers: RawRequest['headers'] = {},
  body = '',
): Promise<RawReply> {
  return sendRaw(api.url, { method, target, headers, body })
}

/** What a browser asks before it lets a page send a spend. */
function preflight(origin: string | undefined, target = SPEND): Promise<RawReply> {
  return send('OPTIONS', target, {
    ...(origin !== undefined && { origin }),
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,content-type,idempotency-key',
  })
}

const listed = (value: unknown) => String(value).split(', ').toSorted()

describe('a preflight', () => {
  test.each([GAME, SHOP])('of %s is answered with all that it may do', async (origin) => {
    const { status, headers, text } = await preflight(origin)

    expect([status, text]).toEqual([204, ''])
    expect(headers['access-control-allow-origin']).toBe(origin)
    expect(listed(headers['access-control-allow-methods'])).toEqual(['GET', 'POST', 'PUT'])
    expect(listed(headers['access-control-allow-headers'])).toEqual([
      'authorization',
      'content-type',
      'idempotency-key',
      'if-match',
      'if-none-match',
    ])
    expect(headers['access-control-max-age']).toBe('3600')
    expect(listed(headers.vary)).toContain('Origin')
  })

  test.each([
    'https://attacker.example',
    'https://example.com',
    'https://www.game.example.com',
    'https://game.example.com.attacker.example',
    'https://gameXexample.com',
    'https://attacker-game.example.com',
    'http://game.example.com',
    'https://game.example.com:443',
    'https://game.example.com:8443',
    'https://shop.example.com',
    'https://game.example.com@attacker.example',
    `${GAME},${SHOP}`,
    `${GAME} https://attacker.example`,
    'null',
    '*',
    'https://*.example.com',
    'file://',
    '',
  ])('of "%s" is not allowed', async (origin) => {
    const { status, headers } = await preflight(origin)

    expect(status).toBe(204)
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(listed(headers.vary)).toContain('Origin')
  })

  test('of nobody in particular is not allowed', async () => {
    const { headers } = await preflight(undefined)

    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('needs no credentials, and tells nothing of what is there', async () => {
    const targets = [SPEND, '/v1/wallets/nobody', '/metrics', '/nowhere', '/health']

    const replies = await Promise.all(targets.map((target) => preflight(GAME, target)))

    const answers = replies.map(({ status, headers: { date: _, ...headers } }) => {
      const { 'x-request-id': _id, ...rest } = headers
      return JSON.stringify([status, rest])
    })
    expect(new Set(answers).size).toBe(1)
  })

  test('is no way to do anything', async () => {
    const before = await api.get(`/v1/wallets/${wallet}?consistent=true`)

    await send(
      'OPTIONS',
      SPEND,
      {
        origin: GAME,
        authorization: `Bearer ${api.credentials.adminToken}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      '{"asset":"GOLD_COINS","amount":1}',
    )

    const after = await api.get(`/v1/wallets/${wallet}?consistent=true`)
    expect(after.text).toBe(before.text)
  })
})

describe('an answer', () => {
  const asPlayer = async () => ({
    authorization: `Bearer ${await playerToken(api.stack.issuer, wallet)}`,
    origin: GAME,
  })

  test('can be read by a page of a named origin, and so can its headers', async () => {
    const { status, headers } = await send('GET', `/v1/wallets/${wallet}`, await asPlayer())

    expect(status).toBe(200)
    expect(headers['access-control-allow-origin']).toBe(GAME)
    expect(listed(headers['access-control-expose-headers'])).toEqual([
      'etag',
      'idempotency-replayed',
      'ratelimit',
      'ratelimit-policy',
      'retry-after',
      'x-request-id',
    ])
    expect(listed(headers.vary)).toContain('Origin')
  })

  test('cannot be read by a page of any other', async () => {
    const own = await asPlayer()

    const { status, headers } = await send('GET', `/v1/wallets/${wallet}`, {
      ...own,
      origin: 'https://attacker.example',
    })

    expect(status).toBe(200)
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(listed(headers.vary)).toContain('Origin')
  })

  test('that refuses can be read, too, so that a page can tell why', async () => {
    const own = await asPlayer()
    const [method, headers] = ['POST', { 'content-type': 'application/json' }]

    const replies = await Promise.all([
      send('GET', `/v1/wallets/${wallet}`, { origin: GAME }),
      send('GET', '/v1/wallets/bob', own),
      send('GET', '/v1/nowhere', own),
      send(method, SPEND, { ...own, ...headers }, '{}'),
      send(method, SPEND, { ...own, 'idempotency-key': 'k' }, '{}'),
      send('GET', `/v1/assets?cursor=${'c'.repeat(2_048)}`, own),
    ])

    expect(replies.map(({ status }) => status)).toEqual([401, 403, 404, 400, 415, 414])
    for (const reply of replies) {
      expect(reply.headers['access-control-allow-origin']).toBe(GAME)
    }
  })

  test('that has not changed can be read, too', async () => {
    const own = await asPlayer()
    const { headers } = await send('GET', `/v1/wallets/${wallet}`, own)

    const again = await send('GET', `/v1/wallets/${wallet}`, {
      ...own,
      'if-none-match': String(headers.etag),
    })

    expect(again.status).toBe(304)
    expect(again.headers['access-control-allow-origin']).toBe(GAME)
  })

  test('of the docs says both what it varies by', async () => {
    const { headers } = await send('GET', '/openapi.json', {
      origin: GAME,
      'accept-encoding': 'gzip',
    })

    expect(listed(headers.vary)).toEqual(['Accept-Encoding', 'Origin'])
  })

  test('never lets a browser send what it keeps, such as cookies', async () => {
    const replies = [
      await preflight(GAME),
      await send('GET', '/health', { origin: GAME }),
      await send('GET', '/health', { origin: 'https://attacker.example' }),
    ]

    for (const { headers } of replies) {
      expect(headers).not.toHaveProperty('access-control-allow-credentials')
      expect(headers['access-control-allow-origin']).not.toBe('*')
    }
  })
})
