import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type * as z from 'zod'
import { findViolations } from '../../lib/audit/invariants.ts'
import { historyPageOf, transactionAnswer } from '../../lib/http/answer-schemas.ts'
import { newWallet, openStack, type Reply, type StackApi } from '../support/api.ts'
import { readContents } from '../support/ledger.ts'

const GOLD = 'GOLD_COINS'
const SWEEP_EVERY_MS = 200
/** Long enough for one more request before it is over. */
const LONGER = { expiresInSeconds: 3 }
const SWEPT = { timeout: 15_000, interval: 50 }

let api: StackApi

beforeAll(async () => {
  api = await openStack({ sweepEveryMs: SWEEP_EVERY_MS })
})

afterAll(async () => {
  await api.stop()
})

async function fundedWallet(amount: number): Promise<string> {
  const wallet = newWallet()
  await api.post(`/v1/wallets/${wallet}/topup`, { asset: GOLD, amount })
  return wallet
}

async function hold(
  wallet: string,
  amount: number,
  { expiresInSeconds = 1, key = randomUUID() }: { expiresInSeconds?: number; key?: string } = {},
): Promise<Reply> {
  const body = { asset: GOLD, amount, expiresInSeconds }
  return api.post(`/v1/wallets/${wallet}/holds`, body, key)
}

function pathOf(wallet: string, holding: Reply): string {
  return `/v1/wallets/${wallet}/holds/${holding.body['holdId']}`
}

async function moneyOf(wallet: string): Promise<{ available: unknown; held: unknown }> {
  const { body } = await api.get(`/v1/wallets/${wallet}/balances/${GOLD}?consistent=true`)
  return { available: body['available'], held: body['held'] }
}

async function untilNothingIsHeld(wallet: string): Promise<void> {
  await vi.waitFor(async () => expect(await moneyOf(wallet)).toMatchObject({ held: 0 }), SWEPT)
}

async function transactionsOf(
  wallet: string,
  type: string,
): Promise<z.output<typeof transactionAnswer>[]> {
  const { body } = await api.get(
    `/v1/wallets/${wallet}/transactions?type=${type}&limit=100&consistent=true`,
  )
  return historyPageOf(transactionAnswer).parse(body).items
}

// All at once, because each of them waits for the time of a hold to be over.
describe.concurrent('the sweeper', () => {
  test('gives back what a hold kept whose time is over', async () => {
    const alice = await fundedWallet(100)
    const held = await hold(alice, 30)

    await untilNothingIsHeld(alice)

    expect(await moneyOf(alice)).toEqual({ available: 100, held: 0 })
    const shown = await api.get(`${pathOf(alice, held)}?consistent=true`)
    expect(shown.body).toMatchObject({ state: 'EXPIRED', amount: 30, remaining: 0 })
    expect(await transactionsOf(alice, 'EXPIRE')).toMatchObject([
      {
        type: 'EXPIRE',
        postings: [],
        balances: [{ walletId: alice, asset: GOLD, available: 100, held: 0, version: 3 }],
        holdId: held.body['holdId'],
      },
    ])
  })

  test('gives back only what captures left', async () => {
    const alice = await fundedWallet(100)
    const held = await hold(alice, 30, LONGER)
    await api.post(`${pathOf(alice, held)}/capture`, { amount: 10 })

    await untilNothingIsHeld(alice)

    expect(await moneyOf(alice)).toEqual({ available: 90, held: 0 })
    const shown = await api.get(`${pathOf(alice, held)}?consistent=true`)
    expect(shown.body).toMatchObject({ state: 'EXPIRED', amount: 30, remaining: 0 })
  })

  test('releases each of many holds once', async () => {
    const alice = await fundedWallet(100)
    const held = await Promise.all(Array.from({ length: 10 }, () => hold(alice, 5)))

    await untilNothingIsHeld(alice)

    const expired = await transactionsOf(alice, 'EXPIRE')
    expect(await moneyOf(alice)).toEqual({ available: 100, held: 0 })
    expect(expired).toHaveLength(held.length)
    expect(new Set(expired.map(({ holdId }) => holdId))).toEqual(
      new Set(held.map(({ body }) => body['holdId'])),
    )
  })

  test('gives money back to a frozen wallet, too', async () => {
    const alice = await fundedWallet(100)
    await hold(alice, 30, LONGER)
    await api.send('POST', `/v1/wallets/${alice}/freeze`)

    await untilNothingIsHeld(alice)

    expect(await moneyOf(alice)).toEqual({ available: 100, held: 0 })
  })

  test('leaves a hold that takes no capture and no void, and whose key still answers', async () => {
    const alice = await fundedWallet(100)
    const key = randomUUID()
    const held = await hold(alice, 30, { key })
    await untilNothingIsHeld(alice)

    const capture = await api.post(`${pathOf(alice, held)}/capture`, {})
    const release = await api.post(`${pathOf(alice, held)}/void`, {})
    const again = await hold(alice, 30, { key })

    for (const { status, body } of [capture, release]) {
      expect(status).toBe(409)
      expect(body['code']).toMatch(/^HOLD_(?:CLOSED|EXPIRED)$/)
    }
    expect(again.text).toBe(held.text)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await moneyOf(alice)).toEqual({ available: 100, held: 0 })
  })

  test('does what cannot be reversed', async () => {
    const alice = await fundedWallet(100)
    await hold(alice, 30)
    await untilNothingIsHeld(alice)
    const [expired] = await transactionsOf(alice, 'EXPIRE')

    const { status, body } = await api.post(`/v1/transactions/${expired?.id}/reverse`, {})

    expect([status, body['code']]).toEqual([400, 'INVALID_REQUEST'])
    expect(await moneyOf(alice)).toEqual({ available: 100, held: 0 })
  })
})

test('after all of that, the ledger keeps every invariant', async () => {
  const contents = await readContents(api.stack.dynamoDb.client, api.stack.tableName)

  expect(contents.holds.length).toBe(15)
  expect(findViolations(contents)).toEqual([])
})
