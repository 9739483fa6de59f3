import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type * as z from 'zod'
import { holdAnswer, pageOf, transactionAnswer } from '../../lib/http/answer-schemas.ts'
import { type Api, newWallet, openApi, type Reply } from '../support/api.ts'

const GOLD = 'GOLD_COINS'
const UNKNOWN_ASSET = 'MOON_DUST'
const MAX = Number.MAX_SAFE_INTEGER
const NOBODYS_HOLD = `hold_${'0'.repeat(26)}`
const HOUR_MS = 3_600_000
const LONGEST_SECONDS = 2_592_000
const EXPIRY = { timeout: 10_000, interval: 50 }

let api: Api

beforeAll(async () => {
  api = await openApi()
})

afterAll(async () => {
  await api.stop()
})

/** All that is written down. */
async function ledger(): Promise<unknown> {
  return api.books.read()
}

async function topUp(wallet: string, amount: number): Promise<void> {
  await api.post(`/v1/wallets/${wallet}/topup`, { asset: GOLD, amount })
}

async function fundedWallet(amount: number): Promise<string> {
  const wallet = newWallet()
  await topUp(wallet, amount)
  return wallet
}

async function hold(wallet: string, fields: Record<string, unknown>): Promise<Reply> {
  return api.post(`/v1/wallets/${wallet}/holds`, { asset: GOLD, ...fields })
}

/** The path of a new hold. */
async function heldIn(wallet: string, amount: number, expiresInSeconds = 60): Promise<string> {
  const reply = await hold(wallet, { amount, expiresInSeconds })
  return `/v1/wallets/${wallet}/holds/${holdIdOf(reply)}`
}

function holdIdOf(reply: Reply): string {
  const { holdId } = transactionAnswer.parse(reply.body)
  if (holdId === undefined) throw new Error('this transaction is not of a hold')
  return holdId
}

async function getHold(path: string): Promise<z.output<typeof holdAnswer>> {
  const { body } = await api.get(`${path}?consistent=true`)
  return holdAnswer.parse(body)
}

async function getHolds(wallet: string, query: Record<string, string> = {}) {
  const { body } = await api.get(`/v1/wallets/${wallet}/holds?${new URLSearchParams(query)}`)
  return pageOf(holdAnswer).parse(body)
}

async function moneyOf(wallet: string): Promise<{ available: unknown; held: unknown }> {
  const { body } = await api.get(`/v1/wallets/${wallet}/balances/${GOLD}?consistent=true`)
  return { available: body['available'], held: body['held'] }
}

function balance(walletId: string, available: number, held: number, version: number) {
  return { walletId, asset: GOLD, available, held, version }
}

/** All that a transaction says, beside what a test knows of it. */
function transaction(facts: Record<string, unknown>) {
  return {
    id: expect.stringMatching(/^txn_[0-9a-v]{26}$/),
    reference: null,
    metadata: {},
    createdAt: expect.any(String),
    ...facts,
  }
}

function expectProblem(reply: Reply, status: number, code: string, members: object = {}): void {
  expect([reply.status, reply.body['code']]).toEqual([status, code])
  expect(reply.body).toMatchObject(members)
}

describe('a hold', () => {
  test('moves money from available to held, and its transaction names it', async () => {
    const alice = await fundedWallet(100)

    const reply = await hold(alice, { amount: 30, expiresInSeconds: 60 })

    const id = holdIdOf(reply)
    expect(reply.status).toBe(201)
    expect(reply.body).toEqual(
      transaction({
        type: 'HOLD',
        postings: [],
        balances: [balance(alice, 70, 30, 2)],
        holdId: id,
      }),
    )
    expect(await moneyOf(alice)).toEqual({ available: 70, held: 30 })
    expect(await getHold(`/v1/wallets/${alice}/holds/${id}`)).toEqual({
      id,
      walletId: alice,
      asset: GOLD,
      amount: 30,
      remaining: 30,
      state: 'OPEN',
      expiresAt: expect.any(String),
      transactionId: reply.body['id'],
      createdAt: expect.any(String),
    })
  })

  test('keeps its money from being spent', async () => {
    const alice = await fundedWallet(100)
    await hold(alice, { amount: 70 })
    const before = await ledger()

    const spend = await api.post(`/v1/wallets/${alice}/spend`, { asset: GOLD, amount: 31 })
    const secondHold = await hold(alice, { amount: 31 })

    for (const reply of [spend, secondHold]) {
      expectProblem(reply, 402, 'INSUFFICIENT_FUNDS', { available: 30, required: 31 })
    }
    expect(await ledger()).toEqual(before)
  })

  test('lasts for an hour, unless it says how long', async () => {
    const alice = await fundedWallet(100)

    const replies = [
      await hold(alice, { amount: 1 }),
      await hold(alice, { amount: 1, expiresInSeconds: 1 }),
      await hold(alice, { amount: 1, expiresInSeconds: LONGEST_SECONDS }),
    ]

    const holds = await Promise.all(
      replies.map((reply) => getHold(`/v1/wallets/${alice}/holds/${holdIdOf(reply)}`)),
    )
    expect(
      holds.map(({ expiresAt, createdAt }) => Date.parse(expiresAt) - Date.parse(createdAt)),
    ).toEqual([HOUR_MS, 1_000, LONGEST_SECONDS * 1_000])
  })

  test.each([
    { expiresInSeconds: 0 },
    { expiresInSeconds: -1 },
    { expiresInSeconds: LONGEST_SECONDS + 1 },
    { expiresInSeconds: 1.5 },
    { expiresInSeconds: '60' },
    { amount: 0 },
    { reference: 'table-7' },
  ])('with %o is refused', async (fields) => {
    const alice = await fundedWallet(100)
    const before = await ledger()

    const reply = await hold(alice, { amount: 1, ...fields })

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test('in a wallet that nobody has is refused', async () => {
    const before = await ledger()

    const reply = await hold(newWallet(), { amount: 1 })

    expectProblem(reply, 404, 'WALLET_NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })

  test('of an asset that is not registered is refused', async () => {
    const alice = await fundedWallet(100)
    const before = await ledger()

    const reply = await hold(alice, { amount: 1, asset: UNKNOWN_ASSET })

    expectProblem(reply, 404, 'ASSET_NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })

  test('can take all that is held to 2^53-1', async () => {
    const alice = await fundedWallet(MAX)

    const { status } = await hold(alice, { amount: MAX })

    expect(status).toBe(201)
    expect(await moneyOf(alice)).toEqual({ available: 0, held: MAX })
  })

  test('leaves no room for more than could be given back', async () => {
    const alice = await fundedWallet(MAX)
    await hold(alice, { amount: MAX })
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${alice}/topup`, { asset: GOLD, amount: 1 })

    expectProblem(reply, 409, 'BALANCE_LIMIT')
    expect(await ledger()).toEqual(before)
  })
})

describe('a capture', () => {
  test('takes all that was held, and ends the hold', async () => {
    const alice = await fundedWallet(100)
    const held = await heldIn(alice, 30)

    const { status, body } = await api.post(`${held}/capture`, {})

    expect(status).toBe(201)
    expect(body).toEqual(
      transaction({
        type: 'CAPTURE',
        postings: [{ from: alice, to: '@treasury', asset: GOLD, amount: 30 }],
        balances: [balance(alice, 70, 0, 3)],
        holdId: held.split('/').at(-1),
      }),
    )
    expect(await moneyOf(alice)).toEqual({ available: 70, held: 0 })
    expect(await getHold(held)).toMatchObject({ state: 'CAPTURED', amount: 30, remaining: 0 })
  })

  test('can be partial, again and again: the rest stays held', async () => {
    const alice = await fundedWallet(100)
    const held = await heldIn(alice, 30)

    const first = await api.post(`${held}/capture`, { amount: 10 })
    const afterFirst = await getHold(held)
    const second = await api.post(`${held}/capture`, { amount: 5 })
    const afterSecond = await getHold(held)
    const last = await api.post(`${held}/capture`, {})
    const afterLast = await getHold(held)

    expect([first, second, last].map(({ body }) => body['balances'])).toEqual([
      [balance(alice, 70, 20, 3)],
      [balance(alice, 70, 15, 4)],
      [balance(alice, 70, 0, 5)],
    ])
    expect(afterFirst).toMatchObject({ state: 'OPEN', amount: 30, remaining: 20 })
    expect(afterSecond).toMatchObject({ state: 'OPEN', amount: 30, remaining: 15 })
    expect(afterLast).toMatchObject({ state: 'CAPTURED', amount: 30, remaining: 0 })
  })

  test('can pay another wallet, even one that is new', async () => {
    const [alice, bob] = [await fundedWallet(100), newWallet()]
    const held = await heldIn(alice, 30)

    const { status, body } = await api.post(`${held}/capture`, { amount: 25, to: bob })

    expect(status).toBe(201)
    expect(body).toMatchObject({
      type: 'CAPTURE',
      postings: [{ from: alice, to: bob, asset: GOLD, amount: 25 }],
      balances: [balance(alice, 70, 5, 3), balance(bob, 25, 0, 1)],
    })
    expect(await moneyOf(bob)).toEqual({ available: 25, held: 0 })
  })

  test('can be reversed: the money is available again, and the hold stays captured', async () => {
    const alice = await fundedWallet(100)
    const held = await heldIn(alice, 30)
    const captured = await api.post(`${held}/capture`, {})

    const { status, body } = await api.post(`/v1/transactions/${captured.body['id']}/reverse`, {})

    expect(status).toBe(201)
    expect(body).toMatchObject({ type: 'REVERSE', balances: [balance(alice, 100, 0, 4)] })
    expect(await getHold(held)).toMatchObject({ state: 'CAPTURED', remaining: 0 })
  })

  test('of more than remains says what remains and what it takes', async () => {
    const alice = await fundedWallet(100)
    const held = await heldIn(alice, 30)
    await api.post(`${held}/capture`, { amount: 10 })
    const before = await ledger()

    const reply = await api.post(`${held}/capture`, { amount: 21 })

    expectProblem(reply, 402, 'INSUFFICIENT_FUNDS', { available: 20, required: 21 })
    expect(await ledger()).toEqual(before)
  })

  test('to the wallet that it comes from is refused', async () => {
    const alice = await fundedWallet(100)
    const held = await heldIn(alice, 30)
    const before = await ledger()

    const reply = await api.post(`${held}/capture`, { to: alice })

    expectProblem(reply, 409, 'SAME_WALLET')
    expect(await ledger()).toEqual(before)
  })

  test('that would take the receiver past 2^53-1 is refused', async () => {
    const [alice, bob] = [await fundedWallet(100), await fundedWallet(MAX)]
    const held = await heldIn(alice, 30)
    const before = await ledger()

    const reply = await api.post(`${held}/capture`, { to: bob })

    expectProblem(reply, 409, 'BALANCE_LIMIT')
    expect(await ledger()).toEqual(before)
  })

  test.each([{ amount: 0 }, { amount: 1.5 }, { to: '@treasury' }, { reference: 'table-7' }])(
    'with %o is refused',
    async (body) => {
      const alice = await fundedWallet(100)
      const held = await heldIn(alice, 30)
      const before = await ledger()

      const reply = await api.post(`${held}/capture`, body)

      expectProblem(reply, 400, 'INVALID_REQUEST')
      expect(await ledger()).toEqual(before)
    },
  )
})

describe('a void', () => {
  test('gives back all that was held', async () => {
    const alice = await fundedWallet(100)
    const held = await heldIn(alice, 30)

    const { status, body } = await api.post(`${held}/void`, {})

    expect(status).toBe(201)
    expect(body).toEqual(
      transaction({
        type: 'VOID',
        postings: [],
        balances: [balance(alice, 100, 0, 3)],
        holdId: held.split('/').at(-1),
      }),
    )
    expect(await moneyOf(alice)).toEqual({ available: 100, held: 0 })
    expect(await getHold(held)).toMatchObject({ state: 'VOIDED', amount: 30, remaining: 0 })
  })

  test('gives back what captures left', async () => {
    const alice = await fundedWallet(100)
    const held = await heldIn(alice, 30)
    await api.post(`${held}/capture`, { amount: 10 })

    const { status, body } = await api.post(`${held}/void`, {})

    expect(status).toBe(201)
    expect(body['balances']).toEqual([balance(alice, 90, 0, 4)])
    expect(await getHold(held)).toMatchObject({ state: 'VOIDED', amount: 30, remaining: 0 })
  })

  test('takes no fields', async () => {
    const alice = await fundedWallet(100)
    const held = await heldIn(alice, 30)
    const before = await ledger()

    const reply = await api.post(`${held}/void`, { amount: 10 })

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })
})

describe('a hold that is over', () => {
  test.each([
    { how: 'captured', end: 'capture', next: 'capture' },
    { how: 'captured', end: 'capture', next: 'void' },
    { how: 'voided', end: 'void', next: 'capture' },
    { how: 'voided', end: 'void', next: 'void' },
  ])('because it was $how takes no $next', async ({ end, next }) => {
    const alice = await fundedWallet(100)
    const held = await heldIn(alice, 30)
    await api.post(`${held}/${end}`, {})
    const before = await ledger()

    const reply = await api.post(`${held}/${next}`, {})

    expectProblem(reply, 409, 'HOLD_CLOSED')
    expect(await ledger()).toEqual(before)
  })

  test('because its time is, is EXPIRED before any sweep, and takes no capture and no void', async () => {
    const alice = await fundedWallet(100)
    const held = await heldIn(alice, 30, 1)
    await vi.waitFor(async () => expect((await getHold(held)).state).toBe('EXPIRED'), EXPIRY)
    const before = await ledger()

    const capture = await api.post(`${held}/capture`, {})
    const release = await api.post(`${held}/void`, {})
    const listed = await getHolds(alice)

    expectProblem(capture, 409, 'HOLD_EXPIRED')
    expectProblem(release, 409, 'HOLD_EXPIRED')
    expect(listed.items).toMatchObject([{ state: 'EXPIRED', amount: 30, remaining: 30 }])
    expect(await moneyOf(alice)).toEqual({ available: 70, held: 30 })
    expect(await ledger()).toEqual(before)
  })
})

describe('a hold that is not there', () => {
  test.each(['capture', 'void'])('takes no %s', async (verb) => {
    const alice = await fundedWallet(100)
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${alice}/holds/${NOBODYS_HOLD}/${verb}`, {})

    expectProblem(reply, 404, 'HOLD_NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })

  test.each(['capture', 'void'])('because it is of another wallet takes no %s', async (verb) => {
    const [alice, bob] = [await fundedWallet(100), await fundedWallet(100)]
    const held = await heldIn(alice, 30)
    const before = await ledger()

    const reply = await api.post(`${held.replace(alice, bob)}/${verb}`, {})

    expectProblem(reply, 404, 'HOLD_NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })

  test('is not shown, and another wallet does not show its hold', async () => {
    const [alice, bob] = [await fundedWallet(100), await fundedWallet(100)]
    const held = await heldIn(alice, 30)

    const nobodys = await api.get(`/v1/wallets/${alice}/holds/${NOBODYS_HOLD}`)
    const anothers = await api.get(held.replace(alice, bob))

    expectProblem(nobodys, 404, 'HOLD_NOT_FOUND')
    expectProblem(anothers, 404, 'HOLD_NOT_FOUND')
  })

  test('has an id of the form of a hold, or its request is not valid', async () => {
    const alice = await fundedWallet(100)
    const path = `/v1/wallets/${alice}/holds/hold_1`

    const replies = [
      await api.get(path),
      await api.post(`${path}/capture`, {}),
      await api.post(`${path}/void`, {}),
    ]

    for (const reply of replies) expectProblem(reply, 400, 'INVALID_REQUEST')
  })
})

describe('the holds of a wallet', () => {
  test('come newest first, open and past', async () => {
    const alice = await fundedWallet(100)
    const captured = await heldIn(alice, 1)
    const voided = await heldIn(alice, 2)
    await heldIn(alice, 3)
    await api.post(`${captured}/capture`, {})
    await api.post(`${voided}/void`, {})

    const { items, nextCursor } = await getHolds(alice)

    expect(items).toMatchObject([
      { amount: 3, state: 'OPEN', remaining: 3 },
      { amount: 2, state: 'VOIDED', remaining: 0 },
      { amount: 1, state: 'CAPTURED', remaining: 0 },
    ])
    expect(nextCursor).toBeNull()
  })

  test('come in pages, each exactly once, however much else happened between them', async () => {
    const alice = await fundedWallet(100)
    for (const amount of [1, 2, 3]) {
      await heldIn(alice, amount)
      for (let topUps = 0; topUps < 12; topUps += 1) await topUp(alice, 1)
    }

    const amounts: number[] = []
    let cursor: string | null = ''
    for (let pages = 0; cursor !== null && pages < 50; pages += 1) {
      const page = await getHolds(alice, { limit: '1', ...(cursor && { cursor }) })
      expect(page.items.length).toBeLessThanOrEqual(1)
      amounts.push(...page.items.map(({ amount }) => amount))
      cursor = page.nextCursor
    }

    expect(cursor).toBeNull()
    expect(amounts).toEqual([3, 2, 1])
  })

  test('are none in a wallet that never held any, and not found without the wallet', async () => {
    const [alice, nobody] = [await fundedWallet(100), newWallet()]

    const none = await getHolds(alice)
    const missing = await api.get(`/v1/wallets/${nobody}/holds`)

    expect(none).toEqual({ items: [], nextCursor: null })
    expectProblem(missing, 404, 'WALLET_NOT_FOUND')
  })

  test.each([
    { query: 'limit=0', code: 'INVALID_REQUEST' },
    { query: 'limit=101', code: 'INVALID_REQUEST' },
    { query: 'state=OPEN', code: 'INVALID_REQUEST' },
    { query: 'cursor=abc', code: 'INVALID_CURSOR' },
  ])('are not shown for $query', async ({ query, code }) => {
    const alice = await fundedWallet(100)

    const reply = await api.get(`/v1/wallets/${alice}/holds?${query}`)

    expectProblem(reply, 400, code)
  })
})

interface Asked {
  readonly path: string
  readonly body: object
  /** Another request, with which the key may not be used again. */
  readonly other: { readonly path: string; readonly body: object }
}

const KEYED: { readonly verb: string; readonly ask: () => Promise<Asked> }[] = [
  {
    verb: 'a hold',
    async ask() {
      const path = `/v1/wallets/${await fundedWallet(100)}/holds`
      const body = { asset: GOLD, amount: 100, expiresInSeconds: 60 }
      return { path, body, other: { path, body: { ...body, expiresInSeconds: 61 } } }
    },
  },
  {
    verb: 'a capture',
    async ask() {
      const path = `${await heldIn(await fundedWallet(100), 100)}/capture`
      return { path, body: {}, other: { path, body: { amount: 99 } } }
    },
  },
  {
    verb: 'a void',
    async ask() {
      const alice = await fundedWallet(100)
      const [path, otherPath] = [await heldIn(alice, 60), await heldIn(alice, 40)]
      return { path: `${path}/void`, body: {}, other: { path: `${otherPath}/void`, body: {} } }
    },
  },
]

describe.each(KEYED)('the key of $verb', ({ ask }) => {
  test('gives the same answer again, and moves nothing again', async () => {
    const { path, body } = await ask()
    const key = randomUUID()
    const first = await api.post(path, body, key)
    const before = await ledger()

    const again = await api.post(path, body, key)

    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.text).toBe(first.text)
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await ledger()).toEqual(before)
  })

  test('is refused with another request', async () => {
    const { path, body, other } = await ask()
    const key = randomUUID()
    await api.post(path, body, key)
    const before = await ledger()

    const reused = await api.post(other.path, other.body, key)

    expectProblem(reused, 422, 'IDEMPOTENCY_KEY_REUSED')
    expect(await ledger()).toEqual(before)
  })

  test('is required', async () => {
    const { path, body } = await ask()
    const before = await ledger()

    const reply = await api.send('POST', path, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

    expectProblem(reply, 400, 'IDEMPOTENCY_KEY_REQUIRED')
    expect(await ledger()).toEqual(before)
  })
})

test('after all of that, the ledger keeps every invariant', async () => {
  const { entries, faults } = await api.books.check()

  expect(entries).toBeGreaterThan(20)
  expect(faults).toEqual([])
})
