import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pathOf, readCosts } from '../../bench/costs/record.ts'
import { BOUNDS, inOrder, settingsByDefault } from '../../bench/scaling/bounds.ts'
import { HOURS_PERCENT, OPERATIONS_DAILY } from '../../bench/scaling/day.ts'
import { scalingDocument } from '../../bench/scaling/document.ts'
import { loadOf, times } from '../../bench/scaling/load.ts'
import { EVENING, momentsOf } from '../../bench/scaling/moments.ts'
import { scaling } from '../../bench/scaling/scaling.ts'
import { carry, partitionsOf } from '../../bench/scaling/stream.ts'
import { STREAM_MAPPING } from '../../lib/audit/stream-mapping.ts'

const ADVICE = 'run `npm run bench -- --only scaling --write`'
const GB = 1024 ** 3

const costs = readCosts()
const moments = momentsOf(costs)

test('docs/scaling.md is what the model says now', () => {
  const { path, text } = scalingDocument(costs)

  const isUpToDate = readFileSync(pathOf(path), 'utf8') === text

  expect(isUpToDate, `${path} is out of date: ${ADVICE}`).toBe(true)
})

test('a day has all of its hours, and each player 50 operations', () => {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

  expect(HOURS_PERCENT).toHaveLength(24)
  expect(sum(HOURS_PERCENT)).toBeCloseTo(100, 10)
  expect(sum(Object.values(OPERATIONS_DAILY))).toBe(50)
})

test('the busiest second of the evening is what it is by hand', () => {
  const { requests, writes, ledgerWriteUnits, auditWriteUnits, functionsAtOnce } = moments.evening

  // 50 million × 8.4 % ÷ 3,600 × 1.25, and 20 of 50 are writes.
  expect(requests).toBeCloseTo(1_458.33, 2)
  expect(writes).toBeCloseTo(583.33, 2)
  // 18 of 20 with 6 units but for two with 8, and one with 10: 6.4; for the audit, 7.
  expect(ledgerWriteUnits).toBeCloseTo(3_733.33, 2)
  expect(auditWriteUnits).toBeCloseTo(4_083.33, 2)
  // 583.33 × 0.030 s + 875 × 0.015 s
  expect(functionsAtOnce).toBeCloseTo(30.625, 3)
})

test('a grant is a million more in an hour, and a launch ten evenings at once', () => {
  expect(moments.grant.writes - moments.evening.writes).toBeCloseTo(1_000_000 / 3_600, 6)
  expect(moments.launch.requests).toBeCloseTo(10 * moments.evening.requests, 6)
})

test('partitions are as many as the writes ask for, or the bytes, whatever is more', () => {
  expect(partitionsOf(1, 0)).toBe(4)
  expect(partitionsOf(7_001, 0)).toBe(8)
  expect(partitionsOf(7_001, 95 * GB)).toBe(10)
})

test('a busy lane has full batches, and an idle one calls with each record', () => {
  const lanes = 10 * STREAM_MAPPING.parallelizationFactor

  const [idle, busy] = [carry(0.001 * lanes, 10), carry(1_000 * lanes, 10)]

  expect(idle.recordsOfCall).toBeCloseTo(1, 2)
  expect(busy.recordsOfCall).toBe(STREAM_MAPPING.batchSize)
  expect(busy.callsPerSecond).toBeCloseTo(10 * lanes, 6)
})

test('what is said to be reached at so many evenings is reached there', () => {
  const settings = settingsByDefault(costs, moments)

  const reached = inOrder(costs, settings)

  expect(reached).toHaveLength(BOUNDS.length)
  for (const { bound, at } of reached) {
    const load = loadOf(costs, times(EVENING, at))
    expect(bound.asked(load, settings) / bound.limit(settings), bound.what).toBeCloseTo(1, 4)
  }
})

test('an evening fits what an account has, and a launch what was asked for', async () => {
  const { targets } = await scaling.run(() => {})

  expect(targets.filter(({ isMet }) => !isMet)).toEqual([])
})
