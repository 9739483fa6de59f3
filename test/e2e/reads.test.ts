import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type * as z from 'zod'
import {
  assetAnswer,
  balanceAnswer,
  entryAnswer,
  historyPageOf,
  pageOf,
  transactionAnswer,
} from '../../lib/http/answer-schemas.ts'
import { type Api, newWallet, openApi, type Reply } from '../support/api.ts'

const GOLD = 'GOLD_COINS'
const GEMS = 'DIAMONDS'
const POINTS = 'LOYALTY_POINTS'
const UNKNOWN_ASSET = 'MOON_DUST'
const GENESIS = '0'.repeat(64)
const MAX_PAGES = 1_000

type Transaction = z.output<typeof transactionAnswer>
type Entry = z.output<typeof entryAnswer>

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

async function move(path: string, body: object): Promise<Transaction> {
  // Each at a time of its own, so that a test can say which came first.
  await sleep(2)
  const reply = await api.post(path, body)
  return transactionAnswer.parse(reply.body)
}

async function topUp(wallet: string, amount: number, asset = GOLD): Promise<Transaction> {
  return move(`/v1/wallets/${wallet}/topup`, { asset, amount })
}

async function fundedWallet(amount: number): Promise<string> {
  const wallet = newWallet()
  await topUp(wallet, amount)
  return wallet
}

type Query = Record<string, string>

async function getTransactions(wallet: string, query: Query = {}) {
  const { body } = await api.get(withQuery(`/v1/wallets/${wallet}/transactions`, query))
  return historyPageOf(transactionAnswer).parse(body)
}

async function getEntries(wallet: string, query: Query = {}) {
  const { body } = await api.get(withQuery(`/v1/wallets/${wallet}/ledger`, query))
  return historyPageOf(entryAnswer).parse(body)
}

async function getAssets(query: Query) {
  const { body } = await api.get(withQuery('/v1/assets', query))
  return pageOf(assetAnswer).parse(body)
}

async function putAsset(code: string, body: object): Promise<Reply> {
  const headers = { 'content-type': 'application/json' }
  return api.send('PUT', `/v1/assets/${code}`, { headers, body: JSON.stringify(body) })
}

function withQuery(path: string, query: Query): string {
  return `${path}?${new URLSearchParams(query)}`
}

interface Page<Shown> {
  readonly items: readonly Shown[]
  readonly nextCursor: string | null
}

/** All items of all pages, in the order in which they came. */
async function walk<Shown>(
  limit: number,
  read: (query: Query) => Promise<Page<Shown>>,
): Promise<Shown[]> {
  const items: Shown[] = []
  let query: Query = { limit: String(limit) }
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await read(query)
    expect(page.items.length).toBeLessThanOrEqual(limit)
    items.push(...page.items)
    if (page.nextCursor === null) return items
    query = { ...query, cursor: page.nextCursor }
  }
  throw new Error(`more than ${MAX_PAGES} pages`)
}

function expectProblem(reply: Reply, status: number, code: string): void {
  expect([reply.status, reply.body['code']]).toEqual([status, code])
}

describe.each([
  { what: 'a wallet', pathOf: (wallet: string) => `/v1/wallets/${wallet}` },
  { what: 'a balance', pathOf: (wallet: string) => `/v1/wallets/${wallet}/balances/${GOLD}` },
])('the ETag of $what', ({ pathOf }) => {
  async function tagged() {
    const wallet = await fundedWallet(100)
    const path = pathOf(wallet)
    const { headers } = await api.get(path)
    return { wallet, path, tag: headers.get('etag') ?? '' }
  }

  test('is a strong one, and the same until something changes', async () => {
    const { wallet, path, tag } = await tagged()

    const again = await api.get(path)
    await topUp(wallet, 1)
    const changed = await api.get(path)

    expect(tag).toMatch(/^"[\x21\x23-\x7e]+"$/)
    expect(again.headers.get('etag')).toBe(tag)
    expect(changed.headers.get('etag')).not.toBe(tag)
  })

  test.each([
    { form: 'itself', conditionOf: (tag: string) => tag },
    { form: 'itself, as a weak one', conditionOf: (tag: string) => `W/${tag}` },
    { form: 'a list with it', conditionOf: (tag: string) => `"a", W/"b" ,${tag}, "c"` },
    { form: '*', conditionOf: () => '*' },
  ])('saves the body for a caller who sends $form', async ({ conditionOf }) => {
    const { path, tag } = await tagged()

    const reply = await api.get(path, { 'if-none-match': conditionOf(tag) })

    expect([reply.status, reply.text]).toEqual([304, ''])
    expect(reply.headers.get('etag')).toBe(tag)
    expect(reply.headers.get('x-request-id')).toMatch(/./)
  })

  test('saves nothing for a caller who has another state', async () => {
    const { wallet, path, tag } = await tagged()

    const other = await api.get(path, { 'if-none-match': '"a", "b"' })
    await topUp(wallet, 1)
    const old = await api.get(path, { 'if-none-match': tag })

    expect([other.status, other.headers.get('etag')]).toEqual([200, tag])
    expect(old.status).toBe(200)
    expect(old.text).toContain('101')
  })

  test('is that of a consistent read, too', async () => {
    const { path, tag } = await tagged()

    const read = await api.get(`${path}?consistent=true`)
    const saved = await api.get(`${path}?consistent=true`, { 'if-none-match': tag })

    expect([read.status, read.headers.get('etag')]).toEqual([200, tag])
    expect(saved.status).toBe(304)
  })

  test('does not turn a problem into a 304', async () => {
    const reply = await api.get(pathOf(newWallet()), { 'if-none-match': '*' })

    expectProblem(reply, 404, 'WALLET_NOT_FOUND')
  })
})

describe('a read', () => {
  test.each(['maybe', '', '1'])('is not ?consistent=%s', async (consistent) => {
    const wallet = await fundedWallet(1)

    const reply = await api.get(`/v1/wallets/${wallet}?consistent=${consistent}`)

    expectProblem(reply, 400, 'INVALID_REQUEST')
  })

  test('changes nothing', async () => {
    const wallet = await fundedWallet(100)
    const before = await ledger()

    await api.get(`/v1/wallets/${wallet}`)
    await api.get(`/v1/wallets/${wallet}/balances/${GEMS}`)
    await getTransactions(wallet)
    await getEntries(wallet)
    await api.get(`/v1/wallets/${wallet}/ledger/verify?asset=${GOLD}`)
    await api.get(`/v1/wallets/${wallet}/holds`)
    await api.get('/v1/assets')

    expect(await ledger()).toEqual(before)
  })
})

describe('a balance at a time', () => {
  let wallet: string
  let times: { first: number; second: number; third: number }

  beforeAll(async () => {
    wallet = newWallet()
    const topup = await topUp(wallet, 100)
    const held = await move(`/v1/wallets/${wallet}/holds`, { asset: GOLD, amount: 30 })
    const spent = await move(`/v1/wallets/${wallet}/spend`, { asset: GOLD, amount: 50 })
    const [first = 0, second = 0, third = 0] = [topup, held, spent].map(({ createdAt }) =>
      Date.parse(createdAt),
    )
    times = { first, second, third }
  })

  async function balanceAt(at: string, asset = GOLD) {
    const { body } = await api.get(withQuery(`/v1/wallets/${wallet}/balances/${asset}`, { at }))
    return balanceAnswer.parse(body)
  }

  const iso = (ms: number) => new Date(ms).toISOString()

  test.each([
    {
      moment: 'before the first entry is zero',
      at: () => times.first - 1,
      balance: { available: 0, held: 0, version: 0 },
    },
    {
      moment: 'of the first entry is what that entry left',
      at: () => times.first,
      balance: { available: 100, held: 0, version: 1 },
    },
    {
      moment: 'just before the second entry is still that',
      at: () => times.second - 1,
      balance: { available: 100, held: 0, version: 1 },
    },
    {
      moment: 'of the second entry includes it, and what it holds',
      at: () => times.second,
      balance: { available: 70, held: 30, version: 2 },
    },
    {
      moment: 'of the newest entry includes it',
      at: () => times.third,
      balance: { available: 20, held: 30, version: 3 },
    },
    {
      moment: 'in the future is that of now',
      at: () => Date.parse('2999-12-31T23:59:59Z'),
      balance: { available: 20, held: 30, version: 3 },
    },
  ])('$moment', async ({ at, balance }) => {
    const found = await balanceAt(iso(at()))

    expect(found).toMatchObject({ walletId: wallet, asset: GOLD, ...balance })
  })

  test('may be asked for by a date, or in another time zone', async () => {
    const sixHoursAhead = iso(times.second + 6 * 3_600_000).replace('Z', '+06:00')

    const byDate = await balanceAt('2001-02-03')
    const inAnotherZone = await balanceAt(sixHoursAhead)

    expect(byDate).toMatchObject({ available: 0, held: 0, version: 0 })
    expect(inAnotherZone).toMatchObject({ available: 70, held: 30, version: 2 })
  })

  test('is zero at any time, for an asset that the wallet never held', async () => {
    const found = await balanceAt(iso(times.third), GEMS)

    expect(found).toMatchObject({ asset: GEMS, available: 0, held: 0, version: 0 })
  })

  test('is not found without its wallet or its asset', async () => {
    const query = { at: iso(times.third) }

    const noWallet = await api.get(withQuery(`/v1/wallets/${newWallet()}/balances/${GOLD}`, query))
    const noAsset = await api.get(
      withQuery(`/v1/wallets/${wallet}/balances/${UNKNOWN_ASSET}`, query),
    )

    expectProblem(noWallet, 404, 'WALLET_NOT_FOUND')
    expectProblem(noAsset, 404, 'ASSET_NOT_FOUND')
  })

  test.each(['yesterday', '', '2026-13-01', '2026-11-21T06:00:00', '1763704800000'])(
    'is not that of "%s"',
    async (at) => {
      const reply = await api.get(withQuery(`/v1/wallets/${wallet}/balances/${GOLD}`, { at }))

      expectProblem(reply, 400, 'INVALID_REQUEST')
    },
  )
})

describe('one transaction', () => {
  test('is what the write that made it answered', async () => {
    const wallet = await fundedWallet(100)
    const made = await move(`/v1/wallets/${wallet}/spend`, {
      asset: GOLD,
      amount: 7,
      reference: 'sword-of-dawn',
      metadata: { shop: 'harbour', level: '9' },
    })
    await topUp(wallet, 50)

    const { status, body } = await api.get(`/v1/transactions/${made.id}`)

    expect(status).toBe(200)
    expect(body).toEqual(made)
  })

  test('is not found under an id that nothing has', async () => {
    const unknown = await api.get(`/v1/transactions/txn_${'0'.repeat(26)}`)
    const malformed = await api.get('/v1/transactions/txn_1')

    expectProblem(unknown, 404, 'TRANSACTION_NOT_FOUND')
    expectProblem(malformed, 400, 'INVALID_REQUEST')
  })
})

describe('the history of a wallet', () => {
  let wallet: string
  /** Oldest first. */
  let history: Transaction[]

  beforeAll(async () => {
    wallet = newWallet()
    const path = `/v1/wallets/${wallet}`
    const held = (to: Transaction) => `${path}/holds/${to.holdId}`
    const topup = await topUp(wallet, 100)
    const bonus = await move(`${path}/bonus`, { asset: GEMS, amount: 10, reference: 'welcome' })
    const spend = await move(`${path}/spend`, { asset: GOLD, amount: 5 })
    const exchange = await move(`${path}/exchange`, {
      from: { asset: GOLD, amount: 20 },
      to: { asset: GEMS, amount: 2 },
    })
    const transfer = await move(`${path}/transfer`, { to: newWallet(), asset: GOLD, amount: 9 })
    const hold = await move(`${path}/holds`, { asset: GOLD, amount: 6 })
    const capture = await move(`${held(hold)}/capture`, { amount: 4 })
    const release = await move(`${held(hold)}/void`, {})
    const trade = await move('/v1/transactions', {
      postings: [
        { from: wallet, to: '@market-fees', asset: GEMS, amount: 1 },
        { from: '@prize-pool', to: wallet, asset: POINTS, amount: 3 },
        { from: wallet, to: '@market-fees', asset: GOLD, amount: 2 },
      ],
    })
    const reversal = await move(`/v1/transactions/${spend.id}/reverse`, { amount: 3 })
    history = [
      ...[topup, bonus, spend, exchange, transfer],
      ...[hold, capture, release, trade, reversal],
    ]
  })

  const ids = (transactions: readonly { readonly id: string }[]) => transactions.map(({ id }) => id)
  const timeOf = (index: number) => history[index]?.createdAt ?? ''

  describe('as transactions', () => {
    test('comes newest first, each as its write answered it', async () => {
      const { items, nextCursor } = await getTransactions(wallet)

      expect(items).toEqual(history.toReversed())
      expect(nextCursor).toBeNull()
    })

    test.each([
      { order: 'asc', inOrder: () => history },
      { order: 'desc', inOrder: () => history.toReversed() },
    ])('comes in the order $order', async ({ order, inOrder }) => {
      const { items } = await getTransactions(wallet, { order })

      expect(ids(items)).toEqual(ids(inOrder()))
    })

    test.each(['asc', 'desc'])(
      'is walked by cursors exactly once in the order %s, whatever the page size',
      async (order) => {
        const whole = await getTransactions(wallet, { order })

        const walks = await Promise.all(
          [1, 2, 3, 7].map((limit) =>
            walk(limit, (query) => getTransactions(wallet, { ...query, order })),
          ),
        )

        for (const walked of walks) expect(ids(walked)).toEqual(ids(whole.items))
      },
    )

    test.each([
      'TOPUP',
      'BONUS',
      'SPEND',
      'EXCHANGE',
      'TRANSFER',
      'HOLD',
      'CAPTURE',
      'VOID',
      'POST',
      'REVERSE',
    ])('can be only what is of type %s', async (type) => {
      const { items } = await getTransactions(wallet, { type })

      expect(ids(items)).toEqual(ids(history.filter((transaction) => transaction.type === type)))
      expect(items).toHaveLength(1)
    })

    test('has nothing of a type that never happened', async () => {
      const { items, nextCursor } = await getTransactions(wallet, { type: 'WITHDRAW' })

      expect({ items, nextCursor }).toEqual({ items: [], nextCursor: null })
    })

    test('can be only what moved one asset', async () => {
      const { items } = await getTransactions(wallet, { asset: GEMS, order: 'asc' })

      expect(items.map(({ type }) => type)).toEqual(['BONUS', 'EXCHANGE', 'POST'])
    })

    test('can be only what moved one asset and is of one type', async () => {
      const { items } = await getTransactions(wallet, { asset: GEMS, type: 'EXCHANGE' })

      expect(items.map(({ type }) => type)).toEqual(['EXCHANGE'])
    })

    test('is half-open in time: from is inside, to is not', async () => {
      const [from, to] = [timeOf(2), timeOf(5)]

      const between = await getTransactions(wallet, { from, to, order: 'asc' })
      const since = await getTransactions(wallet, { from: timeOf(8), order: 'asc' })
      const until = await getTransactions(wallet, { to: timeOf(2), order: 'asc' })

      expect(ids(between.items)).toEqual(ids(history.slice(2, 5)))
      expect(ids(since.items)).toEqual(ids(history.slice(8)))
      expect(ids(until.items)).toEqual(ids(history.slice(0, 2)))
    })

    test.each([
      { order: 'asc', inOrder: () => history.slice(1, 9) },
      { order: 'desc', inOrder: () => history.slice(1, 9).toReversed() },
    ])('is walked inside of a range of time, too: $order', async ({ order, inOrder }) => {
      const range = { from: timeOf(1), to: timeOf(9), order }

      const walked = await walk(1, (query) => getTransactions(wallet, { ...query, ...range }))

      expect(ids(walked)).toEqual(ids(inOrder()))
    })
  })

  describe('as entries', () => {
    test('has one for each balance that a transaction changed', async () => {
      const { items } = await getEntries(wallet, { order: 'asc' })

      const expected = history.flatMap(({ id, balances }) =>
        balances
          .filter(({ walletId }) => walletId === wallet)
          .map(({ asset, available, held, version }) => {
            return { transactionId: id, asset, available, held, version }
          }),
      )
      expect(items).toHaveLength(expected.length)
      expect(items).toEqual(
        expect.arrayContaining(expected.map((entry) => expect.objectContaining(entry))),
      )
    })

    test('says what changed, between whom, and why', async () => {
      const { items } = await getEntries(wallet, { asset: GEMS, order: 'asc', limit: '1' })
      const [, bonus] = history

      expect(items).toEqual([
        {
          transactionId: bonus?.id,
          type: 'BONUS',
          asset: GEMS,
          availableDelta: 10,
          heldDelta: 0,
          available: 10,
          held: 0,
          version: 1,
          postings: [{ counterparty: '@treasury', amount: 10 }],
          reference: 'welcome',
          at: bonus?.createdAt,
          prevHash: GENESIS,
          hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ])
    })

    test('shows what a hold keeps, what a capture takes of it, and what a void gives back', async () => {
      const { items } = await getEntries(wallet, { asset: GOLD, order: 'asc' })

      const ofHold = items.filter(({ type }) => ['HOLD', 'CAPTURE', 'VOID'].includes(type))
      expect(ofHold).toMatchObject([
        { availableDelta: -6, heldDelta: 6, postings: [] },
        {
          availableDelta: 0,
          heldDelta: -4,
          postings: [{ counterparty: '@treasury', amount: -4 }],
        },
        { availableDelta: 2, heldDelta: -2, postings: [] },
      ])
    })

    test.each(['asc', 'desc'])(
      'is walked by cursors exactly once in the order %s, whatever the page size',
      async (order) => {
        const whole = await getEntries(wallet, { order })

        const walks = await Promise.all(
          [1, 2, 3, 7].map((limit) =>
            walk(limit, (query) => getEntries(wallet, { ...query, order })),
          ),
        )

        for (const walked of walks) expect(walked).toEqual(whole.items)
      },
    )

    test('comes newest first, unless asked otherwise', async () => {
      const newestFirst = await getEntries(wallet, { asset: GOLD })
      const oldestFirst = await getEntries(wallet, { asset: GOLD, order: 'asc' })

      const versions = oldestFirst.items.map(({ version }) => version)
      expect(versions).toEqual(Array.from(versions, (_, index) => index + 1))
      expect(newestFirst.items).toEqual(oldestFirst.items.toReversed())
    })

    test('is half-open in time: from is inside, to is not', async () => {
      const { items } = await getEntries(wallet, {
        from: timeOf(2),
        to: timeOf(4),
        asset: GOLD,
        order: 'asc',
      })

      expect(items.map(({ transactionId }) => transactionId)).toEqual(ids(history.slice(2, 4)))
    })

    test('can be checked by anybody: each entry hashes what it says and the one before it', async () => {
      for (const asset of [GOLD, GEMS, POINTS]) {
        const { items } = await getEntries(wallet, { asset, order: 'asc' })

        const hashes = items.map(({ hash }) => hash)
        expect(items.length).toBeGreaterThan(0)
        expect(items.map((entry) => hashOf(wallet, entry))).toEqual(hashes)
        expect(items.map(({ prevHash }) => prevHash)).toEqual([GENESIS, ...hashes.slice(0, -1)])
      }
    })

    /** As docs/invariants.md tells a client to. */
    function hashOf(walletId: string, entry: Entry): string {
      const { asset, version, at, transactionId, type, availableDelta, heldDelta } = entry
      const { available, held, postings, reference, prevHash } = entry
      const text = JSON.stringify([
        'strongbox.entry.1',
        ...[walletId, asset, version, Date.parse(at), transactionId, type],
        ...[availableDelta, heldDelta, available, held],
        postings.map(({ counterparty, amount }) => [counterparty, amount]),
        reference,
        prevHash,
      ])
      return createHash('sha256').update(text).digest('hex')
    }
  })

  describe('recomputed by the service', () => {
    test('is whole, up to the newest entry', async () => {
      const { items } = await getEntries(wallet, { asset: GOLD })

      const { body } = await api.get(`/v1/wallets/${wallet}/ledger/verify?asset=${GOLD}`)

      const head = items[0]?.hash
      expect(body).toEqual({ ok: true, entries: items.length, head, firstBreak: null })
    })

    test('has no entries of an asset that the wallet never held', async () => {
      const alice = await fundedWallet(1)

      const { body } = await api.get(`/v1/wallets/${alice}/ledger/verify?asset=${GEMS}`)

      expect(body).toEqual({ ok: true, entries: 0, head: GENESIS, firstBreak: null })
    })

    test('needs a wallet and an asset that exist', async () => {
      const noWallet = await api.get(`/v1/wallets/${newWallet()}/ledger/verify?asset=${GOLD}`)
      const noAsset = await api.get(`/v1/wallets/${wallet}/ledger/verify?asset=${UNKNOWN_ASSET}`)
      const unnamed = await api.get(`/v1/wallets/${wallet}/ledger/verify`)

      expectProblem(noWallet, 404, 'WALLET_NOT_FOUND')
      expectProblem(noAsset, 404, 'ASSET_NOT_FOUND')
      expectProblem(unnamed, 400, 'INVALID_REQUEST')
    })
  })

  describe.each(['transactions', 'ledger'])('under /%s', (list) => {
    test('is not found without the wallet, or of an asset that is not registered', async () => {
      const noWallet = await api.get(`/v1/wallets/${newWallet()}/${list}`)
      const noAsset = await api.get(`/v1/wallets/${wallet}/${list}?asset=${UNKNOWN_ASSET}`)

      expectProblem(noWallet, 404, 'WALLET_NOT_FOUND')
      expectProblem(noAsset, 404, 'ASSET_NOT_FOUND')
    })

    test('is empty for an asset that the wallet never held, and for a time without any', async () => {
      const alice = await fundedWallet(1)

      const ofGems = await api.get(`/v1/wallets/${alice}/${list}?asset=${GEMS}`)
      const longAgo = await api.get(`/v1/wallets/${alice}/${list}?to=2001-01-01`)
      const inFuture = await api.get(`/v1/wallets/${alice}/${list}?from=2999-01-01`)

      const now = new Date().toISOString()
      const untilNow = await api.get(`/v1/wallets/${alice}/${list}?asset=${GEMS}&to=${now}`)

      const nothing = { items: [], nextCursor: null }
      expect(untilNow.body).toEqual({ ...nothing, settled: false })
      expect(ofGems.body).toEqual({ ...nothing, settled: false })
      expect(longAgo.body).toEqual({ ...nothing, settled: true })
      expect(inFuture.body).toEqual({ ...nothing, settled: false })
    })

    test.each([
      'limit=0',
      'limit=101',
      'limit=-1',
      'limit=1.5',
      'limit=ten',
      'limit=',
      'order=newest',
      'from=yesterday',
      'from=2026-01-02&to=2026-01-01',
      'from=2026-01-01&to=2026-01-01',
      'asset=gold',
      'state=OPEN',
    ])('is not shown for %s', async (query) => {
      const reply = await api.get(`/v1/wallets/${wallet}/${list}?${query}`)

      expectProblem(reply, 400, 'INVALID_REQUEST')
    })

    test('has 25 on a page, unless asked for 1 to 100', async () => {
      const alice = newWallet()
      for (let topUps = 0; topUps < 26; topUps += 1) await topUp(alice, 1)

      const [byDefault, one, all] = await Promise.all(
        ['', '?limit=1', '?limit=100'].map(async (query) => {
          const { body } = await api.get(`/v1/wallets/${alice}/${list}${query}`)
          return { shown: Object(body['items']).length, isLast: body['nextCursor'] === null }
        }),
      )

      expect(byDefault).toEqual({ shown: 25, isLast: false })
      expect(one).toEqual({ shown: 1, isLast: false })
      expect(all).toEqual({ shown: 26, isLast: true })
    })

    test('takes a cursor only as it was given, for the same list with the same filters', async () => {
      const other = list === 'ledger' ? 'transactions' : 'ledger'
      const { body } = await api.get(`/v1/wallets/${wallet}/${list}?limit=1`)
      const cursor = String(body['nextCursor'])
      const [first = ''] = cursor
      const forged = `${first === 'A' ? 'B' : 'A'}${cursor.slice(1)}`

      const replies = await Promise.all([
        api.get(`/v1/wallets/${wallet}/${list}?cursor=${forged}`),
        api.get(`/v1/wallets/${wallet}/${list}?cursor=${cursor}&order=asc`),
        api.get(`/v1/wallets/${wallet}/${list}?cursor=${cursor}&asset=${GOLD}`),
        api.get(`/v1/wallets/${wallet}/${list}?cursor=${cursor}&from=2001-01-01`),
        api.get(`/v1/wallets/${wallet}/${other}?cursor=${cursor}`),
        api.get(`/v1/wallets/${newWallet()}/${list}?cursor=${cursor}`),
      ])

      for (const reply of replies) expectProblem(reply, 400, 'INVALID_CURSOR')
    })

    test('may be read consistently', async () => {
      const plain = await api.get(`/v1/wallets/${wallet}/${list}`)
      const consistent = await api.get(`/v1/wallets/${wallet}/${list}?consistent=true`)

      expect(consistent.text).toBe(plain.text)
    })
  })

  test('has no filter by type among its entries, and none by a type that there is not', async () => {
    const ofEntries = await api.get(`/v1/wallets/${wallet}/ledger?type=SPEND`)
    const unknownType = await api.get(`/v1/wallets/${wallet}/transactions?type=GIFT`)

    expectProblem(ofEntries, 400, 'INVALID_REQUEST')
    expectProblem(unknownType, 400, 'INVALID_REQUEST')
  })
})

describe('a key stands for the whole request', () => {
  const request = { asset: GOLD, amount: 7, reference: 'order-7', metadata: { shop: 'harbour' } }

  test.each([
    { with: 'another reference', other: { ...request, reference: 'order-8' } },
    { with: 'no reference', other: { ...request, reference: undefined } },
    { with: 'other metadata', other: { ...request, metadata: { shop: 'castle' } } },
    { with: 'more metadata', other: { ...request, metadata: { shop: 'harbour', level: '9' } } },
    { with: 'no metadata', other: { ...request, metadata: undefined } },
  ])('with $with it is refused and moves nothing', async ({ other }) => {
    const wallet = await fundedWallet(100)
    const key = randomUUID()
    await api.post(`/v1/wallets/${wallet}/spend`, request, key)
    const before = await ledger()

    const reused = await api.post(`/v1/wallets/${wallet}/spend`, other, key)

    expectProblem(reused, 422, 'IDEMPOTENCY_KEY_REUSED')
    expect(await ledger()).toEqual(before)
  })
})

describe('an asset', () => {
  const newCode = () => `COIN_${randomUUID().slice(0, 8).toUpperCase()}`

  test('is known once it is registered', async () => {
    const code = newCode()

    const before = await api.get(`/v1/assets/${code}`)
    const registered = await putAsset(code, { name: 'Moon dust', scale: 2 })
    const after = await api.get(`/v1/assets/${code}`)
    const topup = await api.post(`/v1/wallets/${newWallet()}/topup`, { asset: code, amount: 1 })

    expectProblem(before, 404, 'ASSET_NOT_FOUND')
    expect(registered.body).toEqual({ code, name: 'Moon dust', scale: 2, active: true })
    expect(after.body).toEqual(registered.body)
    expect(topup.status).toBe(201)
  })

  test('that is not registered moves nowhere', async () => {
    const wallet = await fundedWallet(10)
    const before = await ledger()

    const credit = await api.post(`/v1/wallets/${wallet}/topup`, {
      asset: UNKNOWN_ASSET,
      amount: 1,
    })
    const debit = await api.post(`/v1/wallets/${wallet}/spend`, { asset: UNKNOWN_ASSET, amount: 1 })

    expectProblem(credit, 404, 'ASSET_NOT_FOUND')
    expectProblem(debit, 404, 'ASSET_NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })

  test('can get another name, and can be registered twice', async () => {
    const code = newCode()
    await putAsset(code, { name: 'Moon dust', scale: 2 })

    const twice = await putAsset(code, { name: 'Moon dust', scale: 2 })
    const renamed = await putAsset(code, { name: 'Stardust', scale: 2 })
    const found = await api.get(`/v1/assets/${code}`)

    expect([twice.status, renamed.status]).toEqual([200, 200])
    expect(found.body).toEqual({ code, name: 'Stardust', scale: 2, active: true })
  })

  test('keeps its scale', async () => {
    const code = newCode()
    await putAsset(code, { name: 'Moon dust', scale: 2 })

    const rescaled = await putAsset(code, { name: 'Stardust', scale: 3 })
    const found = await api.get(`/v1/assets/${code}`)

    expectProblem(rescaled, 400, 'INVALID_REQUEST')
    expect(found.body).toEqual({ code, name: 'Moon dust', scale: 2, active: true })
  })

  test.each([0, 8])('may have the scale %i', async (scale) => {
    const code = newCode()

    const { status, body } = await putAsset(code, { name: 'Moon dust', scale })

    expect([status, body['scale']]).toEqual([200, scale])
  })

  test.each([
    { fault: 'a negative scale', code: 'DUST', body: { name: 'Moon dust', scale: -1 } },
    { fault: 'a scale of 9', code: 'DUST', body: { name: 'Moon dust', scale: 9 } },
    { fault: 'a scale of 1.5', code: 'DUST', body: { name: 'Moon dust', scale: 1.5 } },
    { fault: 'no scale', code: 'DUST', body: { name: 'Moon dust' } },
    { fault: 'no name', code: 'DUST', body: { scale: 2 } },
    { fault: 'an empty name', code: 'DUST', body: { name: '', scale: 2 } },
    { fault: 'another field', code: 'DUST', body: { name: 'Moon dust', scale: 2, active: false } },
    { fault: 'a code in small letters', code: 'dust', body: { name: 'Moon dust', scale: 2 } },
    { fault: 'a code of 33 letters', code: 'D'.repeat(33), body: { name: 'Moon dust', scale: 2 } },
  ])('with $fault is refused', async ({ code, body }) => {
    const before = await ledger()

    const reply = await putAsset(code, body)

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test('is listed with the others by code, in pages', async () => {
    const added = [newCode(), newCode()]
    for (const code of added) await putAsset(code, { name: code, scale: 0 })

    const { items } = await getAssets({ limit: '100' })
    const walked = await walk(5, getAssets)

    const codes = walked.map(({ code }) => code)
    expect(codes).toEqual(expect.arrayContaining([GOLD, GEMS, POINTS, ...added]))
    expect(codes).toEqual(codes.toSorted((one, other) => (one < other ? -1 : 1)))
    expect(new Set(codes).size).toBe(codes.length)
    // There may be more than one page has.
    expect(walked.slice(0, 100)).toEqual(items)
  })

  test.each([
    { query: 'limit=0', code: 'INVALID_REQUEST' },
    { query: 'limit=101', code: 'INVALID_REQUEST' },
    { query: 'cursor=abc', code: 'INVALID_CURSOR' },
  ])('is not listed for $query', async ({ query, code }) => {
    const reply = await api.get(`/v1/assets?${query}`)

    expectProblem(reply, 400, code)
  })
})

test('after all of that, the ledger keeps every invariant', async () => {
  const { entries, faults } = await api.books.check()

  expect(entries).toBeGreaterThan(20)
  expect(faults).toEqual([])
})
