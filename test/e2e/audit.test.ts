import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, newWallet, openApi } from '../support/api.ts'

const GOLD = 'GOLD_COINS'

let api: Api
let receiver: Server
const received: Record<string, unknown>[] = []

beforeAll(async () => {
  receiver = createServer(async (incoming, outgoing) => {
    received.push(JSON.parse(await text(incoming)))
    outgoing.end()
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const address = receiver.address()
  const port = typeof address === 'object' ? address?.port : 0
  api = await openApi({ webhookUrl: `http://localhost:${port}/hook`, autoFreeze: true })
})

afterAll(async () => {
  await api.stop()
  receiver.close()
})

const stream = () => {
  if (!api.stack)
    throw new Error('what the stream brings can be waited for in an embedded stack only')
  return api.stack
}

async function move(verb: string, wallet: string, amount: number, more = {}) {
  const reply = await api.post(`/v1/wallets/${wallet}/${verb}`, { asset: GOLD, amount, ...more })
  expect(reply.status).toBe(201)
  return String(reply.body['id'])
}

test('statistics say what a wallet did, once the audit has seen it', async () => {
  const [wallet, friend] = [newWallet(), newWallet()]
  await move('topup', wallet, 100)
  await move('topup', wallet, 50)
  await move('spend', wallet, 30)
  await move('transfer', wallet, 20, { to: friend })
  await stream().stream.idle()

  const mine = await api.get(`/v1/wallets/${wallet}/stats`)
  const theirs = await api.get(`/v1/wallets/${friend}/stats`)

  expect(mine.body).toMatchObject({
    walletId: wallet,
    items: [
      {
        asset: GOLD,
        TOPUP: { count: 2, amount: 150, in: 150, out: 0 },
        SPEND: { count: 1, amount: 30, in: 0, out: 30 },
        TRANSFER: { count: 1, amount: 20, in: 0, out: 20 },
      },
    ],
  })
  expect(theirs.body).toMatchObject({ items: [{ TRANSFER: { count: 1, in: 20, out: 0 } }] })
})

test('nobody has statistics who is not there', async () => {
  const { status, body } = await api.get(`/v1/wallets/${newWallet()}/stats`)

  expect([status, body['code']]).toEqual([404, 'WALLET_NOT_FOUND'])
})

test('the supply of an asset sums to zero over all accounts, and grows by what is issued', async () => {
  await stream().stream.idle()
  const before = (await api.get(`/v1/assets/DIAMONDS/supply`)).body
  const wallet = newWallet()
  await api.post(`/v1/wallets/${wallet}/bonus`, { asset: 'DIAMONDS', amount: 70 })
  await api.post(`/v1/wallets/${wallet}/spend`, { asset: 'DIAMONDS', amount: 20 })
  await stream().stream.idle()

  const { body: after } = await api.get('/v1/assets/DIAMONDS/supply')

  expect(Number(after['issued']) - Number(before['issued'])).toBe(70)
  expect(Number(after['burned']) - Number(before['burned'])).toBe(20)
  expect(Number(after['inWallets']) - Number(before['inWallets'])).toBe(50)
  const accounts = Object.values(Object(after['accounts'])).map(Number)
  expect(accounts.reduce((sum, amount) => sum + amount, Number(after['inWallets']))).toBe(0)
})

test('the statement of an account is paged, newest first or oldest first, each line once', async () => {
  const wallet = newWallet()
  const account = `@fair-${randomUUID().slice(0, 8)}`
  const sent: string[] = []
  for (let amount = 1; amount <= 7; amount += 1) {
    const postings = [{ from: account, to: wallet, asset: GOLD, amount }]
    sent.push(String((await api.post('/v1/transactions', { postings })).body['id']))
  }
  await stream().stream.idle()

  const pagesOf = async (order: string) => {
    const ids: unknown[] = []
    let cursor = ''
    for (let page = 0; page < 5; page += 1) {
      const path = `/v1/accounts/${account}/ledger?asset=${GOLD}&order=${order}&limit=3${cursor}`
      const { body } = await api.get(path)
      ids.push(...[body['items']].flat().map((line) => Object(line)['transactionId']))
      if (body['nextCursor'] === null) break
      cursor = `&cursor=${body['nextCursor']}`
    }
    return ids
  }

  expect(await pagesOf('asc')).toEqual(sent)
  expect(await pagesOf('desc')).toEqual(sent.toReversed())
})

test('a large withdrawal is flagged, its wallet freezes, and a person says that they have looked', async () => {
  const wallet = newWallet()
  await move('topup', wallet, 50_000)
  const transactionId = await move('withdraw', wallet, 10_000)
  await stream().stream.idle()

  const { body } = await api.get(`/v1/ops/fraud-flags?walletId=${wallet}`)
  const [flag] = [body['items']].flat().map(Object)
  const seen = await api.post(`/v1/ops/fraud-flags/${flag.id}/acknowledge`, {})
  const refused = await api.post(`/v1/wallets/${wallet}/spend`, { asset: GOLD, amount: 1 })

  expect(flag).toMatchObject({
    rule: 'LARGE_WITHDRAWAL',
    walletId: wallet,
    transactionIds: [transactionId],
    acknowledged: null,
  })
  expect(seen.body).toMatchObject({ id: flag.id, acknowledged: { by: 'operator:dev' } })
  expect([refused.status, refused.body['code']]).toEqual([409, 'WALLET_FROZEN'])
})

test('flags are filtered by rule and by time', async () => {
  const wallet = newWallet()
  await move('topup', wallet, 50_000)
  await move('withdraw', wallet, 10_000)
  await stream().stream.idle()
  const count = async (query: string) => {
    const { body } = await api.get(`/v1/ops/fraud-flags?walletId=${wallet}${query}`)
    return [body['items']].flat().length
  }

  expect(await count('&rule=LARGE_WITHDRAWAL')).toBe(1)
  expect(await count('&rule=RAPID_WITHDRAWALS')).toBe(0)
  expect(await count('&to=2020-01-01')).toBe(0)
  expect(await count('&from=2020-01-01')).toBe(1)
})

test('an asset is registered once for one key, and again for another', async () => {
  const code = `A${randomUUID().replaceAll('-', '').slice(0, 12).toUpperCase()}`
  const put = (name: string, key: string) =>
    api.send('PUT', `/v1/assets/${code}`, {
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ name, scale: 0 }),
    })
  const first = await put('One', code)
  await put('Two', `${code}-2`)

  const again = await put('One', code)
  const reused = await put('Three', code)

  expect(again.text).toBe(first.text)
  expect(again.headers.get('idempotency-replayed')).toBe('true')
  expect([reused.status, reused.body['code']]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
  expect((await api.get(`/v1/assets/${code}`)).body).toMatchObject({ name: 'Two' })
})

test('a webhook hears of everything that happened to a wallet, in its order', async () => {
  const wallet = newWallet()
  await move('topup', wallet, 50_000)
  await move('withdraw', wallet, 10_000)
  await stream().stream.idle()
  // The freeze is a change of its own, and comes by the stream like any other.
  await stream().stream.idle()
  await stream().events.webhooks?.idle()

  const about = received.filter(({ subject }) => subject === `wallets/${wallet}`)

  expect(about.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['transaction.posted', 'fraud.flagged', 'wallet.frozen']),
  )
  const posted = about.filter(({ type }) => type === 'transaction.posted')
  expect(posted.map(({ data }) => Object(data).type)).toEqual(['TOPUP', 'WITHDRAW'])
})
