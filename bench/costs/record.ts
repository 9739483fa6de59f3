import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

/** What was measured last, kept in docs/costs.json: tables are made of it, and a test measures it again. */
export type Costs = z.output<typeof costs>
/** What one operation needs, and what the audit does because of it, if it hears of it at all. */
export type Measured = z.output<typeof measured>
export type OfRequest = z.output<typeof ofRequest>
export type OfAudit = z.output<typeof ofAudit>
export type OfCall = z.output<typeof ofCall>
export type OfRun = z.output<typeof ofRun>
export type Batch = z.output<typeof batch>
export type Deployed = z.output<typeof deployed>
export type Edge = keyof Deployed['accessLogBytes']

/**
 * With what a call of a function writes into its log, and what Lambda says of the call. `metrics`, below, is how many
 * have its name, and nobody else's.
 */
const ofCall = z.strictObject({
  requests: z.number(),
  readUnits: z.number(),
  writeUnits: z.number(),
  indexUnits: z.number(),
  storedBytes: z.number(),
  largestItemBytes: z.number(),
  logBytes: z.number(),
})
const ofRequest = z.strictObject({ ...ofCall.shape, answerBytes: z.number() })
const ofAudit = z.strictObject({
  ...ofCall.shape,
  records: z.number(),
  events: z.number(),
  metrics: z.number(),
})
/** Of a function on a schedule, with what it does through the API, and what the audit does because of that. */
const ofRun = z.strictObject({
  ...ofCall.shape,
  apiRequests: z.number(),
  audits: z.number(),
  events: z.number(),
  metrics: z.number(),
})
const measured = z.strictObject({
  name: z.string(),
  request: ofRequest,
  audit: ofAudit.optional(),
})
const batch = z.strictObject({ name: z.string(), ...ofAudit.shape })

/** What the templates say. */
const deployed = z.strictObject({
  memoryMb: z.number(),
  /** Of one line. */
  accessLogBytes: z.strictObject({ http: z.number(), rest: z.number() }),
  /** Each alarm is paid for by the metrics that it looks at. */
  alarmedMetrics: z.number(),
  dashboards: z.number(),
  secrets: z.number(),
  /** Of the functions that run on a schedule. */
  runsMonthly: z.record(z.string(), z.number()),
})

const costs = z.strictObject({
  measuredOn: z.iso.date(),
  operations: z.array(measured),
  batches: z.array(batch),
  /** Of the functions that run on a schedule, while all is well. */
  runs: z.record(z.string(), ofRun),
  deployed,
})

export const COSTS_FILE = 'docs/costs.json'

const ROOT = join(import.meta.dirname, '../..')

export function readCosts(): Costs {
  return costs.parse(JSON.parse(readFileSync(join(ROOT, COSTS_FILE), 'utf8')))
}

export function pathOf(file: string): string {
  return join(ROOT, file)
}
