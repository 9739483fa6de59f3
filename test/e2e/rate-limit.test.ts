import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { playerToken } from '../../local/issuer.ts'
import { newWallet, openStack, type StackApi } from '../support/api.ts'

/** So little that a slow machine cannot be slower: a player may write twice a second, and ten times at once. */
const FACTOR = 0.2
const FLOOD = 40

let api: StackApi

beforeAll(async () => {
  api = await openStack({ callerRateFactor: FACTOR })
})

afterAll(async () => {
  await api.stop()
})

test('a request beyond the limit moves nothing, and its key is still free', async () => {
  const wallet = newWallet()
  await api.post(`/v1/wallets/${wallet}/topup`, { asset: 'GOLD_COINS', amount: 100 })
  const token = await playerToken(api.stack.issuer, wallet)
  const spend = (key: string) =>
    api.send('POST', `/v1/wallets/${wallet}/spend`, {
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ asset: 'GOLD_COINS', amount: 1 }),
      token,
    })
  const keys = Array.from({ length: FLOOD }, () => randomUUID())

  const replies = await Promise.all(keys.map(spend))
  const refused = keys[replies.findIndex(({ status }) => status === 429)] ?? ''
  const { body } = await api.get(`/v1/wallets/${wallet}/balances/GOLD_COINS?consistent=true`)
  const spent = replies.filter(({ status }) => status === 201).length
  const retryAfter = replies.find(({ status }) => status === 429)?.headers.get('retry-after')
  await sleep(Number(retryAfter) * 1_000)
  const later = await spend(refused)

  expect(refused).not.toBe('')
  expect(body['available']).toBe(100 - spent)
  expect(later.status).toBe(201)
  expect(later.headers.get('idempotency-replayed')).toBeNull()
})
