import { expect, test } from 'vitest'
import { ASSUMPTIONS, dollarsPerMillion, monthly } from '../../bench/costs/dollars.ts'
import type { Costs, Deployed, OfRun } from '../../bench/costs/record.ts'
import { NOTHING } from '../../bench/meter/bill.ts'

const deployed: Deployed = {
  memoryMb: 1024,
  accessLogBytes: { http: 300, rest: 200 },
  alarmedMetrics: 30,
  dashboards: 1,
  secrets: 2,
  runsMonthly: { sweep: 43_800 },
}

const spend = {
  name: 'spend',
  request: {
    ...{ requests: 2, writeUnits: 6, indexUnits: 0, readUnits: 1 },
    ...{ storedBytes: 700, largestItemBytes: 300, logBytes: 2_400, answerBytes: 650 },
  },
  audit: {
    ...{ requests: 5, writeUnits: 7, indexUnits: 0, readUnits: 3 },
    ...{
      storedBytes: 250,
      largestItemBytes: 225,
      logBytes: 800,
      records: 1,
      events: 1,
      metrics: 4,
    },
  },
}

const assumptions = { ...ASSUMPTIONS, requestMs: 15, auditMs: 30 }

test('a million spends cost what they cost by hand', () => {
  const dollars = dollarsPerMillion(spend, assumptions, deployed)

  // 6 × 0.625 + 1 × 0.125, and 7 × 0.625 + 3 × 0.125
  expect([dollars.ledger, dollars.audit]).toEqual([3.875, 4.75])
  // A dollar a million each.
  expect([dollars.gateway, dollars.events]).toEqual([1, 1])
  // 2 calls × 0.20, and a million × 0.045 s × 1 GB × 0.0000133334
  expect(dollars.functions).toBeCloseTo(0.4 + 0.600003, 10)
  // 2,400 + 300 + 800 bytes, a million times, are 3.2596 GB of 1,073,741,824 bytes, at 0.50
  expect(dollars.logs).toBeCloseTo(1.62981, 5)
  // 650 bytes, a million times, are 0.60536 GB, at 0.09
  expect(dollars.sent).toBeCloseTo(0.05448, 5)
  expect(dollars.total).toBeCloseTo(3.875 + 4.75 + 1 + 1 + 1.000003 + 1.62981 + 0.05448, 4)
  // 950 bytes, a million times, are 0.88476 GB, at 0.25 + 0.20 a month
  expect(dollars.keptMonthly).toBeCloseTo(0.39814, 5)
})

test('an index costs as much as a table, by the unit', () => {
  const held = { name: 'hold', request: { ...spend.request, writeUnits: 8, indexUnits: 1 } }

  expect(dollarsPerMillion(held, assumptions, deployed).ledger).toBe(9 * 0.625 + 0.125)
})

test('what the audit does not hear of costs one call, and no audit', () => {
  const { audit, events, functions } = dollarsPerMillion(
    { name: 'balance', request: spend.request },
    assumptions,
    deployed,
  )

  expect([audit, events]).toEqual([0, 0])
  expect(functions).toBeCloseTo(0.2 + 0.200001, 10)
})

test('a REST API costs $2.50 more, and has lines of its own in the log', () => {
  const [http, rest] = (['http', 'rest'] as const).map((edge) =>
    dollarsPerMillion(spend, { ...assumptions, edge }, deployed),
  )

  expect((rest?.gateway ?? 0) - (http?.gateway ?? 0)).toBe(2.5)
  expect((http?.logs ?? 0) - (rest?.logs ?? 0)).toBeCloseTo((100e6 / 1_073_741_824) * 0.5, 10)
})

const sweep: OfRun = {
  ...{ ...NOTHING, requests: 32, readUnits: 16, logBytes: 1_000, metrics: 2 },
  ...{ apiRequests: 0, audits: 0, events: 0 },
}
const NO_COSTS: Costs = {
  ...{ measuredOn: '2026-11-21', operations: [], batches: [], runs: {} },
  deployed,
}

test('a month costs what it costs by hand, whatever happens in it', () => {
  const lines = monthly(
    { ...NO_COSTS, runs: { sweep }, batches: [{ name: 'a spend', ...spend.audit }] },
    { ...ASSUMPTIONS, outcomes: 20, runMs: 100 },
  )

  const [alarms, metrics, own, dashboards, secrets, keys, sweeps] = lines.map(({ usd }) => usd)
  expect([alarms, metrics, dashboards, secrets]).toEqual([3, 12, 3, 0.8])
  // (2 + 4) × 0.30
  expect(own).toBeCloseTo(1.8, 10)
  // 43,800 × 0.05 / 10,000
  expect(keys).toBeCloseTo(0.219, 10)
  // 43,800 × (16 × 0.000000125 + 0.0000002 + 0.1 × 0.0000133334 + 1,000 / 1,073,741,824 × 0.5)
  expect(sweeps).toBeCloseTo(0.0876 + 0.00876 + 0.0584 + 0.0204, 4)
})

test('a run that goes through the API pays for it as others do', () => {
  const canary: OfRun = { ...sweep, apiRequests: 10, audits: 1, events: 8 }
  const usual = { ...ASSUMPTIONS, requestMs: 15, auditMs: 30, runMs: 100 }
  const runsMonthly = { canary: 1_000_000 }
  const costs = { ...NO_COSTS, deployed: { ...deployed, runsMonthly }, runs: { canary } }

  const usd = monthly(costs, usual).at(-1)?.usd ?? 0

  // 16 read units, 10 requests to the API, 12 calls, 8 events
  const requests = 16 * 0.125 + 10 * 1 + 12 * 0.2 + 8 * 1
  // 100 ms, 10 × 15 ms in the API and as many waiting for it, and the audit's 30 ms, at 13.3334 a million GB-seconds
  const seconds = (0.1 + 0.3 + 0.03) * 13.3334
  // 1,000 bytes, and 10 lines of 300 in the access log, a million times, are 3.7253 GB
  const logs = 3.7253 * 0.5
  expect(usd).toBeCloseTo(requests + seconds + logs, 4)
})
