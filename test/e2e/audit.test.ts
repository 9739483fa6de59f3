import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Api, newWallet, openApi } from '../support/api.ts'

/** What follows from the ledger follows a moment later; so these tests ask until it is there. */

const GOLD = 'GOLD_COINS'
const AUDITED = { timeout: 30_000, interval: 50 }

let api: Api

beforeAll(async () => {
  api = await openApi()
})

afterAll(async () => {
  await api.stop()
})

async function move(verb: string, wallet: string, amount: number, more = {}) {
  const reply = await api.post(`/v1/wallets/${wallet}/${verb}`, { asset: GOLD, amount, ...more })
  expect(reply.status).toBe(201)
  return String(reply.body['id'])
}

/** What is said at an address, once it is what was waited for. */
async function until(path: string, isThere: (body: Record<string, unknown>) => void) {
  return vi.waitFor(async () => {
    const { body } = await api.get(path)
    isThere(body)
    return body
  }, AUDITED)
}

const itemsOf = ({ items }: Record<string, unknown>) => [items].flat().map(Object)

test('statistics say what a wallet did, once the audit has seen it', async () => {
  const [wallet, friend] = [newWallet(), newWallet()]
  await move('topup', wallet, 100)
  await move('topup', wallet, 50)
  await move('spend', wallet, 30)
  await move('transfer', wallet, 20, { to: friend })

  const mine = {
    walletId: wallet,
    items: [
      {
        asset: GOLD,
        TOPUP: { count: 2, amount: 150, in: 150, out: 0 },
        SPEND: { count: 1, amount: 30, in: 0, out: 30 },
        TRANSFER: { count: 1, amount: 20, in: 0, out: 20 },
      },
    ],
  }
  const theirs = { items: [{ TRANSFER: { count: 1, in: 20, out: 0 } }] }
  await until(`/v1/wallets/${wallet}/stats`, (body) => expect(body).toMatchObject(mine))
  await until(`/v1/wallets/${friend}/stats`, (body) => expect(body).toMatchObject(theirs))
})

test('nobody has statistics who is not there', async () => {
  const { status, body } = await api.get(`/v1/wallets/${newWallet()}/stats`)

  expect([status, body['code']]).toEqual([404, 'WALLET_NOT_FOUND'])
})

test('the supply of an asset sums to zero over all accounts, and is what was issued', async () => {
  const code = `S${randomUUID().slice(0, 8).toUpperCase()}`
  await putAsset(code, 'One', code)
  const wallet = newWallet()
  await api.post(`/v1/wallets/${wallet}/bonus`, { asset: code, amount: 70 })
  await api.post(`/v1/wallets/${wallet}/spend`, { asset: code, amount: 20 })

  const supply = await until(`/v1/assets/${code}/supply`, ({ issued, burned, inWallets }) =>
    expect({ issued, burned, inWallets }).toEqual({ issued: 70, burned: 20, inWallets: 50 }),
  )

  const accounts = Object.values(Object(supply['accounts'])).map(Number)
  expect(accounts).not.toEqual([])
  expect(accounts.reduce((sum, amount) => sum + amount, Number(supply['inWallets']))).toBe(0)
})

test('the statement of an account is paged, newest first or oldest first, each line once', async () => {
  const wallet = newWallet()
  const account = `@fair-${randomUUID().slice(0, 8)}`
  const sent: string[] = []
  for (let amount = 1; amount <= 7; amount += 1) {
    const postings = [{ from: account, to: wallet, asset: GOLD, amount }]
    sent.push(String((await api.post('/v1/transactions', { postings })).body['id']))
  }
  await until(`/v1/accounts/${account}/ledger?asset=${GOLD}`, (body) =>
    expect(itemsOf(body)).toHaveLength(sent.length),
  )

  const pagesOf = async (order: string) => {
    const ids: unknown[] = []
    let cursor = ''
    for (let page = 0; page < 5; page += 1) {
      const path = `/v1/accounts/${account}/ledger?asset=${GOLD}&order=${order}&limit=3${cursor}`
      const { body } = await api.get(path)
      ids.push(...itemsOf(body).map(({ transactionId }) => transactionId))
      if (body['nextCursor'] === null) break
      cursor = `&cursor=${body['nextCursor']}`
    }
    return ids
  }

  expect(await pagesOf('asc')).toEqual(sent)
  expect(await pagesOf('desc')).toEqual(sent.toReversed())
})

test('a large withdrawal is flagged, and a person says that they have looked', async () => {
  const wallet = newWallet()
  await move('topup', wallet, 50_000)
  const transactionId = await move('withdraw', wallet, 10_000)

  const body = await until(`/v1/ops/fraud-flags?walletId=${wallet}`, (flags) =>
    expect(itemsOf(flags)).toHaveLength(1),
  )
  const [flag] = itemsOf(body)
  const seen = await api.post(`/v1/ops/fraud-flags/${flag.id}/acknowledge`, {})

  expect(flag).toMatchObject({
    rule: 'LARGE_WITHDRAWAL',
    walletId: wallet,
    transactionIds: [transactionId],
    acknowledged: null,
  })
  const acknowledged = { by: expect.stringMatching(/^operator:/) }
  expect(seen.body).toMatchObject({ id: flag.id, acknowledged })
})

test('flags are filtered by rule and by time', async () => {
  const wallet = newWallet()
  const path = `/v1/ops/fraud-flags?walletId=${wallet}`
  await move('topup', wallet, 50_000)
  await move('withdraw', wallet, 10_000)
  await until(path, (flags) => expect(itemsOf(flags)).toHaveLength(1))
  const count = async (query: string) => itemsOf((await api.get(`${path}${query}`)).body).length

  expect(await count('&rule=LARGE_WITHDRAWAL')).toBe(1)
  expect(await count('&rule=RAPID_WITHDRAWALS')).toBe(0)
  expect(await count('&to=2020-01-01')).toBe(0)
  expect(await count('&from=2020-01-01')).toBe(1)
})

async function putAsset(code: string, name: string, key: string) {
  return api.send('PUT', `/v1/assets/${code}`, {
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ name, scale: 0 }),
  })
}

test('an asset is registered once for one key, and again for another', async () => {
  const code = `A${randomUUID().replaceAll('-', '').slice(0, 12).toUpperCase()}`
  const first = await putAsset(code, 'One', code)
  await putAsset(code, 'Two', `${code}-2`)

  const again = await putAsset(code, 'One', code)
  const reused = await putAsset(code, 'Three', code)

  expect(again.text).toBe(first.text)
  expect(again.headers.get('idempotency-replayed')).toBe('true')
  expect([reused.status, reused.body['code']]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
  expect((await api.get(`/v1/assets/${code}`)).body).toMatchObject({ name: 'Two' })
})
