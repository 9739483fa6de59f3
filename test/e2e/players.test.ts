import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { operatorToken, playerToken } from '../../local/issuer.ts'
import type { Stack } from '../../local/stack.ts'
import { newWallet, openStack, type StackApi } from '../support/api.ts'
import { makeTestKeys, type TestKeys, withToken } from '../support/forgeries.ts'
import { scanItems } from '../support/ledger.ts'
import { type RawReply, type RawRequest, type SigningKey, sendRaw, sign } from '../support/sign.ts'

/** What players may do to each other, and what they may hear of each other: next to nothing. */

const GOLD = 'GOLD_COINS'
/** Numbers that are nowhere else, so that an answer that has them got them from the wallet. */
const ALICE_HAS = 41_107
const BOB_HAS = 77_213
const MOST = Number.MAX_SAFE_INTEGER

let api: StackApi
let stack: Stack
let keys: TestKeys
/** A wallet whose name is the name of a server's key and of an operator, too. */
const namesake = newWallet()
let alice: string
let bob: string

beforeAll(async () => {
  api = await openStack()
  stack = api.stack
  keys = makeTestKeys(stack, namesake)
})

afterAll(async () => {
  await api.stop()
})

beforeEach(async () => {
  alice = newWallet()
  bob = newWallet()
  await fund(alice, ALICE_HAS)
  await fund(bob, BOB_HAS)
})

async function fund(wallet: string, amount: number): Promise<void> {
  await api.post(`/v1/wallets/${wallet}/topup`, { asset: GOLD, amount })
}

function unsigned(method: string, target: string, body?: object, key?: string): RawRequest {
  return {
    method,
    target,
    headers: {
      ...(method === 'POST' && { 'idempotency-key': key ?? randomUUID() }),
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body ? JSON.stringify(body) : '',
  }
}

async function asPlayer(wallet: string, request: RawRequest): Promise<RawReply> {
  return sendRaw(api.url, withToken(request, await playerToken(stack.issuer, wallet)))
}

async function asServer(key: SigningKey, request: RawRequest): Promise<RawReply> {
  return sendRaw(api.url, await sign(request, key))
}

const get = (target: string) => unsigned('GET', target)
const post = (target: string, body: object, key?: string) => unsigned('POST', target, body, key)
const outcome = ({ status, body }: RawReply) =>
  status < 400 ? String(status) : `${status} ${body['code']}`

async function ledger() {
  return scanItems(stack.dynamoDb.client, stack.tableName)
}

async function goldOf(wallet: string): Promise<unknown> {
  const { body } = await api.get(`/v1/wallets/${wallet}/balances/${GOLD}?consistent=true`)
  return body['available']
}

describe('of another player, a player hears nothing but the name', () => {
  test('in the answer to a transfer', async () => {
    const body = { to: bob, asset: GOLD, amount: 7 }

    const reply = await asPlayer(alice, post(`/v1/wallets/${alice}/transfer`, body))

    expect(reply.status).toBe(201)
    expect(reply.body).toMatchObject({
      postings: [{ from: alice, to: bob, amount: 7 }],
      balances: [{ walletId: alice, available: ALICE_HAS - 7 }],
    })
    expect(reply.body['balances']).toHaveLength(1)
    expect(reply.text).not.toContain(String(BOB_HAS + 7))
  })

  test('in the answer to that transfer again, and in the list that has it', async () => {
    const body = { to: bob, asset: GOLD, amount: 7 }
    const request = post(`/v1/wallets/${alice}/transfer`, body)
    await asPlayer(alice, request)

    const replies = await Promise.all([
      asPlayer(alice, request),
      asPlayer(alice, get(`/v1/wallets/${alice}/transactions`)),
      asPlayer(alice, get(`/v1/wallets/${alice}/ledger`)),
    ])

    expect(replies.map(({ status }) => status)).toEqual([201, 200, 200])
    for (const { text } of replies) expect(text).not.toContain(String(BOB_HAS + 7))
  })

  test('when there is not enough for a transfer', async () => {
    const body = { to: bob, asset: GOLD, amount: ALICE_HAS + 1 }

    const reply = await asPlayer(alice, post(`/v1/wallets/${alice}/transfer`, body))

    expect(outcome(reply)).toBe('402 INSUFFICIENT_FUNDS')
    expect(reply.body).toMatchObject({ available: ALICE_HAS, required: ALICE_HAS + 1 })
    expect(reply.text).not.toContain(String(BOB_HAS))
  })

  test('by a transfer of more than there is, whatever the other has or is', async () => {
    const [rich, closed, nobody] = [newWallet(), newWallet(), newWallet()]
    await fund(rich, MOST)
    await fund(closed, 1)
    await api.post(`/v1/wallets/${closed}/spend`, { asset: GOLD, amount: 1 })
    await api.post(`/v1/wallets/${closed}/close`, {})

    const replies = await Promise.all(
      [bob, rich, closed, nobody].map((to) =>
        asPlayer(alice, post(`/v1/wallets/${alice}/transfer`, { to, asset: GOLD, amount: MOST })),
      ),
    )

    const answers = replies.map(({ body: { requestId: _, ...rest } }) => rest)
    expect(answers.map(({ code }) => code)).toEqual(Array(4).fill('INSUFFICIENT_FUNDS'))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  test('when the other wallet is too full to be paid', async () => {
    const rich = newWallet()
    await fund(rich, MOST - 1)

    const body = { to: rich, asset: GOLD, amount: ALICE_HAS }
    const reply = await asPlayer(alice, post(`/v1/wallets/${alice}/transfer`, body))

    expect(outcome(reply)).toBe('409 BALANCE_LIMIT')
    expect(reply.text).not.toContain(String(MOST - 1))
    expect(reply.body).not.toHaveProperty('available')
  })

  test('when one transaction of the house pays both of them', async () => {
    const postings = [
      { from: '@season-7', to: alice, asset: GOLD, amount: 3 },
      { from: '@season-7', to: bob, asset: GOLD, amount: 90_001 },
    ]
    await api.post('/v1/transactions', { postings })

    const replies = await Promise.all([
      asPlayer(alice, get(`/v1/wallets/${alice}/transactions`)),
      asPlayer(alice, get(`/v1/wallets/${alice}/ledger`)),
    ])

    for (const { status, text } of replies) {
      expect(status).toBe(200)
      expect(text).not.toContain(bob)
      expect(text).not.toContain('90001')
      expect(text).not.toContain(String(BOB_HAS + 90_001))
    }
  })

  test('when a hold of the one is captured for the other', async () => {
    const hold = await asPlayer(
      alice,
      post(`/v1/wallets/${alice}/holds`, { asset: GOLD, amount: 9 }),
    )
    const holdId = String(hold.body['holdId'])
    const captured = await api.post(`/v1/wallets/${alice}/holds/${holdId}/capture`, { to: bob })

    const replies = await Promise.all([
      asPlayer(bob, get(`/v1/wallets/${bob}/transactions`)),
      asPlayer(bob, get(`/v1/wallets/${bob}/ledger`)),
      asPlayer(bob, get(`/v1/wallets/${bob}/holds/${holdId}`)),
    ])

    expect(captured.status).toBe(201)
    expect(replies.map(outcome)).toEqual(['200', '200', '404 HOLD_NOT_FOUND'])
    for (const { text } of replies.slice(0, 2)) {
      expect(text).not.toContain(holdId)
      expect(text).not.toContain(String(ALICE_HAS - 9))
    }
  })

  test('whether a wallet exists, by asking for it', async () => {
    const targets = [bob, newWallet()].flatMap((wallet) => [
      `/v1/wallets/${wallet}`,
      `/v1/wallets/${wallet}/balances/${GOLD}`,
      `/v1/wallets/${wallet}/balances/not-an-asset`,
      `/v1/wallets/${wallet}/transactions?limit=never`,
      `/v1/wallets/${wallet}/holds/not-a-hold`,
    ])

    const replies = await Promise.all(targets.map((target) => asPlayer(alice, get(target))))

    expect(new Set(replies.map(outcome))).toEqual(new Set(['403 FORBIDDEN']))
    expect(new Set(replies.map(({ body }) => body['detail'])).size).toBe(1)
  })

  test('whether it changed, by its ETag', async () => {
    const request = get(`/v1/wallets/${bob}`)
    const { headers } = await asPlayer(bob, request)
    const tags = [String(headers.etag), '*']

    const replies = await Promise.all(
      tags.map((tag) => asPlayer(alice, { ...request, headers: { 'if-none-match': tag } })),
    )

    expect(replies.map(outcome)).toEqual(['403 FORBIDDEN', '403 FORBIDDEN'])
  })

  test('by a cursor that is the other one’s', async () => {
    await fund(bob, 1)
    const page = await asPlayer(bob, get(`/v1/wallets/${bob}/transactions?limit=1`))
    const cursor = String(page.body['nextCursor'])

    const reply = await asPlayer(
      alice,
      get(`/v1/wallets/${alice}/transactions?limit=1&cursor=${cursor}`),
    )

    expect(outcome(reply)).toBe('400 INVALID_CURSOR')
  })
})

describe('a server that may debit and may not read', () => {
  test('hears no balance when it spends', async () => {
    const body = { asset: GOLD, amount: 7 }
    const debits = keys.byScope['wallet:debit']

    const reply = await asServer(debits, post(`/v1/wallets/${alice}/spend`, body))

    expect(reply.status).toBe(201)
    expect(reply.body['balances']).toEqual([])
    expect(reply.text).not.toContain(String(ALICE_HAS - 7))
  })

  test('hears no balance when there is not enough', async () => {
    const body = { asset: GOLD, amount: ALICE_HAS + 1 }
    const debits = keys.byScope['wallet:debit']

    const reply = await asServer(debits, post(`/v1/wallets/${alice}/spend`, body))

    expect(outcome(reply)).toBe('402 INSUFFICIENT_FUNDS')
    expect(reply.body).not.toHaveProperty('available')
    expect(reply.text.replaceAll(String(ALICE_HAS + 1), '')).not.toContain(String(ALICE_HAS))
  })
})

describe('an idempotency key belongs to whoever sent it', () => {
  test('one key of a player, an operator and a server of one name is three movements', async () => {
    const key = randomUUID()
    const target = `/v1/wallets/${namesake}/spend`
    const request = post(target, { asset: GOLD, amount: 1 }, key)
    await fund(namesake, 100)
    const operator = await operatorToken(stack.issuer, namesake)

    const replies = [
      await asPlayer(namesake, request),
      await sendRaw(api.url, withToken(request, operator)),
      await asServer(keys.namesake, request),
    ]

    expect(replies.map(outcome)).toEqual(Array(3).fill('201'))
    expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(3)
    expect(replies.filter(({ headers }) => headers['idempotency-replayed'])).toEqual([])
    expect(await goldOf(namesake)).toBe(97)
  })

  test('one key of two servers is two movements', async () => {
    const request = post(`/v1/wallets/${alice}/spend`, { asset: GOLD, amount: 1 })

    const replies = [await asServer(keys.all, request), await asServer(keys.other, request)]

    expect(replies.map(outcome)).toEqual(['201', '201'])
    expect(replies[0]?.body['id']).not.toBe(replies[1]?.body['id'])
    expect(await goldOf(alice)).toBe(ALICE_HAS - 2)
  })

  test('the same request of another player is refused, and no replay', async () => {
    const request = post(`/v1/wallets/${alice}/spend`, { asset: GOLD, amount: 5 })
    const original = await asPlayer(alice, request)

    const replayed = await asPlayer(bob, request)

    expect(original.status).toBe(201)
    expect(outcome(replayed)).toBe('403 FORBIDDEN')
    expect(replayed.text).not.toContain(String(original.body['id']))
  })

  test('the same key and body of another player, on the own wallet, is a movement of its own', async () => {
    const [key, body] = [randomUUID(), { asset: GOLD, amount: 5 }]
    const original = await asPlayer(alice, post(`/v1/wallets/${alice}/spend`, body, key))

    const other = await asPlayer(bob, post(`/v1/wallets/${bob}/spend`, body, key))

    expect(outcome(other)).toBe('201')
    expect(other.headers).not.toHaveProperty('idempotency-replayed')
    expect(other.body['id']).not.toBe(original.body['id'])
    expect([await goldOf(alice), await goldOf(bob)]).toEqual([ALICE_HAS - 5, BOB_HAS - 5])
  })

  test('a token that is renewed is still the same caller', async () => {
    const request = post(`/v1/wallets/${alice}/spend`, { asset: GOLD, amount: 5 })
    const original = await asPlayer(alice, request)

    const renewed = await asPlayer(alice, request)

    expect(renewed.text).toBe(original.text)
    expect(renewed.headers['idempotency-replayed']).toBe('true')
  })

  test('a secret that was rotated is still the same caller', async () => {
    const request = post(`/v1/wallets/${alice}/spend`, { asset: GOLD, amount: 5 })
    const original = await asServer(keys.rotating.before, request)

    const renewed = await asServer(keys.rotating.after, request)

    expect(renewed.text).toBe(original.text)
    expect(renewed.headers['idempotency-replayed']).toBe('true')
  })
})

describe('no spelling of a path leads to another wallet', () => {
  const FORBIDDEN = '403 FORBIDDEN'
  const NOT_FOUND = '404 NOT_FOUND'

  /** `A` and `B` stand for the two wallets, of whom the player owns the first. */
  test.each([
    ['/v1/wallets/B', FORBIDDEN],
    ['/v1/wallets/%70B', FORBIDDEN],
    ['/v1/wallets/B%00', FORBIDDEN],
    ['/v1/wallets/B%20', FORBIDDEN],
    ['/v1/wallets/%20B', FORBIDDEN],
    ['/v1/wallets/B%0a', FORBIDDEN],
    ['/v1/wallets/A%2F', FORBIDDEN],
    ['/v1/wallets/A%2f..%2fB', FORBIDDEN],
    ['/v1/wallets/A%5c..%5cB', FORBIDDEN],
    ['/v1/wallets/A%252f..%252fB', FORBIDDEN],
    ['/v1/wallets/A%23B', FORBIDDEN],
    ['/v1/wallets/A%00B', FORBIDDEN],
    ['/v1/wallets/A,B', FORBIDDEN],
    ['/v1/wallets/A;B', FORBIDDEN],
    ['/v1/wallets/A&B', FORBIDDEN],
    ['/v1/wallets/A%3FwalletId=B', FORBIDDEN],
    ['/v1/wallets/{walletId}', FORBIDDEN],
    ['/v1/wallets/%7BwalletId%7D', FORBIDDEN],
    ['/v1/wallets/*', FORBIDDEN],
    ['/v1/wallets/%2a', FORBIDDEN],
    ['/v1/wallets/.', FORBIDDEN],
    ['/v1/wallets/..', FORBIDDEN],
    ['/v1/wallets/%2e%2e', FORBIDDEN],
    ['/v1/wallets/%c0%af', FORBIDDEN],
    ['/v1/wallets/%ff', FORBIDDEN],
    ['/v1/wallets/%', FORBIDDEN],
    ['/v1/wallets/%zz', FORBIDDEN],
    ['/v1/wallets/@treasury', FORBIDDEN],
    ['/v1/wallets/__proto__', FORBIDDEN],
    ['/v1/wallets/constructor', FORBIDDEN],
    ['/v1/wallets/B#A', FORBIDDEN],
    ['/v1/wallets/A/../B', NOT_FOUND],
    ['/v1/wallets/A/%2e%2e/B', NOT_FOUND],
    ['/v1/wallets/A/..;/B', NOT_FOUND],
    ['/v1/wallets/A\\..\\B', FORBIDDEN],
    ['/v1/wallets//B', NOT_FOUND],
    ['/v1//wallets/B', NOT_FOUND],
    ['//v1/wallets/B', NOT_FOUND],
    ['/v1/./wallets/B', NOT_FOUND],
    ['/V1/wallets/B', NOT_FOUND],
    ['/v1/Wallets/B', NOT_FOUND],
    ['/v1/%77allets/B', NOT_FOUND],
    ['/v1/wallets%2FB', NOT_FOUND],
    ['/v1/assets/../wallets/B', NOT_FOUND],
    ['/health/../v1/wallets/B', NOT_FOUND],
    ['/docs/..%2fv1%2fwallets%2fB', NOT_FOUND],
    ['http://localhost/v1/wallets/B', NOT_FOUND],
    ['/v1/wallets/A?walletId=B', '400 INVALID_REQUEST'],
    ['/v1/wallets/A?wallet_id=B', '400 INVALID_REQUEST'],
    ['/v1/wallets/A?id=B&id=A', '400 INVALID_REQUEST'],
    ['/v1/wallets/A?__proto__=B', '400 INVALID_REQUEST'],
    ['/v1/wallets/A?X-HTTP-Method-Override=PUT', '400 INVALID_REQUEST'],
  ])('%s', async (pattern, expected) => {
    const target = pattern
      .replaceAll('A', alice)
      .replaceAll('B', bob.replace(/^p/, initialOf(pattern)))
    const before = await ledger()

    const read = await asPlayer(alice, get(target))
    const spend = await asPlayer(
      alice,
      post(target.replace(/(?=\?|$)/, '/spend'), { asset: GOLD, amount: 1 }),
    )

    expect(outcome(read)).toBe(expected)
    expect(read.text).not.toContain(String(BOB_HAS))
    expect(spend.status).toBeGreaterThanOrEqual(400)
    expect(await ledger()).toEqual(before)
  })

  /** `%70` is the p that the names of these wallets begin with. */
  function initialOf(pattern: string): string {
    return pattern.includes('%70') ? '' : 'p'
  }

  test('and the own wallet may be written in any of them', async () => {
    const target = `/v1/wallets/${alice.replace(/^p/, '%70')}`

    const reply = await asPlayer(alice, get(target))

    expect(reply.status).toBe(200)
    expect(reply.body['id']).toBe(alice)
  })

  test('and a name with every sign that names can have is one player’s own', async () => {
    const wallet = `P.1_2:3@studio-${randomUUID()}`
    await fund(encodeURIComponent(wallet), 5)

    const replies = await Promise.all(
      [wallet, encodeURIComponent(wallet)].map((name) =>
        asPlayer(wallet, get(`/v1/wallets/${name}`)),
      ),
    )

    expect(replies.map(({ body }) => body['id'])).toEqual([wallet, wallet])
  })

  test.each<Record<string, unknown>>([
    { walletId: 'B' },
    { from: 'B' },
    { account: 'B' },
    { to: 'A', from: 'B' },
    { constructor: { walletId: 'B' } },
  ])('nor does a field of the body: %j', async (fields) => {
    const named = JSON.parse(JSON.stringify(fields).replaceAll('A', alice).replaceAll('B', bob))
    const before = await ledger()

    const reply = await asPlayer(
      alice,
      post(`/v1/wallets/${alice}/spend`, { asset: GOLD, amount: 1, ...named }),
    )

    expect(outcome(reply)).toBe('400 INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test.each(['@treasury', '@external', '@exchange', '@season-7', '#', '', 'W#x'])(
    'nor does a transfer reach "%s"',
    async (to) => {
      const before = await ledger()

      const reply = await asPlayer(
        alice,
        post(`/v1/wallets/${alice}/transfer`, { to, asset: GOLD, amount: 1 }),
      )

      expect(outcome(reply)).toBe('400 INVALID_REQUEST')
      expect(await ledger()).toEqual(before)
    },
  )
})
