import { ASSUMPTIONS, dollarsPerMillion } from '../costs/dollars.ts'
import { dollars, GB_BYTES } from '../costs/prices.ts'
import type { Costs } from '../costs/record.ts'
import { markdown } from '../frame/markdown.ts'
import { numberText } from '../frame/number.ts'
import { FOR_LAUNCH, inOrder, type Settings, settingsByDefault } from './bounds.ts'
import {
  BUSIEST_SECOND,
  GRANT,
  HOURS_PERCENT,
  LATENCIES,
  LAUNCH_TIMES,
  OPERATIONS_DAILY,
  PLAYERS,
} from './day.ts'
import { AWS } from './limits.ts'
import { type Load, loadOf, operationNamed, type PerSecond, times } from './load.ts'
import { busiestOf, DAILY, DAYS_OF_YEAR, EVENING, type Moments, momentsOf } from './moments.ts'
import { carry } from './stream.ts'

const HOUR_SECONDS = 3_600
const MINUTE_SECONDS = 60
const MILLION = 1_000_000
const DAYS_OF_MONTH = DAYS_OF_YEAR / 12
const PERCENT = 100

/** The tables of docs/scaling.md, by the names of their places. */
export function scalingTables(costs: Costs): Record<string, string> {
  const moments = momentsOf(costs)
  const settings = settingsByDefault(costs, moments)
  return {
    assumed: assumed(costs),
    mix: mixTable(costs),
    hours: hoursTable(costs),
    moments: momentsTable(moments, settings),
    bounds: boundsTable(costs, moments, settings),
    remedies: remedies(costs, settings),
    launch: launchTable(settings),
    behind: behindText(moments, settings),
    storage: storageTable(costs),
    dollars: dollarsTable(costs),
    grant: grantText(costs),
  }
}

function assumed({ measuredOn }: Costs): string {
  const { writeMs, readMs, auditReadMs, transactionMs, publishMs } = LATENCIES
  return [
    `${whole(PLAYERS)} players each day, and the operations of each as in the next table. Units and bytes of each operation were measured on ${measuredOn}: [What it costs](costs.md), with an audit that is called for each change by itself, which is the dearest way.`,
    `The busiest second of an hour has ${BUSIEST_SECOND} times what its mean second has. A launch brings ${LAUNCH_TIMES} times the busiest second of the evening, at once and for an hour. A grant is one ${GRANT.operation} for each player, spread evenly over ${GRANT.hours === 1 ? 'an hour' : `${GRANT.hours} hours`} of the evening.`,
    `A write takes ${writeMs} ms in its function, a read ${readMs} ms. In the audit, a read of DynamoDB takes ${auditReadMs} ms, a transaction ${transactionMs} ms, a call of EventBridge ${publishMs} ms.`,
  ].join('\n\n')
}

function mixTable(costs: Costs): string {
  const rows = Object.entries(OPERATIONS_DAILY).map(([name, daily]) => {
    const { request, audit } = operationNamed(costs, name)
    return [
      name,
      String(daily),
      ...[request.writeUnits, request.readUnits].map(String),
      ...[audit?.writeUnits ?? 0, audit?.readUnits ?? 0].map(String),
    ]
  })
  return markdown(
    [
      ...['of one player, on one day', 'times', 'write units', 'read units'],
      ...['Audit: write units', 'read units'],
    ],
    rows,
  )
}

function hoursTable(costs: Costs): string {
  const rows = HOURS_PERCENT.map((percent, hour) => {
    const load = loadOf(costs, busiestOf(percent))
    const { requests, writes, ledgerWriteUnits, ledgerReadUnits } = load
    const { auditWriteUnits, auditReadUnits, functionsAtOnce } = load
    return [
      String(hour),
      percent.toFixed(1),
      ...[requests / BUSIEST_SECOND, requests, writes, ledgerWriteUnits, ledgerReadUnits].map(
        whole,
      ),
      ...[auditWriteUnits, auditReadUnits, functionsAtOnce].map(whole),
    ]
  })
  return markdown(
    [
      ...['hour', '% of the day', 'requests a second', 'in the busiest', 'of them writes'],
      ...['Ledger: write units', 'read units', 'Audit: write units', 'read units'],
      'functions at once',
    ],
    rows,
  )
}

function momentsTable(moments: Moments, { partitions }: Settings): string {
  const loads = [moments.mean, moments.evening, moments.grant, moments.launch]
  const row = (what: string, of: (load: Load) => number) => [
    what,
    ...loads.map((load) => whole(of(load))),
  ]
  const carried = ({ records }: Load) => carry(records, partitions)
  return markdown(
    ['each second', 'mean of the day', 'evening', 'evening with a grant', 'launch'],
    [
      row('requests', ({ requests }) => requests),
      row('writes', ({ writes }) => writes),
      row('reads', ({ reads }) => reads),
      row('Ledger, write units', ({ ledgerWriteUnits }) => ledgerWriteUnits),
      row('Ledger, read units', ({ ledgerReadUnits }) => ledgerReadUnits),
      row('Audit, write units', ({ auditWriteUnits }) => auditWriteUnits),
      row('Audit, read units', ({ auditReadUnits }) => auditReadUnits),
      row('events', ({ events }) => events),
      row('functions of the API at once', ({ functionsAtOnce }) => functionsAtOnce),
      row('changes that the audit hears of', ({ records }) => records),
      row('calls of the audit', (load) => carried(load).callsPerSecond),
      row('functions of the audit at once', (load) => carried(load).functionsAtOnce),
      row('from a change to its projection, ms', (load) => carried(load).lagMs),
    ],
  )
}

function boundsTable(costs: Costs, { evening, launch }: Moments, settings: Settings): string {
  const prepared = { ...settings, ...FOR_LAUNCH }
  const rows = inOrder(costs, settings).map(
    ({ bound: { what, beyond, says, asked, limit }, at }) => [
      what,
      whole(limit(settings)),
      whole(asked(evening, settings)),
      at.toFixed(1),
      percent(asked(launch, settings) / limit(settings)),
      beyond === 'refused' ? 'refused' : 'the audit is late',
      whole(limit(prepared)),
      percent(asked(launch, prepared) / limit(prepared)),
      says,
    ],
  )
  return markdown(
    [
      ...['limit', 'by default', 'evening', 'reached at so many evenings', 'launch, % of it'],
      ...['then', 'prepared', 'launch, % of it', 'says'],
    ],
    rows,
  )
}

/** Those that a launch meets, the first of them first. */
function remedies(costs: Costs, settings: Settings): string {
  return inOrder(costs, settings)
    .filter(({ at }) => at < LAUNCH_TIMES)
    .map(
      ({ bound: { what, whatToDo }, at }) =>
        `1. **${what}**, at ${at.toFixed(1)} times the evening. ${whatToDo}`,
    )
    .join('\n')
}

/** What is asked for and set before a launch, beside what there is. */
function launchTable(settings: Settings): string {
  const { ledger, audit } = settings.warmWriteUnits
  const row = (what: string, where: string, from: number, to: number) => [
    what,
    where,
    whole(from),
    whole(to),
  ]
  return markdown(
    ['what', 'where', 'is', 'for a launch'],
    [
      row(
        'warm throughput of Ledger, write units',
        'table Ledger',
        ledger,
        FOR_LAUNCH.warmWriteUnits.ledger,
      ),
      row(
        'warm throughput of Audit, write units',
        'table Audit',
        audit,
        FOR_LAUNCH.warmWriteUnits.audit,
      ),
      row(
        'warm throughput of Ledger, read units',
        'table Ledger',
        settings.warmReadUnits,
        FOR_LAUNCH.warmReadUnits,
      ),
      row(
        'read and write throughput of a table on demand',
        'quota of DynamoDB',
        settings.tableUnits,
        FOR_LAUNCH.tableUnits,
      ),
      row(
        'throttle rate of all APIs',
        'quota of API Gateway',
        settings.gatewayRequests,
        FOR_LAUNCH.gatewayRequests,
      ),
      row(
        'concurrent executions',
        'quota of Lambda',
        settings.functionsAtOnce,
        FOR_LAUNCH.functionsAtOnce,
      ),
      row(
        '`OVERALL_RATES.write.perSecond`',
        'lib/http/rates.ts',
        settings.writesOfRoute,
        FOR_LAUNCH.writesOfRoute,
      ),
      row(
        '`OVERALL_RATES.read.perSecond`',
        'lib/http/rates.ts',
        settings.readsOfRoute,
        FOR_LAUNCH.readsOfRoute,
      ),
      row(
        '`SUPPLY_SHARDS`',
        'lib/audit/table/keys.ts',
        settings.supplyShards,
        FOR_LAUNCH.supplyShards,
      ),
      row(
        '`parallelizationFactor`',
        'lib/audit/stream-mapping.ts',
        settings.parallelizationFactor,
        FOR_LAUNCH.parallelizationFactor,
      ),
    ],
  )
}

/** How late the audit is after a launch that only the players' side was made ready for. */
function behindText({ launch, evening }: Moments, { supplyShards }: Settings): string {
  const most = (1_000 / LATENCIES.transactionMs) * supplyShards
  const behind = (launch.records - most) * HOUR_SECONDS
  const lateMinutes = behind / most / MINUTE_SECONDS
  const backMinutes = behind / (most - evening.records) / MINUTE_SECONDS
  return `Of the ${whole(launch.records)} changes a second of a launch, ${supplyShards} sums take ${whole(most)} at the very most. After an hour, ${numberText(behind / MILLION)} million changes wait, the oldest for ${whole(lateMinutes)} minutes, and ${whole(backMinutes)} minutes after the launch the audit has caught up. The stream keeps them for 24 hours.`
}

function storageTable(costs: Costs): string {
  const { ledgerBytes, auditBytes } = loadOf(costs, DAILY)
  const row = (what: string, days: number) => {
    const [ledger, audit] = [ledgerBytes, auditBytes].map((bytes) => (bytes * days) / GB_BYTES)
    const all = (ledger ?? 0) + (audit ?? 0)
    const usd = dollars('stored', all) + dollars('recoverable', all)
    const partitions = Math.ceil((ledger ?? 0) / AWS.partitionGb.value)
    return [what, ...[ledger ?? 0, audit ?? 0, all].map(whole), whole(partitions), whole(usd)]
  }
  return markdown(
    [
      ...['after', 'Ledger, GB', 'Audit, GB', 'together'],
      ...['partitions of the Ledger for that', '$ a month from then on'],
    ],
    [
      row('a day', 1),
      row('a month', DAYS_OF_MONTH),
      row('a year', DAYS_OF_YEAR),
      row('five years', 5 * DAYS_OF_YEAR),
    ],
  )
}

function dollarsTable(costs: Costs): string {
  const launchHour = times(EVENING, ((LAUNCH_TIMES - 1) * HOUR_SECONDS) / BUSIEST_SECOND)
  const rows = [
    { what: 'a day', daily: DAILY },
    { what: 'a month', daily: times(DAILY, DAYS_OF_MONTH) },
    { what: 'a grant to all', daily: { [GRANT.operation]: PLAYERS } },
    { what: 'an hour of launch, beyond what the evening has', daily: launchHour },
  ].map(({ what, daily }) => [what, ...dollarsOf(costs, daily).map(whole)])
  return markdown(['$', 'API', 'Lambda', 'Ledger', 'Audit', 'events', 'logs', 'sent', 'all'], rows)
}

function dollarsOf(costs: Costs, counts: PerSecond): number[] {
  const parts = Object.entries(counts).map(([name, count]) => {
    const {
      total,
      keptMonthly: _,
      ...each
    } = dollarsPerMillion(operationNamed(costs, name), ASSUMPTIONS, costs.deployed)
    return [...Object.values(each), total].map((usd) => (usd * count) / MILLION)
  })
  return parts.reduce((sums, part) => sums.map((sum, index) => sum + (part[index] ?? 0)))
}

const WALLETS_OF_POST = 40

/** One request for many, instead of one for each. */
function grantText(costs: Costs): string {
  const usd = (name: string, count: number) =>
    (dollarsPerMillion(operationNamed(costs, name), ASSUMPTIONS, costs.deployed).total * count) /
    MILLION
  const each = usd(GRANT.operation, PLAYERS)
  const many = usd(
    `post, ${WALLETS_OF_POST} postings to ${WALLETS_OF_POST} wallets`,
    PLAYERS / WALLETS_OF_POST,
  )
  return `One ${GRANT.operation} for each player costs $${each.toFixed(2)}; \`POST /v1/transactions\` with ${WALLETS_OF_POST} players in each costs $${many.toFixed(2)}, and is ${whole(PLAYERS / WALLETS_OF_POST)} requests.`
}

function whole(count: number): string {
  return Math.round(count).toLocaleString('en')
}

function percent(share: number): string {
  return Math.round(share * PERCENT).toString()
}
