import { expect, test } from 'vitest'
import { accountName, openBooks, totalsOf } from './books.ts'
import type { Errand } from './errand.ts'
import { KIND_NAMES, type KindName, kindOf } from './kinds.ts'
import { expectedSupply } from './supply.ts'
import { makeWorld } from './world.ts'

const world = makeWorld('abc', 2)
const SPAN = { sentAt: 1, receivedAt: 2 }

function errand(kind: KindName, some: Partial<Errand> = {}): Errand {
  return {
    ...{ name: `${kind}-1`, kind, wallet: 0, other: 1, amount: 10 },
    ...{ isTwin: false, isRepeated: false, ...some },
  }
}

function answer(id: string) {
  return { id, type: 'ANY', balances: [] }
}

test('what was done adds up, wherever it went', () => {
  const books = openBooks(world)
  const kinds: KindName[] = ['topup', 'transfer', 'hold', 'capture', 'exchange', 'trade']
  const done = [errand('topup', { amount: 100 }), ...kinds.slice(1).map((kind) => errand(kind))]

  for (const [index, one] of done.entries()) books.done(one, answer(`txn_${index}`), SPAN)

  const totals = (walletId = '', asset = world.coins) => {
    const account = books.accounts.get(accountName(walletId, asset))
    return account && totalsOf(account)
  }
  const [first, second] = world.wallets
  // 100 − 10 to the other − 10 held − 10 for gems − 10 to the other, and 1 of fees.
  expect(totals(first)).toEqual({ available: 59, held: 0, version: 6 })
  expect(totals(second)).toEqual({ available: 20, held: 0, version: 2 })
  expect(totals(first, world.gems)).toEqual({ available: 30, held: 0, version: 1 })
  expect(expectedSupply(books, world.coins)).toEqual({
    ...{ inWallets: 79, held: 0, inTransit: 0, sum: 0 },
  })
})

test('one transaction is nobody else’s', () => {
  const books = openBooks(world)
  books.done(errand('topup', { name: '1' }), answer('txn_1'), SPAN)

  books.done(errand('topup', { name: '2' }), answer('txn_1'), SPAN)

  expect(books.transactions()).toBe(1)
  expect(books.contradictions).toMatchObject([{ where: 'txn_1', found: 'the one of errand 1' }])
})

test('what was declined and then done is no refusal any more', () => {
  const books = openBooks(world)
  books.declined(errand('spend'), { name: '402', ...SPAN })
  expect(books.refusals.get('spend-1')).toBe('402')

  books.done(errand('spend'), answer('txn_1'), SPAN)

  expect(books.refusals.size).toBe(0)
})

test.each(KIND_NAMES)('%s takes from one balance at most, and asks for what it does', (kind) => {
  const one = errand(kind)
  const effects = kindOf(one).effects(one, world)

  const { path, body } = kindOf(one).ask(one, world, 'hold_1')

  expect(effects.filter(({ available }) => available < 0).length).toBeLessThanOrEqual(1)
  expect(effects.length).toBeGreaterThan(0)
  expect(path).toMatch(/^\/v1\//)
  // Whatever it names is of this run.
  for (const text of JSON.stringify({ path, body }).match(/MONKEY_\w+|monkey-\w+-\d{4}/g) ?? [])
    expect([world.coins, world.gems, ...world.wallets]).toContain(text)
})
