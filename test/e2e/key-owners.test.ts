import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { newWallet, openStack, type StackApi } from '../support/api.ts'
import { createTestKey, revokeTestKey } from '../support/forgeries.ts'
import { type RawReply, type SigningKey, sendRaw, sign } from '../support/sign.ts'

/** Idempotency keys belong to the owner of an API key, so a key can be replaced by one with another name. */

const GOLD = 'GOLD_COINS'
const BOUGHT = 500

let api: StackApi
let shop: SigningKey
/** Another key of the shop. */
let shop2: SigningKey
let otherShop: SigningKey
let wallet: string
let idempotencyKey: string

beforeAll(async () => {
  api = await openStack()
})

afterAll(async () => {
  await api.stop()
})

beforeEach(() => {
  const suffix = randomUUID()
  const owner = `shop-${suffix}`
  shop = createTestKey(api.stack, owner)
  shop2 = createTestKey(api.stack, `shop2-${suffix}`, owner)
  otherShop = createTestKey(api.stack, `other-${suffix}`)
  wallet = newWallet()
  idempotencyKey = randomUUID()
})

/** The same purchase each time, but for the key that signs it. */
async function purchase(key: SigningKey): Promise<RawReply> {
  const request = {
    method: 'POST',
    target: `/v1/wallets/${wallet}/topup`,
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body: JSON.stringify({ asset: GOLD, amount: BOUGHT }),
  }
  return sendRaw(api.url, await sign(request, key))
}

async function goldOf(walletId: string): Promise<unknown> {
  const { body } = await api.get(`/v1/wallets/${walletId}/balances/${GOLD}?consistent=true`)
  return body['available']
}

const isReplay = ({ headers }: RawReply) => headers['idempotency-replayed'] === 'true'

test('a purchase is paid once when it is retried with another key of the same owner', async () => {
  const original = await purchase(shop)

  const retry = await purchase(shop2)

  expect([original.status, retry.status]).toEqual([201, 201])
  expect([isReplay(original), isReplay(retry)]).toEqual([false, true])
  expect(retry.text).toBe(original.text)
  expect(await goldOf(wallet)).toBe(BOUGHT)
})

test('a purchase is paid once when two keys of the same owner send it at the same time', async () => {
  const replies = await Promise.all(
    Array.from({ length: 10 }, (_, index) => purchase(index % 2 === 0 ? shop : shop2)),
  )

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
  expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
  expect(await goldOf(wallet)).toBe(BOUGHT)
})

test('a purchase is paid twice when keys of two owners send it', async () => {
  await purchase(shop)

  const separate = await purchase(otherShop)

  expect([separate.status, isReplay(separate)]).toEqual([201, false])
  expect(await goldOf(wallet)).toBe(2 * BOUGHT)
})

test('a purchase is paid once when its key is revoked before the retry', async () => {
  const original = await purchase(shop)
  revokeTestKey(api.stack, shop)

  const refused = await purchase(shop)
  const retry = await purchase(shop2)

  expect(refused.status).toBe(401)
  expect([retry.text, isReplay(retry)]).toEqual([original.text, true])
  expect(await goldOf(wallet)).toBe(BOUGHT)
})
