import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, newWallet, openApi } from '../support/api.ts'
import { change, type RawRequest, SIGNED_HEADERS, sendRaw, sign } from '../support/sign.ts'

/** Servers sign what they send: what they signed is what is done, once. */

const GOLD = 'GOLD_COINS'
const HAS = 1_000

let api: Api
let wallet: string

beforeAll(async () => {
  api = await openApi()
  wallet = newWallet()
  await api.post(`/v1/wallets/${wallet}/topup`, { asset: GOLD, amount: HAS })
})

afterAll(async () => {
  await api.stop()
})

function signed(request: Omit<RawRequest, 'headers'> & Partial<RawRequest>): Promise<RawRequest> {
  return sign({ headers: {}, ...request }, api.credentials.hmac)
}

const spendOf = (walletId: string, amount = 30): Promise<RawRequest> =>
  signed({
    method: 'POST',
    target: `/v1/wallets/${walletId}/spend`,
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ asset: GOLD, amount }),
  })

/** All that is written down. */
async function ledger(): Promise<unknown> {
  return api.books.read()
}

async function goldOf(walletId: string): Promise<unknown> {
  const { body } = await api.get(`/v1/wallets/${walletId}/balances/${GOLD}?consistent=true`)
  return body['available']
}

const REQUESTS: readonly { readonly what: string; readonly make: () => Promise<RawRequest> }[] = [
  { what: 'that spends', make: () => spendOf(wallet) },
  {
    what: 'with a query, that reads',
    make: () =>
      signed({
        method: 'GET',
        // In the order of its names, because a REST API does not tell in which order they were sent.
        target: `/v1/wallets/${wallet}/balances/${GOLD}?at=2030-01-01T00%3A00%3A00%2B01%3A00&consistent=true`,
        body: '',
      }),
  },
  {
    what: 'that administers',
    make: () =>
      signed({
        method: 'PUT',
        target: `/v1/wallets/${wallet}`,
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: '{"metadata":{"vip":"yes"}}',
      }),
  },
]

describe.each(REQUESTS)('a signed request $what', ({ make }) => {
  test('is refused without any one of its headers', async () => {
    const request = await make()
    const names = SIGNED_HEADERS.filter((name) => name in request.headers)
    const before = await ledger()

    const replies = await Promise.all(
      names.map((name) => sendRaw(api.url, change(request, { headers: { [name]: undefined } }))),
    )

    expect(replies.map(({ status }) => status)).toEqual(names.map(() => 401))
    expect(await ledger()).toEqual(before)
  })

  test('is accepted as it is', async () => {
    const reply = await sendRaw(api.url, await make())

    expect([200, 201]).toContain(reply.status)
  })
})

test('a name with an at sign is signed as it is, or escaped', async () => {
  const name = `a@${newWallet()}`
  await api.post(`/v1/wallets/${name}/topup`, { asset: GOLD, amount: HAS })

  const replies = await Promise.all(
    [name, encodeURIComponent(name)].map(async (written) =>
      sendRaw(api.url, await spendOf(written)),
    ),
  )

  expect(replies.map(({ status }) => status)).toEqual([201, 201])
  expect(await goldOf(name)).toBe(HAS - 60)
})

describe('of a signed request, nobody changes on its way', () => {
  const stolen = (change: Partial<RawRequest>) => async () => {
    const request = await spendOf(wallet)
    return { ...request, ...change }
  }

  test.each([
    { what: 'whom it is about', make: stolen({ target: '/v1/wallets/bob/spend' }) },
    {
      what: 'what it does',
      make: async () => ({ ...(await spendOf(wallet)), target: `/v1/wallets/${wallet}/withdraw` }),
    },
    { what: 'its method', make: stolen({ method: 'PUT' }) },
    {
      what: 'its query',
      make: async () => ({ ...(await spendOf(wallet)), target: `/v1/wallets/${wallet}/spend?x=1` }),
    },
    { what: 'how much it is', make: stolen({ body: JSON.stringify({ asset: GOLD, amount: 31 }) }) },
    {
      what: 'its key',
      make: async () =>
        change(await spendOf(wallet), { headers: { 'idempotency-key': randomUUID() } }),
    },
  ])('$what', async ({ make }) => {
    const request = await make()
    const before = await ledger()

    const reply = await sendRaw(api.url, request)

    expect([reply.status, reply.body['code']]).toEqual([401, 'SIGNATURE_INVALID'])
    expect(await ledger()).toEqual(before)
  })
})

describe('the same signed request again', () => {
  test('gets its answer again, and moves nothing', async () => {
    const walletId = newWallet()
    await api.post(`/v1/wallets/${walletId}/topup`, { asset: GOLD, amount: HAS })
    const request = await spendOf(walletId)
    const original = await sendRaw(api.url, request)

    const replays = await Promise.all(Array.from({ length: 20 }, () => sendRaw(api.url, request)))

    expect(original.status).toBe(201)
    expect(original.headers).not.toHaveProperty('idempotency-replayed')
    expect(new Set(replays.map(({ text }) => text))).toEqual(new Set([original.text]))
    expect(new Set(replays.map(({ headers }) => headers['idempotency-replayed']))).toEqual(
      new Set(['true']),
    )
    expect(await goldOf(walletId)).toBe(HAS - 30)
  })

  test('all at once moves money once', async () => {
    const walletId = newWallet()
    await api.post(`/v1/wallets/${walletId}/topup`, { asset: GOLD, amount: HAS })
    const request = await spendOf(walletId)

    const replies = await Promise.all(Array.from({ length: 20 }, () => sendRaw(api.url, request)))

    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    expect(await goldOf(walletId)).toBe(HAS - 30)
  })

  test('signed anew is the same request to the ledger', async () => {
    const walletId = newWallet()
    await api.post(`/v1/wallets/${walletId}/topup`, { asset: GOLD, amount: HAS })
    const request = await spendOf(walletId)
    const original = await sendRaw(api.url, request)

    const seconds = Math.floor(Date.now() / 1000) - 60
    const again = await sendRaw(
      api.url,
      await sign(
        change(request, { headers: { signature: undefined, 'signature-input': undefined } }),
        api.credentials.hmac,
        { created: seconds, label: 'again' },
      ),
    )

    expect(again.text).toBe(original.text)
    expect(again.headers['idempotency-replayed']).toBe('true')
  })

  test('does not undo what was decided since', async () => {
    const walletId = newWallet()
    await api.post(`/v1/wallets/${walletId}/topup`, { asset: GOLD, amount: HAS })
    const unfreeze = await signed({
      method: 'POST',
      target: `/v1/wallets/${walletId}/unfreeze`,
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: '{"reason":"a mistake"}',
    })
    const first = await sendRaw(api.url, unfreeze)
    await api.post(`/v1/wallets/${walletId}/freeze`, { reason: 'fraud' })

    const again = await sendRaw(api.url, unfreeze)

    expect([first.status, again.status]).toEqual([200, 200])
    expect(again.text).toBe(first.text)
    const { body } = await api.get(`/v1/wallets/${walletId}?consistent=true`)
    expect(body['status']).toBe('FROZEN')
  })
})

test('names of headers may be written in any case', async () => {
  const request = await spendOf(wallet)
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name.toUpperCase(),
    value,
  ])

  const reply = await sendRaw(api.url, { ...request, headers: Object.fromEntries(headers) })

  expect(reply.status).toBe(201)
})

test('a signed header that is sent twice is not what was signed', async () => {
  const request = await spendOf(wallet)
  const before = await ledger()

  const replies = await Promise.all(
    SIGNED_HEADERS.map((name) => {
      const value = String(request.headers[name])
      return sendRaw(api.url, change(request, { headers: { [name]: [value, value] } }))
    }),
  )

  expect(replies.map(({ status }) => status)).toEqual([401, 401, 401, 401])
  expect(await ledger()).toEqual(before)
})
