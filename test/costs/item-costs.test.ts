import { describe, expect, test } from 'vitest'
import { type Layout, type RawItem, readCost, writeCost } from '../../bench/meter/item-costs.ts'

const PLAIN: Layout = { keys: ['pk', 'sk'], indexes: [] }
const WITH_KEYS_INDEX: Layout = {
  ...PLAIN,
  indexes: [{ keys: ['shard', 'until'], isWhole: false }],
}
const WITH_WHOLE_INDEX: Layout = { ...PLAIN, indexes: [{ keys: ['kind', 'at'], isWhole: true }] }

const key: RawItem = { pk: { S: 'W#alice' }, sk: { S: 'H#1' } }
/** 2 + 7 and 2 + 3 bytes. */
const KEY_BYTES = 14
/** Of each stored item, by AWS. */
const OVERHEAD_BYTES = 100

const item = (attributes: RawItem): RawItem => ({ ...key, ...attributes })
const ofBytes = (bytes: number) => item({ x: { S: 'x'.repeat(bytes - KEY_BYTES - 1) } })
const open = item({ shard: { S: '7' }, until: { N: '17' }, left: { N: '5' } })

describe('the table', () => {
  test.each([
    [1024, 1],
    [1025, 2],
    [2048, 2],
  ])(
    'an item of %i bytes costs %i write units, and twice as many in a transaction',
    (bytes, units) => {
      const written = { before: undefined, after: ofBytes(bytes) }

      const plain = writeCost(PLAIN, { ...written, isTransactional: false })
      const transactional = writeCost(PLAIN, { ...written, isTransactional: true })

      expect([plain.writeUnits, transactional.writeUnits]).toEqual([units, 2 * units])
      expect(plain.largestItemBytes).toBe(bytes)
    },
  )

  test('the larger of before and after counts', () => {
    const written = { before: ofBytes(3000), after: ofBytes(100), isTransactional: true }

    expect(writeCost(PLAIN, written)).toMatchObject({ writeUnits: 6, storedBytes: -2900 })
  })

  test('to delete what is not there costs the smallest write there is', () => {
    const written = { before: undefined, after: undefined, isTransactional: false }

    expect(writeCost(PLAIN, written)).toMatchObject({ writeUnits: 1, storedBytes: 0 })
  })

  test.each([
    ['eventual', 0.5, 1],
    ['consistent', 1, 2],
    ['transactional', 2, 4],
  ] as const)(
    'a read that is %s costs %d units up to 4 KB, and %d up to 8 KB',
    (mode, small, large) => {
      const units = [undefined, ofBytes(4096), ofBytes(4097)].map(
        (found) => readCost(found, mode).readUnits,
      )

      expect(units).toEqual([small, small, large])
    },
  )
})

describe('an index', () => {
  const unitsOf = (
    before: RawItem | undefined,
    after: RawItem | undefined,
    layout = WITH_KEYS_INDEX,
  ) => writeCost(layout, { before, after, isTransactional: true }).indexUnits

  test('is written once when an item comes into it, and once when it leaves', () => {
    const { shard: _, ...closed } = open

    expect([unitsOf(undefined, open), unitsOf(open, closed)]).toEqual([1, 1])
  })

  test('is not written for an item that has not all of its keys', () => {
    expect(unitsOf(undefined, item({ shard: { S: '7' } }))).toBe(0)
  })

  test('is not written where what it holds has not changed', () => {
    expect(unitsOf(open, { ...open, left: { N: '3' } })).toBe(0)
  })

  test('is written twice where its keys change: out of one place, and into another', () => {
    expect(unitsOf(open, { ...open, until: { N: '18' } })).toBe(2)
  })

  test('that holds whole items is written for any change of them, by the KB', () => {
    const flagged = item({ kind: { S: 'F' }, at: { N: '17' } })
    const changed = { ...flagged, seenBy: { S: 'x'.repeat(1024) } }

    expect(unitsOf(flagged, changed, WITH_WHOLE_INDEX)).toBe(2)
  })

  test('is stored, too, with as much of the item as it holds', () => {
    const written = { before: undefined, after: open, isTransactional: true }

    const { storedBytes } = writeCost(WITH_KEYS_INDEX, written)

    const [ofShard, ofUntil, ofLeft] = [5 + 1, 5 + 2, 4 + 2]
    const inIndex = KEY_BYTES + ofShard + ofUntil
    expect(storedBytes).toBe(2 * OVERHEAD_BYTES + 2 * inIndex + ofLeft)
  })
})
