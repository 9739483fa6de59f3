import type { Bill } from '../meter/bill.ts'
import { dollars, GB_BYTES, type PriceName } from './prices.ts'
import type { Costs, Deployed, Edge, Measured, OfRun } from './record.ts'

/** What nobody can measure here, and somebody has to say. */
export interface Assumptions {
  readonly edge: Edge
  /** How long a function works on a request, the audit on what follows from it, and what is on a schedule by itself. */
  readonly requestMs: number
  readonly auditMs: number
  readonly runMs: number
  /** How many pairs of an operation and an outcome there are in a month: each has metrics of its own. */
  readonly outcomes: number
}

export const ASSUMPTIONS: Assumptions = {
  edge: 'http',
  requestMs: 15,
  auditMs: 30,
  runMs: 100,
  outcomes: 20,
}

/** Of a million of one operation. */
export interface Dollars {
  readonly gateway: number
  readonly functions: number
  readonly ledger: number
  readonly audit: number
  readonly events: number
  readonly logs: number
  readonly sent: number
  /** All of the above. */
  readonly total: number
  /** For each month that they are kept, which is for ever. */
  readonly keptMonthly: number
}

const MILLION = 1_000_000
const MB_OF_GB = 1024
const MS_OF_SECOND = 1000

/** Each operation by itself: the audit, which is cheaper by the batch, is called for each of them. */
export function dollarsPerMillion(
  { request, audit }: Measured,
  { edge, requestMs, auditMs }: Assumptions,
  { memoryMb, accessLogBytes }: Pick<Deployed, 'memoryMb' | 'accessLogBytes'>,
): Dollars {
  const seconds = (requestMs + (audit ? auditMs : 0)) / MS_OF_SECOND
  const logBytes = request.logBytes + accessLogBytes[edge] + (audit?.logBytes ?? 0)
  const keptGb = (request.storedBytes + (audit?.storedBytes ?? 0)) / GB_BYTES
  const parts = {
    gateway: perMillion(gatewayPrice(edge), 1),
    functions:
      perMillion('call', audit ? 2 : 1) + perMillion('gbSecond', seconds * (memoryMb / MB_OF_GB)),
    ledger: units(request),
    audit: audit ? units(audit) : 0,
    events: perMillion('event', audit?.events ?? 0),
    logs: perMillion('logged', logBytes / GB_BYTES),
    sent: perMillion('sent', request.answerBytes / GB_BYTES),
  }
  return {
    ...parts,
    total: Object.values(parts).reduce((sum, part) => sum + part, 0),
    keptMonthly: perMillion('stored', keptGb) + perMillion('recoverable', keptGb),
  }
}

/** Something that costs the same however much is going on. */
export interface Monthly {
  readonly what: string
  readonly usd: number
}

/** As lib/http/measure.ts counts: how often, and how long. */
const METRICS_OF_OUTCOME = 2
/** An instance reads the keys again when they are a minute old; see functions/api-keys.ts. */
const KEY_READS_MONTHLY = 730 * 60

export function monthly({ runs, batches, deployed }: Costs, assumptions: Assumptions): Monthly[] {
  const { alarmedMetrics, dashboards, secrets, runsMonthly } = deployed
  const { outcomes } = assumptions
  const all = [...Object.values(runs), ...batches.slice(0, 1)]
  const metrics = all.reduce((sum, one) => sum + one.metrics, 0)
  return [
    {
      what: `alarms, which look at ${alarmedMetrics} metrics`,
      usd: dollars('alarmedMetric', alarmedMetrics),
    },
    {
      what: `metrics: ${METRICS_OF_OUTCOME} for each operation and outcome that occurs, ${outcomes} assumed`,
      usd: dollars('ownMetric', METRICS_OF_OUTCOME * outcomes),
    },
    {
      what: `metrics of ${['audit', ...Object.keys(runs)].join(', ')}: ${metrics}`,
      usd: dollars('ownMetric', metrics),
    },
    { what: `dashboards: ${dashboards}`, usd: dollars('dashboard', dashboards) },
    { what: `secrets: ${secrets}`, usd: dollars('secret', secrets) },
    {
      what: 'reading the API keys each minute, for each function instance that is never idle',
      usd: dollars('secretRead', KEY_READS_MONTHLY),
    },
    ...Object.entries(runs).map(([name, run]) => ({
      what: `${name}: ${runsMonthly[name] ?? 0} runs while all is well`,
      usd: ((runsMonthly[name] ?? 0) * ofRun(run, assumptions, deployed)) / MILLION,
    })),
  ]
}

/** A million runs. What one does through the API costs what it costs others, and its own function waits for it. */
function ofRun(
  run: OfRun,
  { edge, requestMs, auditMs, runMs }: Assumptions,
  { memoryMb, accessLogBytes }: Deployed,
): number {
  const { apiRequests, audits, events, logBytes } = run
  const ms = runMs + 2 * requestMs * apiRequests + auditMs * audits
  return (
    units(run) +
    perMillion(gatewayPrice(edge), apiRequests) +
    perMillion('call', 1 + apiRequests + audits) +
    perMillion('gbSecond', (ms / MS_OF_SECOND) * (memoryMb / MB_OF_GB)) +
    perMillion('event', events) +
    perMillion('logged', (logBytes + apiRequests * accessLogBytes[edge]) / GB_BYTES)
  )
}

function gatewayPrice(edge: Edge): PriceName {
  return edge === 'http' ? 'httpRequest' : 'restRequest'
}

/** What DynamoDB asks for a million of them. */
export function units({ writeUnits, indexUnits, readUnits }: Bill): number {
  return perMillion('writeUnit', writeUnits + indexUnits) + perMillion('readUnit', readUnits)
}

function perMillion(name: PriceName, count: number): number {
  return dollars(name, MILLION * count)
}
