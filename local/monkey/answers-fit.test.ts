import { describe, expect, test } from 'vitest'
import { findMisfit, findWrongDecline } from './answers-fit.ts'
import type { Account, Move, ToldShort } from './books.ts'

const WHERE = 'monkey-1 COINS'

interface Step {
  readonly delta: number
  readonly available: number
  readonly version: number
  readonly sentAt?: number
  readonly receivedAt?: number
}

function move({
  delta,
  available,
  version,
  sentAt = version,
  receivedAt = version + 0.5,
}: Step): Move {
  return {
    errand: `number-${version}`,
    ...{ kind: 'topup', type: 'TOPUP', transactionId: `txn_${version}` },
    ...{ availableDelta: delta, heldDelta: 0, sentAt, receivedAt },
    after: { available, held: 0, version },
  }
}

function account(...steps: readonly Step[]): Account {
  return { walletId: 'monkey-1', asset: 'COINS', moves: steps.map(move) }
}

describe('answers fit', () => {
  test('in the order of their versions, whatever order they came in', () => {
    const found = findMisfit(
      account(
        { delta: -30, available: 70, version: 2 },
        { delta: 100, available: 100, version: 1 },
        { delta: 5, available: 75, version: 3 },
      ),
    )

    expect(found).toBeUndefined()
  })

  test.each([
    {
      what: 'a sum is wrong',
      steps: [
        { delta: 100, available: 100, version: 1 },
        { delta: -30, available: 71, version: 2 },
      ],
      found: '71 available, 0 held, version 2',
    },
    {
      what: 'a version is missing',
      steps: [
        { delta: 100, available: 100, version: 1 },
        { delta: -30, available: 70, version: 3 },
      ],
      found: '70 available, 0 held, version 3',
    },
    {
      what: 'two have the same version',
      steps: [
        { delta: 100, available: 100, version: 1 },
        { delta: 100, available: 100, version: 1 },
      ],
      found: '100 available, 0 held, version 1',
    },
  ])('but not where $what', ({ steps, found }) => {
    expect(findMisfit(account(...steps))).toMatchObject({ where: WHERE, found })
  })

  test('nor where an answer says nothing of a balance that it changed', () => {
    const { moves, ...rest } = account({ delta: 100, available: 100, version: 1 })
    const silent = { ...rest, moves: moves.map((one) => ({ ...one, after: undefined })) }

    expect(findMisfit(silent)).toMatchObject({ found: 'nothing of this balance' })
  })
})

describe('a decline is right', () => {
  /** 100 until 20, then 10 until 40, then 60; each is sent and answered within a second. */
  const books = account(
    { delta: 100, available: 100, version: 1, sentAt: 1, receivedAt: 2 },
    { delta: -90, available: 10, version: 2, sentAt: 20, receivedAt: 21 },
    { delta: 50, available: 60, version: 3, sentAt: 40, receivedAt: 41 },
  )
  const told = (some: Partial<ToldShort>): ToldShort => ({
    ...{ errand: '9', account: WHERE, available: 10, required: 50, sentAt: 30, receivedAt: 31 },
    ...some,
  })

  test.each([
    { when: 'there was too little', some: {} },
    { when: 'there was, for some of the time', some: { sentAt: 5, receivedAt: 50 } },
    { when: 'the money came in while it was asked', some: { receivedAt: 40.5 } },
    { when: 'the money was leaving already', some: { sentAt: 10, receivedAt: 20.5 } },
    {
      when: 'nothing was ever there',
      some: { available: 0, sentAt: 0.5, receivedAt: 1.5, required: 1 },
    },
    { when: 'it does not say how little there was', some: { available: undefined } },
  ])('when $when', ({ some }) => {
    expect(findWrongDecline(books, told(some))).toBeUndefined()
  })

  test.each([
    { when: 'there was enough before', some: { sentAt: 5, receivedAt: 6 }, had: '100' },
    { when: 'there was enough again', some: { sentAt: 50, receivedAt: 51 }, had: '60' },
    { when: 'what there was is another sum', some: { available: 11 }, had: '10' },
    { when: 'what it needs was there', some: { required: 10 }, had: '10' },
    {
      when: 'there was enough all the time, and it does not say how little',
      some: { available: undefined, sentAt: 5, receivedAt: 6 },
      had: '100',
    },
  ])('but not when $when', ({ some, had }) => {
    const found = findWrongDecline(books, told(some))

    expect(found?.where).toBe(WHERE)
    expect(found?.expected).toMatch(new RegExp(`there were ${had}$`))
  })
})
