import { beforeEach, describe, expect, test } from 'vitest'
import {
  type HistoryPosition,
  type HistoryQuery,
  listTransactions,
} from '../../lib/ledger/history.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import type { WalletId } from '../../lib/money/account.ts'
import type { Transaction } from '../../lib/money/transaction.ts'
import { virtualEffects } from '../support/faults.ts'
import {
  ALICE,
  GEMS,
  GOLD,
  openTestLedger,
  origin,
  posting,
  type TestLedger,
} from '../support/ledger.ts'

const NOON = Date.parse('2026-11-01T12:00:00Z')
const HOUR_MS = 3_600_000

let ledger: TestLedger

/** Ten transactions an hour apart in pairs: two of each time, over two assets, every third a spend. */
async function writeHistory(): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < 10; index += 1) {
    const at = openLedger(ledger.store, virtualEffects(NOON + Math.floor(index / 2) * HOUR_MS))
    const asset = index % 4 === 3 ? GEMS : GOLD
    const isSpend = index % 3 === 2 && asset === GOLD
    const request = isSpend
      ? { type: 'SPEND' as const, postings: [posting('alice', '@treasury', asset, 1)] }
      : { type: 'TOPUP' as const, postings: [posting('@treasury', 'alice', asset, 10)] }
    const result = await post(at, request, origin())
    if (result.kind !== 'posted') throw new Error('the history was not written')
    ids.push(result.transaction.id)
  }
  return ids
}

const QUERY = { walletId: ALICE, order: 'desc', limit: 25, consistent: true } as const

async function readPage(query: HistoryQuery) {
  const page = await listTransactions(ledger.store, query)
  if (page.kind === 'declined') throw new Error(page.decline.code)
  return page
}

async function readAll(limit: number, filter: Partial<HistoryQuery> = {}): Promise<Transaction[]> {
  const all: Transaction[] = []
  let after: HistoryPosition | undefined
  for (let pages = 0; pages < 50; pages += 1) {
    const page = await readPage({ ...QUERY, ...filter, limit, after })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    all.push(...page.items)
    if (!page.next) return all
    after = page.next
  }
  throw new Error('the pages never end')
}

const ids = (transactions: Transaction[]) => transactions.map(({ id }) => id)

beforeEach(async () => {
  ledger = await openTestLedger()
})

describe('a history over several assets', () => {
  test.each([1, 2, 3, 7, 10, 100])(
    'in pages of %i is each transaction once, newest first',
    async (limit) => {
      const written = await writeHistory()

      const read = await readAll(limit)

      const times = read.map(({ at }) => at)
      expect(read).toHaveLength(written.length)
      expect(new Set(ids(read))).toEqual(new Set(written))
      expect(times).toEqual(times.toSorted((a, b) => b - a))
    },
  )

  test('shows a transaction that moved two assets once', async () => {
    const trade = {
      type: 'POST' as const,
      postings: [
        posting('@treasury', 'alice', GOLD, 5),
        posting('@treasury', 'alice', GEMS, 6),
        posting('@treasury', 'bob', GOLD, 7),
      ],
    }
    await post(ledger, trade, origin())

    const [all, gems, ofBob] = [
      await readAll(1),
      await readAll(1, { asset: GEMS }),
      await readAll(1, { walletId: 'bob' as WalletId }),
    ]

    expect([all.length, gems.length, ofBob.length]).toEqual([1, 1, 1])
  })

  test('goes on where it was, while others write', async () => {
    const written = await writeHistory()
    const first = await readPage({ ...QUERY, limit: 4 })
    await post(
      ledger,
      { type: 'TOPUP', postings: [posting('@treasury', 'alice', GOLD, 1)] },
      origin(),
    )

    const rest = await readPage({ ...QUERY, limit: 100, after: first.next })

    const seen = [...first.items, ...rest.items]
    expect(seen).toHaveLength(written.length)
    expect(new Set(ids(seen))).toEqual(new Set(written))
  })

  test('of a wallet that never was is not an empty one', async () => {
    const query = { ...QUERY, walletId: 'nobody' as WalletId }

    expect(await listTransactions(ledger.store, query)).toMatchObject({
      decline: { code: 'WALLET_NOT_FOUND' },
    })
    expect(await listTransactions(ledger.store, { ...query, asset: GOLD })).toMatchObject({
      decline: { code: 'WALLET_NOT_FOUND' },
    })
  })
})

describe('a filter', () => {
  test('by asset gives that asset', async () => {
    await writeHistory()

    const read = await readAll(2, { asset: GEMS })

    expect(read).toHaveLength(2)
    expect(read.every(({ balances }) => balances[0]?.asset === GEMS)).toBe(true)
  })

  test('by type gives that type, in pages, too', async () => {
    await writeHistory()

    const read = await readAll(1, { type: 'SPEND' })

    expect(read.map(({ type }) => type)).toEqual(['SPEND', 'SPEND', 'SPEND'])
  })

  test('by time has its beginning inside and its end outside', async () => {
    await writeHistory()

    const read = await readAll(3, { from: NOON + HOUR_MS, to: NOON + 3 * HOUR_MS })

    const hours = read.map(({ at }) => (at - NOON) / HOUR_MS)
    expect(hours).toEqual([2, 2, 1, 1])
  })
})
