import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newWallet, openStack, type StackApi } from '../support/api.ts'

const GOLD = 'GOLD_COINS'

let api: StackApi
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
  api = await openStack({ webhookUrl: `http://localhost:${port}/hook`, autoFreeze: true })
})

afterAll(async () => {
  await api.stop()
  receiver.close()
})

async function move(verb: string, wallet: string, amount: number, more = {}) {
  const reply = await api.post(`/v1/wallets/${wallet}/${verb}`, { asset: GOLD, amount, ...more })
  expect(reply.status).toBe(201)
  return String(reply.body['id'])
}

test('a wallet that is flagged freezes, where that is wanted', async () => {
  const wallet = newWallet()
  await move('topup', wallet, 50_000)
  await move('withdraw', wallet, 10_000)
  await api.stack.stream.idle()

  const refused = await api.post(`/v1/wallets/${wallet}/spend`, { asset: GOLD, amount: 1 })

  expect([refused.status, refused.body['code']]).toEqual([409, 'WALLET_FROZEN'])
})

test('a webhook hears of everything that happened to a wallet, in its order', async () => {
  const wallet = newWallet()
  await move('topup', wallet, 50_000)
  await move('withdraw', wallet, 10_000)
  await api.stack.stream.idle()
  // The freeze is a change of its own, and comes by the stream like any other.
  await api.stack.stream.idle()
  await api.stack.events.webhooks?.idle()

  const about = received.filter(({ subject }) => subject === `wallets/${wallet}`)

  expect(about.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['transaction.posted', 'fraud.flagged', 'wallet.frozen']),
  )
  const posted = about.filter(({ type }) => type === 'transaction.posted')
  expect(posted.map(({ data }) => Object(data).type)).toEqual(['TOPUP', 'WITHDRAW'])
})
