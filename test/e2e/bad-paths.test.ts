import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newWallet, openStack, type StackApi } from '../support/api.ts'
import { withToken } from '../support/forgeries.ts'
import { type RawReply, sendRaw } from '../support/sign.ts'

/** What is written so badly that API Gateway may refuse or mend it, before anybody hears of it; the handlers do not count on that. */

const GOLD = 'GOLD_COINS'
const GOOD_BODY = `{"asset":"${GOLD}","amount":250}`
const STACK_TRACE = /node_modules|\.ts:\d+|\bat \w+ \(/

let api: StackApi
/** A wallet that the good form of a bad request would change. */
const wallet = newWallet()

beforeAll(async () => {
  api = await openStack()
  await api.post(`/v1/wallets/${wallet}/topup`, { asset: GOLD, amount: 1000 })
})

afterAll(async () => {
  await api.stop()
})

/** All that is written down. */
async function ledger(): Promise<unknown> {
  return api.books.read()
}

/** Without what \`fetch\` puts right on the way: it resolves \`..\` in paths, and fills in headers. */
function asOperator(method: string, target: string, body: string | Buffer = ''): Promise<RawReply> {
  const headers = {
    ...(body.length > 0 && { 'content-type': 'application/json' }),
    ...(method !== 'GET' && { 'idempotency-key': randomUUID() }),
  }
  return sendRaw(api.url, withToken({ method, target, headers, body }, api.credentials.adminToken))
}

function expectProblem({ status, body, headers, text }: RawReply, wanted: number, code: string) {
  expect([status, body['code']]).toEqual([wanted, code])
  expect(headers['content-type']).toBe('application/problem+json')
  expect(text).not.toMatch(STACK_TRACE)
}

describe('a wallet id in a path', () => {
  test.each([
    ...['%23', `x%23B%23${GOLD}`, '%2F', 'a%2Fb', '%00', 'x%00', '%0A', 'x%0A', '%09', '%7F'],
    ...['%20', '%20alice', '%E2%80%AEa', '%40treasury', '@'],
    ...['%zz', '%', '%2', 'a%', '%E0%A4%A', '%C3', '%FF', '%u0041'],
    ...['a;b', '$a', '!', '(a)', '%3F', '%5C', '%22', '%7B%7D'],
    ...['..', '.', '%2e%2e', '%2E', '..%2F..%2Fassets', '%252e', '%2523'],
  ])('%s is refused and changes nothing', async (id) => {
    const before = await ledger()

    const replies = [
      await asOperator('POST', `/v1/wallets/${id}/topup`, GOOD_BODY),
      await asOperator('GET', `/v1/wallets/${id}`),
    ]

    for (const reply of replies) expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })
})

describe('an asset code in a path', () => {
  test.each(['GOLD%23', 'GOLD%2FX', 'GOLD%00', '%zz'])(
    '%s is refused and changes nothing',
    async (code) => {
      const before = await ledger()

      const replies = [
        await asOperator('GET', `/v1/assets/${code}`),
        await asOperator('GET', `/v1/wallets/${wallet}/balances/${code}`),
        await asOperator('PUT', `/v1/assets/${code}`, '{"name":"x","scale":0}'),
      ]

      for (const reply of replies) expectProblem(reply, 400, 'INVALID_REQUEST')
      expect(await ledger()).toEqual(before)
    },
  )
})

describe('a path', () => {
  test.each([
    ...['/', '/v1/', '/v1/wallets/alice/topup/', '//v1/wallets/alice/topup', '/health/'],
    ...['/v1//wallets/alice/topup', '/.env', '/%zz', '/%00'],
  ])('%s is not there and changes nothing', async (path) => {
    const before = await ledger()

    const replies = [await asOperator('GET', path), await asOperator('POST', path, GOOD_BODY)]

    for (const reply of replies) expectProblem(reply, 404, 'NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })
})

test('a known path in another spelling is never answered with the method that it came with', async () => {
  const before = await ledger()

  const reply = await asOperator('POST', '/v1/%77allets/alice/topup', GOOD_BODY)

  expectProblem(reply, 404, 'NOT_FOUND')
  expect(await ledger()).toEqual(before)
})

describe('a body', () => {
  test.each([
    { bytes: [0xff], what: 'a byte that UTF-8 does not have' },
    { bytes: [0xc3], what: 'half a character' },
    { bytes: [0xc0, 0xaf], what: 'a character written too long' },
    { bytes: [0xed, 0xa0, 0x80], what: 'a surrogate in bytes' },
    { bytes: [0xe9], what: 'Latin-1' },
  ])('with $what is not UTF-8, and changes nothing', async ({ bytes }) => {
    const before = await ledger()
    const [start, end] = [`{"asset":"${GOLD}","amount":250,"reference":"`, '"}']
    const body = Buffer.concat([Buffer.from(start), Buffer.from(bytes), Buffer.from(end)])

    const reply = await asOperator('POST', `/v1/wallets/${wallet}/topup`, body)

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test('of 11 MB is refused by the gateway, in its own words, and changes nothing', async () => {
    const before = await ledger()
    const body = GOOD_BODY.padEnd(11 * 1024 * 1024)

    const reply = await asOperator('POST', `/v1/wallets/${wallet}/topup`, body)

    expect([reply.status, reply.body]).toEqual([413, { message: expect.any(String) }])
    expect(await ledger()).toEqual(before)
  })
})
