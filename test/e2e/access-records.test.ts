import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessRecord } from '../../lib/http/access-log.ts'
import { transactionId } from '../../lib/money/transaction.ts'
import { playerToken } from '../../local/issuer.ts'
import type { Stack } from '../../local/stack.ts'
import { newWallet, openStack, type StackApi } from '../support/api.ts'
import { createTestKey, makeTestKeys, type TestKeys, withToken } from '../support/forgeries.ts'
import { change, type RawReply, type RawRequest, sendRaw, sign } from '../support/sign.ts'
import { openTerminal } from '../support/terminal.ts'

const GOLD = 'GOLD_COINS'

const terminal = openTerminal()
let api: StackApi
let stack: Stack
let keys: TestKeys
const wallet = newWallet()
const SPEND = `/v1/wallets/${wallet}/spend`

beforeAll(async () => {
  api = await openStack()
  stack = api.stack
  keys = makeTestKeys(stack, newWallet())
  await api.post(`/v1/wallets/${wallet}/topup`, { asset: GOLD, amount: 100 })
})

afterAll(async () => {
  await terminal.close()
  await api.stop()
})

function written(): string {
  return readFileSync(stack.accessLogFile, 'utf8')
}

function records(): AccessRecord[] {
  return written()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

function recordsOf({ headers }: RawReply): AccessRecord[] {
  return records().filter(({ requestId }) => requestId === headers['x-request-id'])
}

function spend(fields: Partial<RawRequest> = {}): RawRequest {
  return {
    method: 'POST',
    target: SPEND,
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ asset: GOLD, amount: 1 }),
    ...fields,
  }
}

async function asOperator(request: RawRequest): Promise<RawReply> {
  return sendRaw(api.url, withToken(request, api.credentials.adminToken))
}

async function asPlayer(walletId: string, request: RawRequest): Promise<RawReply> {
  return sendRaw(api.url, withToken(request, await playerToken(stack.issuer, walletId)))
}

test('a record says who did what from where, and what came of it', async () => {
  const request = spend()
  const reply = await asPlayer(wallet, change(request, { headers: { 'user-agent': 'game/7' } }))

  const [record, ...more] = recordsOf(reply)

  expect(more).toEqual([])
  expect(record).toEqual({
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    requestId: reply.headers['x-request-id'],
    method: 'POST',
    operation: 'spend',
    path: SPEND,
    caller: `player:${wallet}`,
    clientIp: expect.stringMatching(/^(::ffff:)?127\.0\.0\.1$/),
    headers: {
      authorization: '[redacted]',
      connection: '[redacted]',
      'content-length': String(request.body.length),
      'content-type': 'application/json',
      host: expect.any(String),
      'idempotency-key': request.headers['idempotency-key'],
      'user-agent': 'game/7',
    },
    status: 201,
    outcome: 'OK',
    transactionId: reply.body['id'],
    replayed: false,
    durationMs: expect.any(Number),
  })
})

test('a record says which key signed where the key has another owner', async () => {
  const shop2 = createTestKey(stack, 'shop2', keys.all.keyId)

  const byShop = await sendRaw(api.url, await sign(spend(), keys.all))
  const byShop2 = await sendRaw(api.url, await sign(spend(), shop2))

  expect(recordsOf(byShop2)).toMatchObject([{ caller: 'server:shop', keyId: 'shop2' }])
  expect(recordsOf(byShop)).toMatchObject([{ caller: 'server:shop' }])
  expect(recordsOf(byShop)[0]).not.toHaveProperty('keyId')
  expect(await shown(byShop2)).toMatch(/ by server:shop with the key shop2 at [\d.:f]+$/m)
  expect(await shown(byShop)).toMatch(/ by server:shop at [\d.:f]+$/m)
})

/** What `npm run access` prints of the record that a request left. */
async function shown({ headers }: RawReply): Promise<string> {
  const folder = dirname(stack.accessLogFile)
  const { stdout } = await terminal.run([
    ...['npm', 'run', '--silent', 'access', '--', '--folder', folder],
    ...['--request', String(headers['x-request-id'])],
  ]).exited
  return stdout
}

describe('one record is left by each request that would change something', () => {
  const large = 'x'.repeat(33 * 1024)

  test.each<[string, string | undefined, () => Promise<RawReply>]>([
    ['201 OK', 'spend', () => asOperator(spend())],
    [
      '200 OK',
      'putWallet',
      () =>
        asOperator(
          spend({ method: 'PUT', target: `/v1/wallets/${wallet}`, body: '{"metadata":{}}' }),
        ),
    ],
    ['400 INVALID_REQUEST', 'spend', () => asOperator(spend({ body: '{}' }))],
    ['400 INVALID_REQUEST', 'spend', () => asOperator(spend({ body: '{' }))],
    [
      '400 IDEMPOTENCY_KEY_REQUIRED',
      'spend',
      () => asOperator(change(spend(), { headers: { 'idempotency-key': undefined } })),
    ],
    ['401 UNAUTHENTICATED', 'spend', () => sendRaw(api.url, spend())],
    ['401 UNAUTHENTICATED', undefined, () => sendRaw(api.url, withToken(nowhere(), 'bad'))],
    [
      '401 SIGNATURE_INVALID',
      'spend',
      async () => sendRaw(api.url, await sign(spend(), keys.revoked)),
    ],
    [
      '401 SIGNATURE_EXPIRED',
      'spend',
      async () => sendRaw(api.url, await sign(spend(), keys.all, { created: 1 })),
    ],
    [
      '402 INSUFFICIENT_FUNDS',
      'spend',
      () => asOperator(spend({ body: JSON.stringify({ asset: GOLD, amount: 1_000_000 }) })),
    ],
    ['403 FORBIDDEN', 'spend', () => asPlayer('somebody-else', spend())],
    [
      '404 WALLET_NOT_FOUND',
      'spend',
      () => asOperator(spend({ target: `/v1/wallets/${newWallet()}/spend` })),
    ],
    ['404 NOT_FOUND', undefined, () => asOperator(nowhere())],
    ['404 NOT_FOUND', undefined, () => sendRaw(api.url, nowhere())],
    [
      '405 METHOD_NOT_ALLOWED',
      undefined,
      () => asOperator(spend({ method: 'DELETE', target: `/v1/wallets/${wallet}` })),
    ],
    [
      '405 METHOD_NOT_ALLOWED',
      undefined,
      () => sendRaw(api.url, spend({ method: 'PATCH', target: `/v1/wallets/${wallet}` })),
    ],
    [
      '409 WALLET_NOT_EMPTY',
      'close',
      () => asOperator(spend({ target: `/v1/wallets/${wallet}/close`, body: '{}' })),
    ],
    ['413 PAYLOAD_TOO_LARGE', 'spend', () => asOperator(spend({ body: large }))],
    [
      '414 URI_TOO_LONG',
      undefined,
      () => asOperator(spend({ target: `${SPEND}?x=${'x'.repeat(2_048)}` })),
    ],
    [
      '415 UNSUPPORTED_MEDIA_TYPE',
      'spend',
      () => asOperator(change(spend(), { headers: { 'content-type': 'text/plain' } })),
    ],
    [
      '431 HEADERS_TOO_LARGE',
      undefined,
      () => asOperator(change(spend(), { headers: { 'x-large': 'x'.repeat(8_192) } })),
    ],
  ])('%s', async (outcome, operation, send) => {
    const reply = await send()

    const found = recordsOf(reply).map((record) => ({
      outcome: `${record.status} ${record.outcome}`,
      operation: record.operation,
    }))

    expect(found).toEqual([{ outcome, operation }])
  })

  function nowhere(): RawRequest {
    return spend({ target: '/v1/nowhere' })
  }

  test('422 IDEMPOTENCY_KEY_REUSED', async () => {
    const request = spend()
    await asOperator(request)

    const reply = await asOperator({ ...request, body: JSON.stringify({ asset: GOLD, amount: 2 }) })

    expect(recordsOf(reply)).toMatchObject([{ status: 422, outcome: 'IDEMPOTENCY_KEY_REUSED' }])
  })

  test('each of many at once', async () => {
    const replies = await Promise.all(Array.from({ length: 40 }, () => sendRaw(api.url, spend())))

    const found = replies.map((reply) => recordsOf(reply).length)

    expect(found).toEqual(Array(40).fill(1))
  })
})

describe('no record is left', () => {
  test.each(['GET', 'HEAD', 'OPTIONS'])('by %s, which changes nothing', async (method) => {
    const targets = [`/v1/wallets/${wallet}`, SPEND, '/health', '/nowhere']
    const before = written()

    await Promise.all(
      targets.map((target) => asOperator({ method, target, headers: {}, body: '' })),
    )

    expect(written()).toBe(before)
  })
})

describe('all tries with one key are found by one transaction', () => {
  test('the replays of a movement', async () => {
    const request = spend()
    const replies = [await asOperator(request), await asOperator(request)]

    const found = byTransaction(replies[0]?.body['id'])

    expect(found).toMatchObject([
      { outcome: 'OK', replayed: false },
      { outcome: 'OK', replayed: true },
    ])
  })

  test('those that were declined before it could be made, and the one that reused its key', async () => {
    const walletId = newWallet()
    await api.post(`/v1/wallets/${walletId}/topup`, { asset: GOLD, amount: 5 })
    const request = spend({
      target: `/v1/wallets/${walletId}/spend`,
      body: JSON.stringify({ asset: GOLD, amount: 8 }),
    })
    await asOperator(request)
    await api.post(`/v1/wallets/${walletId}/topup`, { asset: GOLD, amount: 5 })
    const made = await asOperator(request)
    await asOperator({ ...request, body: JSON.stringify({ asset: GOLD, amount: 1 }) })

    const found = byTransaction(made.body['id'])

    expect(found.map(({ outcome }) => outcome)).toEqual([
      'INSUFFICIENT_FUNDS',
      'OK',
      'IDEMPOTENCY_KEY_REUSED',
    ])
  })

  test('those with a body that made no sense', async () => {
    const request = spend()
    await asOperator({ ...request, body: '{"asset":"GOLD_COINS","amount":-1}' })
    const made = await asOperator(request)

    const found = byTransaction(made.body['id'])

    expect(found.map(({ outcome }) => outcome)).toEqual(['INVALID_REQUEST', 'OK'])
  })

  test('and only those of the same caller', async () => {
    const request = spend()
    const mine = await asPlayer(wallet, request)
    const theirs = await sendRaw(api.url, await sign(request, keys.all))

    const found = [byTransaction(mine.body['id']), byTransaction(theirs.body['id'])]

    expect(found).toMatchObject([[{ caller: `player:${wallet}` }], [{ caller: 'server:shop' }]])
  })

  test('and never those of somebody who only said to be the caller', async () => {
    const request = spend()
    await sendRaw(api.url, request)
    await asPlayer('somebody-else', request)
    const id = transactionId(`player:${wallet}`, String(request.headers['idempotency-key']))

    expect(byTransaction(id)).toEqual([])
  })

  function byTransaction(id: unknown): AccessRecord[] {
    return records().filter((record) => record.transactionId === id)
  }
})

describe('no record holds', () => {
  test('what somebody proves to be somebody with', async () => {
    const token = await playerToken(stack.issuer, wallet)
    const signed = await sign(spend(), keys.all)
    const badlySigned = await sign(spend(), { ...keys.all, secret: keys.revoked.secret })
    const secrets = [token, ...parts(token), signatureIn(signed), signatureIn(badlySigned)]
    secrets.push(keys.all.secret, keys.revoked.secret, keys.rotating.before.secret)
    secrets.push('hunter2-in-a-cookie', 'hunter2-as-a-key', 'hunter2-in-the-query')
    secrets.push(btoa('mallory:hunter2'), 'hunter2-of-a-proxy')

    await sendRaw(api.url, withToken(spend(), token))
    await sendRaw(api.url, withToken(spend(), `${token}x`))
    await sendRaw(api.url, signed)
    await sendRaw(api.url, badlySigned)
    await sendRaw(api.url, withToken(signed, token))
    await sendRaw(
      api.url,
      change(spend({ target: `${SPEND}?access_token=hunter2-in-the-query` }), {
        headers: {
          authorization: `Basic ${btoa('mallory:hunter2')}`,
          cookie: 'session=hunter2-in-a-cookie',
          'x-api-key': 'hunter2-as-a-key',
          'proxy-authorization': 'hunter2-of-a-proxy',
        },
      }),
    )

    const text = written()
    expect(secrets.filter((secret) => secret.length < 8)).toEqual([])
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
    expect(text).not.toMatch(/Bearer|Basic|hunter2|sig=:|eyJ/)
  })

  test('what is in a body', async () => {
    const note = `note-${randomUUID()}`

    const reply = await asOperator(
      spend({
        body: JSON.stringify({ asset: GOLD, amount: 1, reference: note, metadata: { note } }),
      }),
    )

    expect(reply.status).toBe(201)
    expect(written()).not.toContain(note)
  })

  test('more than the beginning of a long header', async () => {
    const agent = 'agent'.repeat(1_000)

    const reply = await asOperator(change(spend(), { headers: { 'user-agent': agent } }))

    const [record] = recordsOf(reply)
    expect(record?.headers['user-agent']).toBe(agent.slice(0, 256))
  })

  test('a whole path that is too long', async () => {
    const reply = await asOperator(spend({ target: `/v1/wallets/${'w'.repeat(8_000)}/spend` }))

    const [record] = recordsOf(reply)
    expect(reply.status).toBe(414)
    expect(record?.path.length).toBeLessThanOrEqual(2_048)
  })

  test('an address that the caller made up', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' }

    const reply = await asOperator(change(spend(), { headers }))

    const [record] = recordsOf(reply)
    expect(record?.clientIp).toContain('127.0.0.1')
    expect(JSON.stringify(record)).not.toContain('203.0.113.7')
  })

  test('a line that somebody slipped in', async () => {
    const forged = '%0a{"outcome":"OK","caller":"operator:root"}%0d%0a'
    const before = records().length

    const reply = await asOperator(spend({ target: `/v1/wallets/${forged}/spend` }))

    expect(reply.status).toBe(400)
    expect(records()).toHaveLength(before + 1)
    expect(recordsOf(reply)).toMatchObject([{ caller: 'operator:dev', outcome: 'INVALID_REQUEST' }])
  })
})

function parts(token: string): string[] {
  return token.split('.').slice(1)
}

function signatureIn({ headers }: RawRequest): string {
  return /:(.*):/.exec(String(headers['signature']))?.[1] ?? ''
}
