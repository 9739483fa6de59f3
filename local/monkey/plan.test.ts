import { expect, test } from 'vitest'
import { KIND_NAMES, kindOf } from './kinds.ts'
import { type Mix, readMix, USUAL_MIX } from './mix.ts'
import { openings, planErrands } from './plan.ts'

const WALLETS = 5
const all: Mix = new Map(KIND_NAMES.map((name) => [name, 1]))

function plan(seed: number, mix: Mix, errands: number) {
  return planErrands({ seed, mix, wallets: WALLETS }).take(errands).toArray()
}

test('the same seed plans the same, and another seed something else', () => {
  const [first, again, other] = [1, 1, 2].map((seed) => plan(seed, USUAL_MIX, 500))

  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
})

test('kinds come as often as the mix says', () => {
  const errands = plan(3, readMix('spend=60,topup=30,transfer=10'), 10_000)

  const shares = Map.groupBy(errands, ({ kind }) => kind)
  expect(shares.get('spend')?.length).toBeGreaterThan(5_800)
  expect(shares.get('spend')?.length).toBeLessThan(6_200)
  expect(shares.get('transfer')?.length).toBeGreaterThan(850)
  expect(shares.get('transfer')?.length).toBeLessThan(1_150)
})

test('some are sent twice, and some once more', () => {
  const errands = plan(3, USUAL_MIX, 10_000)

  expect(errands.filter(({ isTwin }) => isTwin).length).toBeGreaterThan(400)
  expect(errands.filter(({ isRepeated }) => isRepeated).length).toBeGreaterThan(400)
})

test('nobody pays themselves, and all amounts are above 0', () => {
  const errands = plan(4, all, 5_000)

  expect(errands.filter(({ wallet, other }) => wallet === other)).toEqual([])
  expect(errands.filter(({ amount }) => amount < 1)).toEqual([])
  expect(new Set(errands.map(({ wallet }) => wallet)).size).toBe(WALLETS)
})

test('what is about a hold or a spend is about an earlier one of its wallet, and each is used once', () => {
  const errands = plan(5, all, 5_000)

  const followers = errands.filter(({ kind }) => kindOf({ kind }).about !== undefined)
  const subjects = followers.map(({ about }) => about)
  expect(followers.length).toBeGreaterThan(500)
  expect(new Set(subjects).size).toBe(followers.length)
  for (const { name, kind, wallet, amount, about } of followers) {
    expect(about?.kind).toBe(kindOf({ kind }).about)
    expect(about?.wallet).toBe(wallet)
    expect(Number(about?.name)).toBeLessThan(Number(name))
    expect(about?.amount).toBeGreaterThanOrEqual(amount)
  }
})

test('a mix of captures alone makes the holds that they need', () => {
  const kinds = plan(6, readMix('capture=1'), 4).map(({ kind }) => kind)

  expect(kinds).toEqual(['hold', 'capture', 'hold', 'capture'])
})

test('each wallet is opened once', () => {
  expect(openings(3).map(({ name, wallet }) => [name, wallet])).toEqual([
    ['open-1', 0],
    ['open-2', 1],
    ['open-3', 2],
  ])
})
