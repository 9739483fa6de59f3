import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { transactionAnswer } from '../../lib/http/answer-schemas.ts'
import { type Api, newWallet, openApi, type Reply } from '../support/api.ts'

const GOLD = 'GOLD_COINS'
const GEMS = 'DIAMONDS'
const UNKNOWN_ASSET = 'MOON_DUST'
const MAX = Number.MAX_SAFE_INTEGER
const NOBODYS_TRANSACTION = `txn_${'0'.repeat(26)}`

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

async function topUp(wallet: string, amount: number, asset = GOLD): Promise<string> {
  const reply = await api.post(`/v1/wallets/${wallet}/topup`, { asset, amount })
  return idOf(reply)
}

async function fundedWallet(amount: number, asset = GOLD): Promise<string> {
  const wallet = newWallet()
  await topUp(wallet, amount, asset)
  return wallet
}

async function spend(wallet: string, amount: number): Promise<Reply> {
  return api.post(`/v1/wallets/${wallet}/spend`, { asset: GOLD, amount })
}

async function reverse(transactionId: string, body: object = {}): Promise<Reply> {
  return api.post(`/v1/transactions/${transactionId}/reverse`, body)
}

async function availableOf(wallet: string, asset = GOLD): Promise<unknown> {
  const { body } = await api.get(`/v1/wallets/${wallet}/balances/${asset}?consistent=true`)
  return body['available']
}

function idOf(reply: Reply): string {
  return transactionAnswer.parse(reply.body).id
}

function posting(from: string, to: string, amount: number, asset = GOLD) {
  return { from, to, asset, amount }
}

function balance(walletId: string, available: number, version: number, asset = GOLD) {
  return { walletId, asset, available, held: 0, version }
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

describe('a transfer', () => {
  test('moves money from one wallet to another, and says how both stand', async () => {
    const [alice, bob] = [await fundedWallet(100), await fundedWallet(7)]

    const { status, body } = await api.post(`/v1/wallets/${alice}/transfer`, {
      to: bob,
      asset: GOLD,
      amount: 30,
      reference: 'birthday',
      metadata: { card: 'balloons' },
    })

    expect(status).toBe(201)
    expect(body).toEqual(
      transaction({
        type: 'TRANSFER',
        postings: [posting(alice, bob, 30)],
        balances: [balance(alice, 70, 2), balance(bob, 37, 2)],
        reference: 'birthday',
        metadata: { card: 'balloons' },
      }),
    )
    expect([await availableOf(alice), await availableOf(bob)]).toEqual([70, 37])
  })

  test('brings a wallet to life that is new', async () => {
    const [alice, bob] = [await fundedWallet(100), newWallet()]

    const { status, body } = await api.post(`/v1/wallets/${alice}/transfer`, {
      to: bob,
      asset: GOLD,
      amount: 100,
    })

    expect(status).toBe(201)
    expect(body['balances']).toEqual([balance(alice, 0, 2), balance(bob, 100, 1)])
    expect(await availableOf(bob)).toBe(100)
  })

  test('to oneself is refused', async () => {
    const alice = await fundedWallet(100)
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${alice}/transfer`, {
      to: alice,
      asset: GOLD,
      amount: 1,
    })

    expectProblem(reply, 409, 'SAME_WALLET')
    expect(await ledger()).toEqual(before)
  })

  test('of more than there is says what there is and what it takes', async () => {
    const [alice, bob] = [await fundedWallet(10), newWallet()]
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${alice}/transfer`, {
      to: bob,
      asset: GOLD,
      amount: 11,
    })

    expectProblem(reply, 402, 'INSUFFICIENT_FUNDS', { available: 10, required: 11 })
    expect(await ledger()).toEqual(before)
  })

  test('from a wallet that nobody has is refused', async () => {
    const bob = await fundedWallet(10)
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${newWallet()}/transfer`, {
      to: bob,
      asset: GOLD,
      amount: 1,
    })

    expectProblem(reply, 404, 'WALLET_NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })

  test('of an asset that is not registered is refused', async () => {
    const alice = await fundedWallet(10)
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${alice}/transfer`, {
      to: newWallet(),
      asset: UNKNOWN_ASSET,
      amount: 1,
    })

    expectProblem(reply, 404, 'ASSET_NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })

  test('that would take the receiver past 2^53-1 is refused', async () => {
    const [alice, bob] = [await fundedWallet(10), await fundedWallet(MAX)]
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${alice}/transfer`, {
      to: bob,
      asset: GOLD,
      amount: 1,
    })

    expectProblem(reply, 409, 'BALANCE_LIMIT')
    expect(await ledger()).toEqual(before)
  })

  test('to an account of the house is refused', async () => {
    const alice = await fundedWallet(10)
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${alice}/transfer`, {
      to: '@treasury',
      asset: GOLD,
      amount: 1,
    })

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })
})

describe('an exchange', () => {
  const goldForGems = { from: { asset: GOLD, amount: 90 }, to: { asset: GEMS, amount: 3 } }

  test('takes one asset and gives another, through the exchange of the house', async () => {
    const alice = await fundedWallet(100)

    const { status, body } = await api.post(`/v1/wallets/${alice}/exchange`, {
      ...goldForGems,
      reference: 'rate-30',
      metadata: { desk: 'harbour' },
    })

    expect(status).toBe(201)
    expect(body).toEqual(
      transaction({
        type: 'EXCHANGE',
        postings: [posting(alice, '@exchange', 90), posting('@exchange', alice, 3, GEMS)],
        balances: [balance(alice, 10, 2), balance(alice, 3, 1, GEMS)],
        reference: 'rate-30',
        metadata: { desk: 'harbour' },
      }),
    )
    expect([await availableOf(alice), await availableOf(alice, GEMS)]).toEqual([10, 3])
  })

  test('of an asset for itself is refused', async () => {
    const alice = await fundedWallet(100)
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${alice}/exchange`, {
      from: { asset: GOLD, amount: 10 },
      to: { asset: GOLD, amount: 11 },
    })

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test.each([
    { side: 'paid', from: UNKNOWN_ASSET, to: GEMS },
    { side: 'bought', from: GOLD, to: UNKNOWN_ASSET },
  ])('where the asset $side is not registered is refused', async ({ from, to }) => {
    const alice = await fundedWallet(100)
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${alice}/exchange`, {
      from: { asset: from, amount: 1 },
      to: { asset: to, amount: 1 },
    })

    expectProblem(reply, 404, 'ASSET_NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })

  test('of more than there is says what there is and what it takes', async () => {
    const alice = await fundedWallet(89)
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${alice}/exchange`, goldForGems)

    expectProblem(reply, 402, 'INSUFFICIENT_FUNDS', { available: 89, required: 90 })
    expect(await ledger()).toEqual(before)
  })

  test('for a wallet that nobody has is refused', async () => {
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${newWallet()}/exchange`, goldForGems)

    expectProblem(reply, 404, 'WALLET_NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })

  test('that would take the bought asset past 2^53-1 is refused', async () => {
    const alice = await fundedWallet(100)
    await topUp(alice, MAX, GEMS)
    const before = await ledger()

    const reply = await api.post(`/v1/wallets/${alice}/exchange`, goldForGems)

    expectProblem(reply, 409, 'BALANCE_LIMIT')
    expect(await ledger()).toEqual(before)
  })
})

describe('a transaction of many postings', () => {
  const post = async (postings: unknown) => api.post('/v1/transactions', { postings })

  test('settles a trade between two players, with a fee to the house', async () => {
    const [alice, bob] = [await fundedWallet(100), await fundedWallet(2, GEMS)]
    const postings = [
      posting(alice, bob, 95),
      posting(alice, '@market-fees', 5),
      posting(bob, alice, 2, GEMS),
    ]

    const { status, body } = await api.post('/v1/transactions', {
      postings,
      reference: 'trade-81',
      metadata: { stall: 'north' },
    })

    expect(status).toBe(201)
    expect(body).toEqual(
      transaction({
        type: 'POST',
        postings,
        balances: [
          balance(alice, 0, 2),
          balance(bob, 95, 1),
          balance(bob, 0, 2, GEMS),
          balance(alice, 2, 1, GEMS),
        ],
        reference: 'trade-81',
        metadata: { stall: 'north' },
      }),
    )
    expect([await availableOf(alice), await availableOf(alice, GEMS)]).toEqual([0, 2])
    expect([await availableOf(bob), await availableOf(bob, GEMS)]).toEqual([95, 0])
  })

  test('pays many winners from one prize pool', async () => {
    const winners = Array.from({ length: 20 }, newWallet)
    const prizes = winners.map((winner, place) => posting('@prize-pool', winner, 100 - place))

    const { status, body } = await post(prizes)

    expect(status).toBe(201)
    expect(body['balances']).toEqual(
      winners.map((winner, place) => balance(winner, 100 - place, 1)),
    )
    expect(await Promise.all(winners.map((winner) => availableOf(winner)))).toEqual(
      prizes.map(({ amount }) => amount),
    )
  })

  test('may spend in one posting what another one brings: only the net has to be there', async () => {
    const [alice, bob, guild] = [await fundedWallet(10), await fundedWallet(30), newWallet()]

    const { status, body } = await post([posting(alice, guild, 35), posting(bob, alice, 30)])

    expect(status).toBe(201)
    expect(body['balances']).toEqual([
      balance(alice, 5, 2),
      balance(guild, 35, 1),
      balance(bob, 0, 2),
    ])
    expect(await availableOf(alice)).toBe(5)
  })

  test('that lacks one coin of the net says what there is and what it takes', async () => {
    const [alice, bob] = [await fundedWallet(10), await fundedWallet(30)]
    const before = await ledger()

    const reply = await post([posting(alice, newWallet(), 41), posting(bob, alice, 30)])

    expectProblem(reply, 402, 'INSUFFICIENT_FUNDS', { available: 10, required: 11 })
    expect(await ledger()).toEqual(before)
  })

  test.each([
    {
      fault: 'takes more than there is',
      last: (bob: string) => posting(bob, '@treasury', 2),
      status: 402,
      code: 'INSUFFICIENT_FUNDS',
    },
    {
      fault: 'is from a wallet that nobody has',
      last: () => posting(newWallet(), '@treasury', 1),
      status: 404,
      code: 'WALLET_NOT_FOUND',
    },
    {
      fault: 'is of an asset that is not registered',
      last: (bob: string) => posting('@treasury', bob, 1, UNKNOWN_ASSET),
      status: 404,
      code: 'ASSET_NOT_FOUND',
    },
    {
      fault: 'is more than its receiver can have',
      last: (bob: string) => posting('@treasury', bob, MAX),
      status: 409,
      code: 'BALANCE_LIMIT',
    },
  ])('moves nothing at all where its last posting $fault', async ({ last, status, code }) => {
    const [alice, bob] = [await fundedWallet(100), await fundedWallet(1)]
    const before = await ledger()

    const reply = await post([
      posting(alice, '@treasury', 50),
      posting('@treasury', alice, 7, GEMS),
      last(bob),
    ])

    expectProblem(reply, status, code)
    expect(await ledger()).toEqual(before)
  })

  test('has a wallet on one side of each posting at least', async () => {
    const alice = await fundedWallet(100)
    const before = await ledger()

    const reply = await post([posting(alice, '@treasury', 1), posting('@treasury', '@external', 1)])

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test.each([
    {
      others: 'beside another posting',
      beside: (alice: string) => [posting(alice, '@treasury', 1)],
    },
    { others: 'alone', beside: () => [] },
  ])('does not pay a wallet out of itself, $others', async ({ beside }) => {
    const alice = await fundedWallet(100)
    const before = await ledger()

    const reply = await post([...beside(alice), posting(alice, alice, 1)])

    expectProblem(reply, 409, 'SAME_WALLET')
    expect(await ledger()).toEqual(before)
  })

  test.each([0, 41])('has 1 to 40 postings, and not %i', async (length) => {
    const alice = await fundedWallet(100)
    const before = await ledger()

    const reply = await post(Array.from({ length }, () => posting(alice, '@treasury', 1)))

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test('of 40 postings among a few wallets is carried out', async () => {
    const [alice, bob] = [await fundedWallet(100), await fundedWallet(100)]
    const rounds = Array.from({ length: 20 }, (_, round) => [
      posting(alice, bob, 10 + round),
      posting(bob, alice, 9 + round),
    ])

    const { status, body } = await post(rounds.flat())

    expect(status).toBe(201)
    expect(body['postings']).toEqual(rounds.flat())
    expect(body['balances']).toEqual([balance(alice, 80, 2), balance(bob, 120, 2)])
    expect([await availableOf(alice), await availableOf(bob)]).toEqual([80, 120])
  })

  test('of 40 postings to 40 new wallets is more than DynamoDB takes at once, and refused', async () => {
    const before = await ledger()

    const reply = await post(
      Array.from({ length: 40 }, () => posting('@prize-pool', newWallet(), 1)),
    )

    expectProblem(reply, 400, 'INVALID_REQUEST', {
      errors: [{ path: 'postings', message: expect.any(String) }],
    })
    expect(await ledger()).toEqual(before)
  })
})

describe('a reversal', () => {
  test('sends money back the way it came, and names what it takes back', async () => {
    const [alice, bob] = [await fundedWallet(100), newWallet()]
    const sent = await api.post(`/v1/wallets/${alice}/transfer`, {
      to: bob,
      asset: GOLD,
      amount: 30,
    })

    const reply = await reverse(idOf(sent))

    const facts = transaction({
      type: 'REVERSE',
      postings: [posting(bob, alice, 30)],
      balances: [balance(bob, 0, 2), balance(alice, 100, 3)],
      reverses: idOf(sent),
    })
    expect(reply.status).toBe(201)
    expect(reply.body).toEqual(facts)
    expect((await api.get(`/v1/transactions/${idOf(reply)}?consistent=true`)).body).toEqual(facts)
    expect([await availableOf(alice), await availableOf(bob)]).toEqual([100, 0])
  })

  test('can be partial, again and again, until nothing is left', async () => {
    const alice = await fundedWallet(1000)
    const spent = idOf(await spend(alice, 100))

    const parts = [
      await reverse(spent, { amount: 60 }),
      await reverse(spent, { amount: 30 }),
      await reverse(spent),
    ]
    const oneMore = await reverse(spent, { amount: 1 })
    const allThatIsLeft = await reverse(spent)

    const amounts = parts.map(({ body }) => transactionAnswer.parse(body).postings[0]?.amount)
    expect(amounts).toEqual([60, 30, 10])
    expectProblem(oneMore, 409, 'ALREADY_REVERSED', { reversible: 0 })
    expectProblem(allThatIsLeft, 409, 'ALREADY_REVERSED', { reversible: 0 })
    expect(await availableOf(alice)).toBe(1000)
  })

  test('of more than is left says how much is', async () => {
    const alice = await fundedWallet(1000)
    const spent = idOf(await spend(alice, 100))
    await reverse(spent, { amount: 60 })
    const before = await ledger()

    const reply = await reverse(spent, { amount: 41 })

    expectProblem(reply, 409, 'ALREADY_REVERSED', { reversible: 40 })
    expect(await ledger()).toEqual(before)
  })

  test('of many postings takes back all of them', async () => {
    const [alice, bob] = [await fundedWallet(100), await fundedWallet(2, GEMS)]
    const postings = [posting(alice, bob, 100), posting(bob, alice, 2, GEMS)]
    const trade = idOf(await api.post('/v1/transactions', { postings }))

    const { status, body } = await reverse(trade)
    const again = await reverse(trade)

    expect(status).toBe(201)
    expect(body['postings']).toEqual([posting(bob, alice, 100), posting(alice, bob, 2, GEMS)])
    expect([await availableOf(alice), await availableOf(alice, GEMS)]).toEqual([100, 0])
    expect([await availableOf(bob), await availableOf(bob, GEMS)]).toEqual([0, 2])
    expectProblem(again, 409, 'ALREADY_REVERSED')
  })

  test('of many postings cannot be partial', async () => {
    const [alice, bob] = [await fundedWallet(100), newWallet()]
    const postings = [posting(alice, bob, 10), posting(alice, '@market-fees', 10)]
    const trade = idOf(await api.post('/v1/transactions', { postings }))
    const before = await ledger()

    const reply = await reverse(trade, { amount: 5 })

    expectProblem(reply, 400, 'INVALID_REQUEST', {
      errors: [{ path: 'amount', message: expect.any(String) }],
    })
    expect(await ledger()).toEqual(before)
  })

  test.each([
    {
      what: 'a reversal',
      make: async (alice: string) => idOf(await reverse(idOf(await spend(alice, 10)))),
    },
    { what: 'a hold', make: async (alice: string) => idOf(await hold(alice)) },
    {
      what: 'a void',
      make: async (alice: string) => {
        const { holdId } = transactionAnswer.parse((await hold(alice)).body)
        return idOf(await api.post(`/v1/wallets/${alice}/holds/${holdId}/void`, {}))
      },
    },
  ])('of $what is refused', async ({ make }) => {
    const alice = await fundedWallet(100)
    const made = await make(alice)
    const before = await ledger()

    const reply = await reverse(made)

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  async function hold(alice: string): Promise<Reply> {
    return api.post(`/v1/wallets/${alice}/holds`, { asset: GOLD, amount: 10 })
  }

  test('of a transaction that is not in the ledger is refused', async () => {
    const before = await ledger()

    const reply = await reverse(NOBODYS_TRANSACTION)

    expectProblem(reply, 404, 'TRANSACTION_NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })

  test.each([
    { fault: 'an amount of nothing', id: NOBODYS_TRANSACTION, body: { amount: 0 } },
    { fault: 'a debt that is a text', id: NOBODYS_TRANSACTION, body: { allowDebt: 'yes' } },
    { fault: 'a reference', id: NOBODYS_TRANSACTION, body: { reference: 'sorry' } },
    { fault: 'an id of another form', id: 'txn_1', body: {} },
  ])('with $fault is refused', async ({ id, body }) => {
    const before = await ledger()

    const reply = await reverse(id, body)

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test('of a spend that would take the wallet past 2^53-1 is refused', async () => {
    const alice = await fundedWallet(MAX)
    const spent = idOf(await spend(alice, 10))
    await topUp(alice, 1)
    const before = await ledger()

    const reply = await reverse(spent)

    expectProblem(reply, 409, 'BALANCE_LIMIT')
    expect(await ledger()).toEqual(before)
  })
})

describe('a topup that is taken back after its money is spent', () => {
  test('is refused, as long as nobody allows a debt', async () => {
    const alice = newWallet()
    const topup = await topUp(alice, 100)
    await spend(alice, 70)
    const before = await ledger()

    const replies = [await reverse(topup), await reverse(topup, { allowDebt: false })]

    for (const reply of replies) {
      expectProblem(reply, 402, 'INSUFFICIENT_FUNDS', { available: 30, required: 100 })
    }
    expect(await ledger()).toEqual(before)
  })

  test('leaves a debt where that is allowed', async () => {
    const alice = newWallet()
    const topup = await topUp(alice, 100)
    await spend(alice, 70)

    const { status, body } = await reverse(topup, { allowDebt: true })

    expect(status).toBe(201)
    expect(body).toMatchObject({
      postings: [posting(alice, '@treasury', 100)],
      balances: [balance(alice, -70, 3)],
    })
    expect(await availableOf(alice)).toBe(-70)
  })

  test('leaves a debt that later credits pay, and that nobody can spend', async () => {
    const alice = newWallet()
    const topup = await topUp(alice, 100)
    await spend(alice, 70)
    await reverse(topup, { allowDebt: true })

    const inDebt = await spend(alice, 1)
    await topUp(alice, 50)
    const stillInDebt = await spend(alice, 1)
    await topUp(alice, 25)
    const tooMuch = await spend(alice, 6)
    const paid = await spend(alice, 5)

    expectProblem(inDebt, 402, 'INSUFFICIENT_FUNDS', { available: -70, required: 1 })
    expectProblem(stillInDebt, 402, 'INSUFFICIENT_FUNDS', { available: -20, required: 1 })
    expectProblem(tooMuch, 402, 'INSUFFICIENT_FUNDS', { available: 5, required: 6 })
    expect(paid.status).toBe(201)
    expect(await availableOf(alice)).toBe(0)
  })
})

interface Asked {
  readonly path: string
  readonly body: object
  /** Another request, with which the key may not be used again. */
  readonly other: object
}

const KEYED: { readonly verb: string; readonly ask: () => Promise<Asked> }[] = [
  {
    verb: 'a transfer',
    async ask() {
      const [alice, bob] = [await fundedWallet(100), newWallet()]
      const body = { to: bob, asset: GOLD, amount: 100 }
      return { path: `/v1/wallets/${alice}/transfer`, body, other: { ...body, amount: 99 } }
    },
  },
  {
    verb: 'an exchange',
    async ask() {
      const alice = await fundedWallet(100)
      const body = { from: { asset: GOLD, amount: 100 }, to: { asset: GEMS, amount: 3 } }
      const other = { ...body, to: { asset: GEMS, amount: 4 } }
      return { path: `/v1/wallets/${alice}/exchange`, body, other }
    },
  },
  {
    verb: 'a transaction of many postings',
    async ask() {
      const [alice, bob] = [await fundedWallet(100), newWallet()]
      const [whole, fee] = [posting(alice, bob, 95), posting(alice, '@market-fees', 5)]
      const body = { postings: [whole, fee], metadata: { stall: 'north' } }
      return { path: '/v1/transactions', body, other: { ...body, postings: [fee, whole] } }
    },
  },
  {
    verb: 'a reversal',
    async ask() {
      const topup = await topUp(newWallet(), 100)
      return { path: `/v1/transactions/${topup}/reverse`, body: {}, other: { allowDebt: true } }
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

    const reused = await api.post(path, other, key)

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
