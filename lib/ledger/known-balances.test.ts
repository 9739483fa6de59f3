import { beforeEach, describe, expect, test } from 'vitest'
import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Balance } from '../money/balance.ts'
import {
  createKnownBalances,
  isAsRecalled,
  KEPT_FOR_MS,
  type KnownBalances,
  RIGHT_FOR_ONE_WRONG,
} from './known-balances.ts'

const MOST_KEPT = 3

let nowMs = 0
let known: KnownBalances

beforeEach(() => {
  nowMs = 1_000
  known = createKnownBalances({ now: () => nowMs, mostKept: MOST_KEPT })
})

function balance(wallet: string, seq = 1, change: Partial<Balance> = {}): Balance {
  return {
    walletId: wallet as WalletId,
    asset: 'GOLD_COINS' as AssetCode,
    available: 10,
    held: 0,
    seq,
    head: `head of ${seq}`,
    at: 500,
    status: 'ACTIVE',
    ...change,
  }
}

const [alice, bob] = [balance('alice'), balance('bob')]

describe('what was written', () => {
  test('is recalled as it was', () => {
    known.learn([alice, bob])

    expect(known.recall([bob, alice])).toEqual([bob, alice])
  })

  test('is recalled as a whole or not at all', () => {
    known.learn([alice])

    expect(known.recall([alice, bob])).toBeUndefined()
  })

  test('says nothing about a request that touches no balance', () => {
    expect(known.recall([])).toBeUndefined()
  })

  test('is known for a while only', () => {
    known.learn([alice])

    nowMs += KEPT_FOR_MS - 1
    expect(known.recall([alice])).toEqual([alice])
    nowMs += 1
    expect(known.recall([alice])).toBeUndefined()
  })

  test('makes room: what was written longest ago goes first', () => {
    known.learn([alice, bob, balance('carol')])
    known.learn([balance('alice', 2)])

    known.learn([balance('dave')])

    const left = ['alice', 'bob', 'carol', 'dave'].filter((name) => known.recall([balance(name)]))
    expect(left).toEqual(['alice', 'carol', 'dave'])
  })

  test('is not kept at all where there is no room', () => {
    const off = createKnownBalances({ now: () => nowMs, mostKept: 0 })

    off.learn([alice])

    expect(off.recall([alice])).toBeUndefined()
  })

  test('is forgotten by name', () => {
    known.learn([alice, bob])

    known.forget([balance('alice', 7)])

    expect(known.recall([alice])).toBeUndefined()
    expect(known.recall([bob])).toEqual([bob])
  })
})

describe('of two answers that overtook each other', () => {
  test('the newer state stays, whichever comes last', () => {
    const newer = balance('alice', 2)

    known.learn([newer])
    known.learn([alice])

    expect(known.recall([alice])).toEqual([newer])
  })

  test.each([{ status: 'FROZEN' as const }, { head: 'head of another history' }])(
    'neither stays where nobody can say which is newer: %o',
    (change) => {
      known.learn([alice])
      known.learn([balance('alice', 1, change)])

      expect(known.recall([alice])).toBeUndefined()
    },
  )

  test('an old one that was about to be forgotten is in nobody’s way', () => {
    known.learn([balance('alice', 9)])
    nowMs += KEPT_FOR_MS

    known.learn([alice])

    expect(known.recall([alice])).toEqual([alice])
  })
})

describe('trust', () => {
  const judge = (verdict: 'right' | 'wrong', times = 1) => {
    for (let count = 0; count < times; count += 1) known.judge([alice], verdict, 'compared')
  }

  test('is there from the start', () => {
    expect(known.isTrusted()).toBe(true)
  })

  test('is lost by one mistake, and earned again by being right for as long as makes up for it', () => {
    judge('wrong')
    judge('right', RIGHT_FOR_ONE_WRONG - 1)
    expect(known.isTrusted()).toBe(false)

    judge('right')

    expect(known.isTrusted()).toBe(true)
  })

  test('starts from nothing with each mistake', () => {
    judge('wrong')
    judge('right', RIGHT_FOR_ONE_WRONG - 1)
    judge('wrong')

    judge('right', RIGHT_FOR_ONE_WRONG - 1)

    expect(known.isTrusted()).toBe(false)
  })

  test('is not saved up: after a thousand times right, one mistake is as dear', () => {
    judge('right', 1_000)

    judge('wrong')

    expect(known.isTrusted()).toBe(false)
  })

  test('is not lost by what was right', () => {
    known.learn([alice])

    known.judge([alice], 'right', 'relied')

    expect(known.recall([alice])).toEqual([alice])
  })

  test('what was wrong is forgotten', () => {
    known.learn([alice, bob])

    known.judge([alice], 'wrong', 'compared')

    expect(known.recall([alice])).toBeUndefined()
    expect(known.recall([bob])).toEqual([bob])
  })
})

test('what writes relied on is counted until somebody asks; what was only compared is not', () => {
  known.judge([alice], 'right', 'relied')
  known.judge([alice], 'right', 'relied')
  known.judge([alice], 'wrong', 'relied')
  known.judge([alice], 'right', 'compared')
  known.judge([alice], 'wrong', 'compared')

  expect(known.take()).toEqual({ hits: 2, misses: 1 })
  expect(known.take()).toEqual({ hits: 0, misses: 0 })
})

describe('what is recalled is right', () => {
  test('where the table has the same heads and statuses, in any order', () => {
    expect(isAsRecalled([alice, bob], [bob, { ...alice }])).toBe(true)
  })

  test.each([
    ['one has moved', [alice, balance('bob', 2)]],
    ['one has another history', [alice, balance('bob', 1, { head: 'another' })]],
    ['one is frozen', [alice, balance('bob', 1, { status: 'FROZEN' })]],
    ['one is gone', [alice]],
  ])('and wrong where %s', (_, found) => {
    expect(isAsRecalled([alice, bob], found)).toBe(false)
  })
})
