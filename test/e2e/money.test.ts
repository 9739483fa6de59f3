import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, newWallet, openApi, type Reply } from '../support/api.ts'

let api: Api

beforeAll(async () => {
  api = await openApi()
})

afterAll(async () => {
  await api.stop()
})

const GOLD = 'GOLD_COINS'
const MOST_TRIES = 10

async function fundedWallet(amount: number): Promise<string> {
  const wallet = newWallet()
  await api.post(`/v1/wallets/${wallet}/topup`, { asset: GOLD, amount })
  return wallet
}

async function balanceOf(wallet: string): Promise<Record<string, unknown>> {
  const { body } = await api.get(`/v1/wallets/${wallet}/balances/${GOLD}?consistent=true`)
  return body
}

describe('the five verbs', () => {
  test.each([
    { verb: 'topup', type: 'TOPUP', from: '@treasury', to: 'wallet', left: 125 },
    { verb: 'bonus', type: 'BONUS', from: '@treasury', to: 'wallet', left: 125 },
    { verb: 'deposit', type: 'DEPOSIT', from: '@external', to: 'wallet', left: 125 },
    { verb: 'spend', type: 'SPEND', from: 'wallet', to: '@treasury', left: 75 },
    { verb: 'withdraw', type: 'WITHDRAW', from: 'wallet', to: '@external', left: 75 },
  ])('$verb moves money from $from to $to', async ({ verb, type, from, to, left }) => {
    const wallet = await fundedWallet(100)

    const { status, body } = await api.post(`/v1/wallets/${wallet}/${verb}`, {
      asset: GOLD,
      amount: 25,
      reference: 'order-7',
      metadata: { level: '9', boss: 'hydra' },
    })

    const named = (side: string) => (side === 'wallet' ? wallet : side)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      type,
      postings: [{ from: named(from), to: named(to), asset: GOLD, amount: 25 }],
      balances: [{ walletId: wallet, asset: GOLD, available: left, held: 0, version: 2 }],
      reference: 'order-7',
      metadata: { boss: 'hydra', level: '9' },
    })
    expect(await balanceOf(wallet)).toMatchObject({ available: left, held: 0, version: 2 })
  })

  test('a wallet comes to life with its first credit, and not before', async () => {
    const wallet = newWallet()

    const before = await api.get(`/v1/wallets/${wallet}`)
    const spend = await api.post(`/v1/wallets/${wallet}/spend`, { asset: GOLD, amount: 1 })
    await api.post(`/v1/wallets/${wallet}/bonus`, { asset: GOLD, amount: 5 })
    const after = await api.get(`/v1/wallets/${wallet}?consistent=true`)

    expect([before.status, before.body['code']]).toEqual([404, 'WALLET_NOT_FOUND'])
    expect([spend.status, spend.body['code']]).toEqual([404, 'WALLET_NOT_FOUND'])
    expect(after.body).toMatchObject({
      id: wallet,
      status: 'ACTIVE',
      metadata: {},
      balances: [{ asset: GOLD, available: 5, version: 1 }],
    })
  })

  test('a spend of more than there is says what there is and leaves its key free', async () => {
    const wallet = await fundedWallet(10)
    const [path, key] = [`/v1/wallets/${wallet}/spend`, randomUUID()]

    const refused = await api.post(path, { asset: GOLD, amount: 11 }, key)
    const retried = await api.post(path, { asset: GOLD, amount: 10 }, key)

    expect(refused.status).toBe(402)
    expect(refused.body).toMatchObject({ code: 'INSUFFICIENT_FUNDS', available: 10, required: 11 })
    expect(retried.status).toBe(201)
  })

  test('a wallet has none of an asset that it never held', async () => {
    const wallet = await fundedWallet(10)

    const spend = await api.post(`/v1/wallets/${wallet}/spend`, { asset: 'DIAMONDS', amount: 1 })
    const balance = await api.get(`/v1/wallets/${wallet}/balances/DIAMONDS?consistent=true`)

    expect(spend.body).toMatchObject({ code: 'INSUFFICIENT_FUNDS', available: 0, required: 1 })
    expect(balance.body).toMatchObject({ available: 0, held: 0, version: 0 })
  })

  test('a balance never passes 2^53-1', async () => {
    const wallet = await fundedWallet(Number.MAX_SAFE_INTEGER)

    const refused = await api.post(`/v1/wallets/${wallet}/topup`, { asset: GOLD, amount: 1 })

    expect([refused.status, refused.body['code']]).toEqual([409, 'BALANCE_LIMIT'])
    expect(await balanceOf(wallet)).toMatchObject({
      available: Number.MAX_SAFE_INTEGER,
      version: 1,
    })
  })
})

describe('one key, one movement', () => {
  test('50 concurrent sends of one key give 50 times the same answer and move money once', async () => {
    const wallet = await fundedWallet(1000)
    const key = randomUUID()
    const send = () => api.post(`/v1/wallets/${wallet}/spend`, { asset: GOLD, amount: 7 }, key)

    const replies = await Promise.all(Array.from({ length: 50 }, send))

    expect(replies.map(({ status }) => status)).toEqual(Array(50).fill(201))
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    const originals = replies.filter(({ headers }) => !headers.has('idempotency-replayed'))
    expect(originals).toHaveLength(1)
    expect(await balanceOf(wallet)).toMatchObject({ available: 993, version: 2 })
  })

  test('the same key with another amount is refused and moves nothing', async () => {
    const wallet = await fundedWallet(100)
    const [path, key] = [`/v1/wallets/${wallet}/spend`, randomUUID()]
    await api.post(path, { asset: GOLD, amount: 7 }, key)

    const reused = await api.post(path, { asset: GOLD, amount: 8 }, key)

    expect([reused.status, reused.body['code']]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
    expect(await balanceOf(wallet)).toMatchObject({ available: 93, version: 2 })
  })

  test('the same key on another verb or another wallet is refused', async () => {
    const [wallet, other] = [await fundedWallet(100), await fundedWallet(100)]
    const key = `key-${wallet}`
    await api.post(`/v1/wallets/${wallet}/spend`, { asset: GOLD, amount: 7 }, key)

    const replies = await Promise.all([
      api.post(`/v1/wallets/${wallet}/withdraw`, { asset: GOLD, amount: 7 }, key),
      api.post(`/v1/wallets/${other}/spend`, { asset: GOLD, amount: 7 }, key),
    ])

    expect(replies.map(({ status }) => status)).toEqual([422, 422])
  })

  test('a retry of the spend that emptied the wallet gets its answer again, not a refusal', async () => {
    const wallet = await fundedWallet(50)
    const key = randomUUID()
    const send = () => api.post(`/v1/wallets/${wallet}/spend`, { asset: GOLD, amount: 50 }, key)
    const first = await send()

    const again = await send()

    expect(again.status).toBe(201)
    expect(again.text).toBe(first.text)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
  })

  test('a key may be quoted, and the JSON of a retry may be written differently', async () => {
    const wallet = await fundedWallet(50)
    const path = `/v1/wallets/${wallet}/spend`
    const key = `quoted-${wallet}`
    const first = await api.post(
      path,
      { asset: GOLD, amount: 5, metadata: { a: '1', b: '2' } },
      key,
    )

    const again = await api.send('POST', path, {
      headers: { 'content-type': 'application/json; charset=utf-8', 'idempotency-key': `"${key}"` },
      body: `{ "metadata": {"b": "2", "a": "1"}, "amount": 5, "asset": "${GOLD}" }`,
    })

    expect(again.status).toBe(201)
    expect(again.text).toBe(first.text)
  })
})

describe('a race for the last coin', () => {
  /** Where 200 wait for each other, a slow machine tells the last of them to come again, with the same key. */
  async function spendPatiently(wallet: string, amount: number): Promise<Reply> {
    const key = randomUUID()
    for (let tries = 1; ; tries += 1) {
      const reply = await api.post(`/v1/wallets/${wallet}/spend`, { asset: GOLD, amount }, key)
      if (reply.body['code'] !== 'WALLET_BUSY' || tries === MOST_TRIES) return reply
      await sleep(Number(reply.headers.get('retry-after')) * 1_000)
    }
  }

  test('of 200 concurrent spends of 10 from 1000, exactly 100 succeed and 100 get 402', async () => {
    const wallet = await fundedWallet(1000)
    const spend = () => spendPatiently(wallet, 10)

    const replies = await Promise.all(Array.from({ length: 200 }, spend))

    const count = (status: number) => replies.filter((reply) => reply.status === status).length
    expect({ 201: count(201), 402: count(402) }).toEqual({ 201: 100, 402: 100 })
    expect(await balanceOf(wallet)).toMatchObject({ available: 0, held: 0, version: 101 })
  })

  test('first credits of many assets at once open one wallet that counts them all', async () => {
    const wallet = newWallet()
    const assets = ['GOLD_COINS', 'DIAMONDS', 'LOYALTY_POINTS']
    const credits = Array.from({ length: 30 }, (_, index) => assets[index % assets.length])

    const replies = await Promise.all(
      credits.map((asset) => api.post(`/v1/wallets/${wallet}/bonus`, { asset, amount: 2 })),
    )

    expect(replies.map(({ status }) => status)).toEqual(Array(30).fill(201))
    const { body } = await api.get(`/v1/wallets/${wallet}?consistent=true`)
    expect(body['balances']).toMatchObject(
      assets.toSorted().map((asset) => ({ asset, available: 20, version: 10 })),
    )
  })
})

test('after all of that, the ledger keeps every invariant', async () => {
  const { entries, faults } = await api.books.check()

  expect(entries).toBeGreaterThan(20)
  expect(faults).toEqual([])
})
