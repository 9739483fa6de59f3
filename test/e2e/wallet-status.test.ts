import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { transactionAnswer } from '../../lib/http/answer-schemas.ts'
import { type Api, newWallet, openApi, type Reply } from '../support/api.ts'

const GOLD = 'GOLD_COINS'
const GEMS = 'DIAMONDS'

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

async function fundedWallet(amount: number, asset = GOLD): Promise<string> {
  const wallet = newWallet()
  await api.post(`/v1/wallets/${wallet}/topup`, { asset, amount })
  return wallet
}

/** A wallet with nothing in it. */
async function emptyWallet(): Promise<string> {
  const wallet = await fundedWallet(10)
  await api.post(`/v1/wallets/${wallet}/spend`, { asset: GOLD, amount: 10 })
  return wallet
}

type Change = 'freeze' | 'unfreeze' | 'close'

async function change(wallet: string, to: Change, body: object = {}): Promise<Reply> {
  return sendJson('POST', `/v1/wallets/${wallet}/${to}`, body)
}

async function putMetadata(wallet: string, body: object, ifMatch?: unknown): Promise<Reply> {
  const headers = ifMatch === undefined ? {} : { 'if-match': String(ifMatch) }
  return sendJson('PUT', `/v1/wallets/${wallet}`, body, headers)
}

async function sendJson(
  method: string,
  path: string,
  body: object,
  more: Record<string, string> = {},
): Promise<Reply> {
  const headers = { 'content-type': 'application/json', ...more }
  return api.send(method, path, { headers, body: JSON.stringify(body) })
}

async function hold(wallet: string, amount: number): Promise<string> {
  const { body } = await api.post(`/v1/wallets/${wallet}/holds`, { asset: GOLD, amount })
  return `/v1/wallets/${wallet}/holds/${body['holdId']}`
}

async function walletOf(wallet: string): Promise<Record<string, unknown>> {
  const { body } = await api.get(`/v1/wallets/${wallet}?consistent=true`)
  return body
}

async function moneyOf(wallet: string, asset = GOLD): Promise<unknown[]> {
  const { body } = await api.get(`/v1/wallets/${wallet}/balances/${asset}?consistent=true`)
  return [body['available'], body['held']]
}

function sumOf(amounts: readonly unknown[]): number {
  return amounts.reduce((sum: number, amount) => sum + Number(amount), 0)
}

function idOf(reply: Reply): string {
  return transactionAnswer.parse(reply.body).id
}

function expectProblem(reply: Reply, status: number, code: string): void {
  expect([reply.status, reply.body['code']]).toEqual([status, code])
}

/** A request of a wallet, made ready before the wallet changes its status. */
interface Movement {
  readonly what: string
  readonly prepare: (wallet: string) => Promise<{ path: string; body: object }>
}

const coin = { asset: GOLD, amount: 1 }

const verb = (name: string, asset = GOLD): Movement => ({
  what: asset === GOLD ? name : `${name} of another asset`,
  prepare: async (wallet) => ({
    path: `/v1/wallets/${wallet}/${name}`,
    body: { asset, amount: 1 },
  }),
})

const posting = (what: string, sides: (wallet: string, other: string) => object): Movement => ({
  what,
  async prepare(wallet) {
    const other = await fundedWallet(10)
    return { path: '/v1/transactions', body: { postings: [{ ...sides(wallet, other), ...coin }] } }
  },
})

const reversal = (name: 'topup' | 'spend'): Movement => ({
  what: `reversal of a ${name}`,
  async prepare(wallet) {
    const topup = await api.post(`/v1/wallets/${wallet}/topup`, coin)
    const moved = name === 'topup' ? topup : await api.post(`/v1/wallets/${wallet}/spend`, coin)
    return { path: `/v1/transactions/${idOf(moved)}/reverse`, body: {} }
  },
})

const DEBITS: Movement[] = [
  verb('spend'),
  verb('withdraw'),
  {
    what: 'transfer out',
    prepare: async (wallet) => ({
      path: `/v1/wallets/${wallet}/transfer`,
      body: { to: newWallet(), ...coin },
    }),
  },
  {
    what: 'hold',
    prepare: async (wallet) => ({ path: `/v1/wallets/${wallet}/holds`, body: coin }),
  },
  {
    what: 'exchange',
    prepare: async (wallet) => ({
      path: `/v1/wallets/${wallet}/exchange`,
      body: { from: coin, to: { asset: GEMS, amount: 1 } },
    }),
  },
  posting('posting out', (from, to) => ({ from, to })),
  {
    what: 'money that passes through',
    async prepare(wallet) {
      const other = await fundedWallet(10)
      const postings = [
        { from: wallet, to: other, ...coin },
        { from: '@treasury', to: wallet, ...coin },
      ]
      return { path: '/v1/transactions', body: { postings } }
    },
  },
]

/** A freeze stops what a player does. */
const DESPITE_A_FREEZE: Movement[] = [
  {
    what: 'capture',
    prepare: async (wallet) => ({ path: `${await hold(wallet, 1)}/capture`, body: {} }),
  },
  reversal('topup'),
]

const CREDITS: Movement[] = [
  verb('topup'),
  verb('bonus'),
  verb('deposit'),
  {
    what: 'transfer in',
    async prepare(to) {
      const other = await fundedWallet(10)
      return { path: `/v1/wallets/${other}/transfer`, body: { to, ...coin } }
    },
  },
  {
    what: 'capture for it',
    async prepare(to) {
      const other = await fundedWallet(10)
      return { path: `${await hold(other, 1)}/capture`, body: { to } }
    },
  },
  posting('posting in', (to, from) => ({ from, to })),
  reversal('spend'),
]

describe('a frozen wallet', () => {
  test('says that it is, with all its balances', async () => {
    const alice = await fundedWallet(100)
    const active = await walletOf(alice)

    const { status, body } = await change(alice, 'freeze', { reason: 'a stolen card' })

    expect(status).toBe(200)
    expect(body).toEqual({
      ...active,
      ...{ status: 'FROZEN', reason: 'a stolen card', changedBy: 'operator:dev' },
      changedAt: expect.any(String),
    })
    expect(await walletOf(alice)).toEqual(body)
  })

  test('need not have had a credit', async () => {
    const alice = newWallet()
    await putMetadata(alice, { metadata: {} })

    const { status, body } = await change(alice, 'freeze')
    const credit = await api.post(`/v1/wallets/${alice}/topup`, coin)
    const spend = await api.post(`/v1/wallets/${alice}/spend`, coin)

    expect([status, body['status'], body['balances']]).toEqual([200, 'FROZEN', []])
    expect(credit.status).toBe(201)
    expectProblem(spend, 409, 'WALLET_FROZEN')
  })

  test.each(DEBITS)('lets nothing out: $what', async ({ prepare }) => {
    const alice = await fundedWallet(100)
    const { path, body } = await prepare(alice)
    await change(alice, 'freeze')
    const before = await ledger()

    const reply = await api.post(path, body)

    expectProblem(reply, 409, 'WALLET_FROZEN')
    expect(await ledger()).toEqual(before)
  })

  test.each(CREDITS)('lets money in: $what', async ({ prepare }) => {
    const alice = await fundedWallet(100)
    const { path, body } = await prepare(alice)
    const [available] = await moneyOf(alice)
    await change(alice, 'freeze')

    const { status } = await api.post(path, body)

    expect(status).toBe(201)
    expect(await moneyOf(alice)).toEqual([Number(available) + 1, 0])
    expect(await walletOf(alice)).toMatchObject({ status: 'FROZEN' })
  })

  test.each(DESPITE_A_FREEZE)('does not prevent a $what', async ({ prepare }) => {
    const alice = await fundedWallet(100)
    const { path, body } = await prepare(alice)
    await change(alice, 'freeze')
    const before = await moneyOf(alice)

    const { status } = await api.post(path, body)

    expect(status).toBe(201)
    expect(await walletOf(alice)).toMatchObject({ status: 'FROZEN' })
    expect(sumOf(await moneyOf(alice))).toBe(sumOf(before) - 1)
  })

  test('gets back what it held: a void works', async () => {
    const alice = await fundedWallet(100)
    const held = await hold(alice, 30)
    await change(alice, 'freeze')

    const { status } = await api.post(`${held}/void`, {})

    expect(status).toBe(201)
    expect(await moneyOf(alice)).toEqual([100, 0])
  })

  test('is as frozen in an asset that it gets for the first time', async () => {
    const alice = await fundedWallet(100)
    await change(alice, 'freeze')

    const credit = await api.post(`/v1/wallets/${alice}/bonus`, { asset: GEMS, amount: 5 })
    const spend = await api.post(`/v1/wallets/${alice}/spend`, { asset: GEMS, amount: 1 })

    expect(credit.status).toBe(201)
    expectProblem(spend, 409, 'WALLET_FROZEN')
    expect(await moneyOf(alice, GEMS)).toEqual([5, 0])
  })

  test('answers the key of a spend that was made before', async () => {
    const alice = await fundedWallet(100)
    const send = () => api.post(`/v1/wallets/${alice}/spend`, coin, `before-${alice}`)
    const first = await send()
    await change(alice, 'freeze')

    const again = await send()

    expect([again.status, again.text]).toEqual([201, first.text])
    expect(await moneyOf(alice)).toEqual([99, 0])
  })

  test('gives the same answer when it is frozen again, and changes nothing', async () => {
    const alice = await fundedWallet(100)
    const first = await change(alice, 'freeze')
    const before = await ledger()

    const again = await change(alice, 'freeze')

    expect([again.status, again.text]).toEqual([200, first.text])
    expect(await ledger()).toEqual(before)
  })

  test('is active again once it is unfrozen, in all its assets', async () => {
    const alice = await fundedWallet(100)
    await change(alice, 'freeze')
    await api.post(`/v1/wallets/${alice}/bonus`, { asset: GEMS, amount: 5 })

    const { status, body } = await change(alice, 'unfreeze', { reason: 'the card was found' })

    const spends = [
      await api.post(`/v1/wallets/${alice}/spend`, { asset: GOLD, amount: 100 }),
      await api.post(`/v1/wallets/${alice}/spend`, { asset: GEMS, amount: 5 }),
    ]
    expect([status, body['status']]).toEqual([200, 'ACTIVE'])
    expect(spends.map((spend) => spend.status)).toEqual([201, 201])
  })

  test('can be frozen and unfrozen without a body', async () => {
    const alice = await fundedWallet(100)

    const frozen = await api.send('POST', `/v1/wallets/${alice}/freeze`)
    const unfrozen = await api.send('POST', `/v1/wallets/${alice}/unfreeze`)

    expect([frozen.status, frozen.body['status']]).toEqual([200, 'FROZEN'])
    expect([unfrozen.status, unfrozen.body['status']]).toEqual([200, 'ACTIVE'])
  })
})

describe('a wallet that is to be closed', () => {
  test.each([
    { with: 'money', fill: async () => fundedWallet(1) },
    {
      with: 'money of another asset',
      async fill() {
        const wallet = await emptyWallet()
        await api.post(`/v1/wallets/${wallet}/topup`, { asset: GEMS, amount: 1 })
        return wallet
      },
    },
    {
      with: 'money on hold',
      async fill() {
        const wallet = await fundedWallet(1)
        await hold(wallet, 1)
        return wallet
      },
    },
    {
      with: 'a debt',
      async fill() {
        const wallet = newWallet()
        const topup = await api.post(`/v1/wallets/${wallet}/topup`, coin)
        await api.post(`/v1/wallets/${wallet}/spend`, coin)
        await api.post(`/v1/transactions/${idOf(topup)}/reverse`, { allowDebt: true })
        return wallet
      },
    },
  ])('stays open with $with', async ({ fill }) => {
    const alice = await fill()
    const before = await ledger()

    const reply = await change(alice, 'close')

    expectProblem(reply, 409, 'WALLET_NOT_EMPTY')
    expect(await ledger()).toEqual(before)
  })

  test('is closed when it is empty', async () => {
    const alice = await emptyWallet()
    const active = await walletOf(alice)

    const { status, body } = await change(alice, 'close', { reason: 'moved away' })

    expect(status).toBe(200)
    expect(body).toEqual({
      ...active,
      ...{ status: 'CLOSED', reason: 'moved away', changedBy: 'operator:dev' },
      changedAt: expect.any(String),
    })
    expect(await walletOf(alice)).toEqual(body)
  })
})

describe('a closed wallet', () => {
  // What these are about would keep the wallet from being empty.

  test.each([...DEBITS, ...CREDITS, verb('topup', GEMS), verb('spend', GEMS)])(
    'moves no more: $what',
    async ({ prepare }) => {
      const alice = await emptyWallet()
      const { path, body } = await prepare(alice)
      await change(alice, 'close')
      const before = await ledger()

      const reply = await api.post(path, body)

      expectProblem(reply, 409, 'WALLET_CLOSED')
      expect(await ledger()).toEqual(before)
    },
  )

  test.each(['freeze', 'unfreeze'] as const)('takes no %s', async (to) => {
    const alice = await emptyWallet()
    await change(alice, 'close')
    const before = await ledger()

    const reply = await change(alice, to)

    expectProblem(reply, 409, 'WALLET_CLOSED')
    expect(await ledger()).toEqual(before)
  })

  test('gives the same answer when it is closed again', async () => {
    const alice = await emptyWallet()
    const first = await change(alice, 'close')

    const again = await change(alice, 'close')

    expect([again.status, again.text]).toEqual([200, first.text])
  })
})

describe('a change of status', () => {
  const changes = ['freeze', 'unfreeze', 'close'] as const

  test.each(changes)('of a wallet that nobody has is refused: %s', async (to) => {
    const before = await ledger()

    const reply = await change(newWallet(), to)

    expectProblem(reply, 404, 'WALLET_NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })

  test.each(changes)('with a reason that is no short text is refused: %s', async (to) => {
    const alice = await emptyWallet()
    const before = await ledger()

    const replies = [
      await change(alice, to, { reason: 'x'.repeat(129) }),
      await change(alice, to, { reason: 7 }),
      await change(alice, to, { because: 'typo' }),
    ]

    for (const reply of replies) expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test('takes a reason of 128 characters', async () => {
    const alice = await fundedWallet(1)

    const { status } = await change(alice, 'freeze', { reason: 'x'.repeat(128) })

    expect(status).toBe(200)
  })
})

describe('the metadata of a wallet', () => {
  test('is what was put last, and not what was there before', async () => {
    const alice = await fundedWallet(100)
    await putMetadata(alice, { metadata: { guild: 'owls', level: '7' } })

    const { status, body } = await putMetadata(alice, { metadata: { level: '8' } })

    expect(status).toBe(200)
    expect(body).toMatchObject({ id: alice, status: 'ACTIVE', balances: [{ available: 100 }] })
    expect(body['metadata']).toEqual({ level: '8' })
    expect(await walletOf(alice)).toEqual(body)
  })

  test('can be emptied', async () => {
    const alice = await fundedWallet(100)
    await putMetadata(alice, { metadata: { guild: 'owls' } })

    const { status } = await putMetadata(alice, { metadata: {} })

    expect(status).toBe(200)
    expect((await walletOf(alice))['metadata']).toEqual({})
  })

  test('survives what happens to the wallet', async () => {
    const alice = await fundedWallet(100)
    await putMetadata(alice, { metadata: { guild: 'owls' } })

    await api.post(`/v1/wallets/${alice}/topup`, { asset: GEMS, amount: 1 })
    await change(alice, 'freeze')

    expect(await walletOf(alice)).toMatchObject({ status: 'FROZEN', metadata: { guild: 'owls' } })
  })

  test('takes 16 entries and 512 bytes', async () => {
    const alice = await fundedWallet(100)
    const names = Array.from({ length: 16 }, (_, index) => `name-${index + 10}`)
    const metadata = Object.fromEntries(names.map((name) => [name, 'x'.repeat(25)]))

    const { status, body } = await putMetadata(alice, { metadata })

    expect(status).toBe(200)
    expect(body['metadata']).toEqual(metadata)
    expect((await walletOf(alice))['metadata']).toEqual(metadata)
  })

  test('of a wallet that does not exist creates it', async () => {
    const alice = newWallet()

    const { status, body } = await putMetadata(alice, { metadata: { guild: 'owls' } })

    const isNew = { id: alice, status: 'ACTIVE', balances: [], metadata: { guild: 'owls' } }
    expect([status, body]).toMatchObject([200, isNew])
    expect(await walletOf(alice)).toEqual(body)
  })

  test('is replaced where If-Match has the ETag of the wallet, whatever its money did meanwhile', async () => {
    const alice = await fundedWallet(100)
    await putMetadata(alice, { metadata: { guild: 'owls' } })
    const { headers } = await api.get(`/v1/wallets/${alice}?consistent=true`)
    await api.post(`/v1/wallets/${alice}/spend`, coin)

    const first = await putMetadata(alice, { metadata: { guild: 'cats' } }, headers.get('etag'))
    const second = await putMetadata(alice, { metadata: { guild: 'bats' } }, headers.get('etag'))
    const third = await putMetadata(
      alice,
      { metadata: { guild: 'bats' } },
      first.headers.get('etag'),
    )

    expect(first.status).toBe(200)
    expectProblem(second, 412, 'PRECONDITION_FAILED')
    expect([third.status, third.body['metadata']]).toEqual([200, { guild: 'bats' }])
  })

  test('is answered twice alike under one key, with the ETag', async () => {
    const alice = await fundedWallet(100)
    const path = `/v1/wallets/${alice}`
    const headers = { 'idempotency-key': `metadata-${alice}` }
    const send = () => sendJson('PUT', path, { metadata: { guild: 'owls' } }, headers)

    const [first, second] = [await send(), await send()]

    expect(second.text).toBe(first.text)
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'))
    expect(second.headers.get('idempotency-replayed')).toBe('true')
  })

  test('is not made for a wallet that If-Match wants to exist', async () => {
    const alice = newWallet()

    const reply = await putMetadata(alice, { metadata: {} }, '*')

    expectProblem(reply, 412, 'PRECONDITION_FAILED')
    expectProblem(await api.get(`/v1/wallets/${alice}`), 404, 'WALLET_NOT_FOUND')
  })

  test.each(['"7"', 'W/"7.abc"', 'owls', ''])(
    'with %s for If-Match is refused',
    async (ifMatch) => {
      const alice = await fundedWallet(100)

      const reply = await putMetadata(alice, { metadata: {} }, ifMatch)

      expectProblem(reply, 400, 'INVALID_REQUEST')
    },
  )

  test.each([
    { fault: 'no metadata', body: {} },
    { fault: 'a number in it', body: { metadata: { level: 7 } } },
    { fault: 'a list for it', body: { metadata: ['owls'] } },
    { fault: 'null for it', body: { metadata: null } },
    { fault: 'an entry without a name', body: { metadata: { '': 'owls' } } },
    { fault: 'half of a character', body: { metadata: { guild: '\ud800' } } },
    { fault: 'another field beside it', body: { metadata: {}, status: 'ACTIVE' } },
    {
      fault: '17 entries',
      body: { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`n${n}`, ''])) },
    },
    { fault: '513 bytes', body: { metadata: { guild: 'x'.repeat(508) } } },
  ])('with $fault is refused', async ({ body }) => {
    const alice = await fundedWallet(100)
    const before = await ledger()

    const reply = await putMetadata(alice, body)

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })
})

test('after all of that, the ledger keeps every invariant', async () => {
  const { entries, faults } = await api.books.check()

  expect(entries).toBeGreaterThan(20)
  expect(faults).toEqual([])
})
