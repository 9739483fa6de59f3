import { auditRecords } from '../../../lib/audit/audit-records.ts'
import { allRules, DEFAULT_THRESHOLDS } from '../../../lib/audit/rules/all.ts'
import { type AuditTable, openAuditTable } from '../../../lib/audit/table/audit-table.ts'
import { openLedger } from '../../../lib/ledger/ledger.ts'
import { sweepHolds } from '../../../lib/ledger/sweep.ts'
import { openLedgerStore } from '../../../lib/store/ledger-store.ts'
import { AUDIT_TABLE, LEDGER_TABLE } from '../../../lib/store/tables.ts'
import { type Delivery, deliver } from '../delivery.ts'
import { createDatabase, type Database } from '../dynamodb/database.ts'
import { CALM } from '../dynamodb/faults.ts'
import type { Fate, Process } from '../process.ts'
import { createScheduler, type Scheduler } from '../scheduler.ts'
import type { Tally } from '../tally.ts'
import { carryOut } from './client.ts'
import { type Fleet, openFleet } from './fleet.ts'
import { createLog, type Log } from './log.ts'
import { ASSETS } from './plan.ts'
import type { Step } from './step.ts'
import { watch } from './watch.ts'
import type { Weather } from './weather.ts'

/** All of Strongbox that moves or watches money, as it is deployed, and the clients that use it. */
export interface World {
  readonly scheduler: Scheduler
  readonly database: Database
  readonly fleet: Fleet
  /** Until the audit has seen all of it. */
  readonly catchUp: () => Promise<void>
  /** Another one, of another table, in fair weather. */
  readonly openFleet: (tableName: string) => Fleet
  readonly log: Log
  /** Records of the stream that the audit put aside or could not explain: there is no reason for any. */
  readonly misjudged: readonly string[]
  /** In the sweepers and in the audit: whatever was thrown and is no outage. Complete when the audit has caught up. */
  readonly mistakes: readonly unknown[]
}

export interface WorldOptions {
  readonly seed: number
  readonly steps: readonly Step[]
  readonly weather: Weather
  readonly tally: Tally
  readonly keptLines?: number | undefined
}

const LEDGER = 'Ledger'
const AUDIT = 'Audit'
const BATCH = 100
const SWEEP_EVERY_MS = 5_000
const US_PER_MS = 1_000
const MINUTE_MS = 60_000
/** Requests that were on their way arrive, locks are let go, and holds run out. */
const AFTERMATH_MS = 2 * MINUTE_MS
const LONGEST_CATCH_UP_MS = 10 * MINUTE_MS

/** Lives through all the steps, and then until nothing is on its way any more. */
export async function liveThrough(options: WorldOptions): Promise<World> {
  const { seed, steps, weather, tally, keptLines } = options
  const scheduler = createScheduler({ seed, tally, keptLines })
  const database = createDatabase({ scheduler, faults: weather.faults, keepsHistory: true })
  for (const definition of [LEDGER_TABLE, AUDIT_TABLE]) database.createTable(definition)
  database.setFaults(CALM)
  await registerAssets(scheduler, database)
  database.setFaults(weather.faults)

  const fleet = openFleet({ scheduler, database, tableName: LEDGER, weather })
  const log = createLog()
  const misjudged: string[] = []
  const mistakes: unknown[] = []
  let isCalm = false
  const fate: Fate = () => {
    if (isCalm || !scheduler.random.chance(weather.death)) return 'lives'
    tally.count('a function was killed between two awaits')
    return 'dies'
  }
  const background = { scheduler, database, weather, fate, mistakes }
  const delivery = startAudit({ ...background, misjudged })
  startSweepers(background)
  for (const step of steps) {
    scheduler.after(step.atUs, () => {
      scheduler.spawn(`client ${step.number}`, (process) =>
        carryOut({ fleet, log, tally, nowUs: scheduler.nowUs }, process, step),
      )
    })
  }
  await scheduler.run()

  isCalm = true
  fleet.calm()
  database.setFaults(CALM)
  await scheduler.runFor(AFTERMATH_MS)
  const openCalmFleet = (tableName: string) => {
    const other = openFleet({ scheduler, database, tableName, weather })
    other.calm()
    return other
  }
  return {
    ...{ scheduler, database, fleet, log, misjudged, mistakes },
    catchUp: () => scheduler.runUntil(delivery.isCaughtUp, { limitMs: LONGEST_CATCH_UP_MS }),
    openFleet: openCalmFleet,
  }
}

async function registerAssets(scheduler: Scheduler, database: Database): Promise<void> {
  scheduler.spawn('setup', async (process) => {
    const store = openLedgerStore({ client: database.clientOf(process), tableName: LEDGER })
    for (const code of ASSETS) await store.putAsset({ code, name: code, scale: 0, active: true })
  })
  await scheduler.run()
}

interface Background {
  readonly scheduler: Scheduler
  readonly database: Database
  readonly weather: Weather
  readonly fate: Fate
  readonly mistakes: unknown[]
}

/** Two, each at its own times: so they meet, as it happens when one of them takes longer than it should. */
function startSweepers(background: Background): void {
  const { scheduler, weather, fate } = background
  const { tally } = scheduler
  const sweeping = new Set<Process>()
  const start = (name: string) => {
    const { clockSkewMs } = weather
    // Each run has a process of its own: a run that dies is no end of sweeping.
    scheduler.after(SWEEP_EVERY_MS * US_PER_MS, () => start(name), true)
    scheduler.spawn(
      name,
      async (process) => {
        await process.effects.sleep(SWEEP_EVERY_MS * process.random.unit())
        // One that was killed is still in there, and sweeps no more.
        const isAnyAtWork = Array.from(sweeping).some((other) => other.isAlive())
        tally.strikes('two sweepers were at work', isAnyAtWork)
        sweeping.add(process)
        await sweep(background, process, name)
        sweeping.delete(process)
      },
      {
        isBackground: true,
        fate,
        clockSkewMs: scheduler.random.between({ from: -clockSkewMs, to: clockSkewMs }),
      },
    )
  }
  start('sweeper 1')
  start('sweeper 2')
}

async function sweep(
  { scheduler, database, mistakes }: Background,
  process: Process,
  name: string,
): Promise<void> {
  const { effects } = process
  const { tally } = scheduler
  const { client } = watch(database.clientOf(process), tally)
  const store = openLedgerStore({ client, tableName: LEDGER, sleep: effects.sleep })
  const swept = await sweepHolds(openLedger(store, effects), {
    stopAtMs: effects.now() + MINUTE_MS,
    requestId: `${name} at ${effects.now()}`,
    onError(error) {
      if (isAway(error) || isBusy(error)) {
        tally.count('a sweeper failed, and left it for the next run')
      } else {
        mistakes.push(error)
      }
    },
  })
  tally.count('a sweeper released a hold', swept.released)
  tally.count('a sweeper found that somebody else was first', swept.alreadyOver)
}

/** What the code under test says of an outage: whoever asked may come again. */
function isAway(error: unknown): boolean {
  return error instanceof Error && error.name === 'StoreUnavailable'
}

/** The sweeper's own words for a hold that too many others were at. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && error.message.endsWith('was not released: busy')
}

export function auditTableOf(process: Process, database: Database): AuditTable {
  const { sleep, random } = process.effects
  return openAuditTable({ client: database.clientOf(process), tableName: AUDIT, sleep, random })
}

function startAudit({
  scheduler,
  database,
  weather,
  fate,
  misjudged,
  mistakes,
}: Background & { readonly misjudged: string[] }): Delivery {
  const { stream } = database.table(LEDGER)
  if (!stream) throw new Error('the ledger has a stream')
  return deliver({
    ...{ scheduler, stream, fate, name: 'audit', batchSize: BATCH },
    again: weather.redelivery,
    onError(error) {
      if (!isAway(error)) mistakes.push(error)
    },
    async take(process, records) {
      const { effects } = process
      const client = database.clientOf(process)
      const projector = {
        ledger: openLedgerStore({ client, tableName: LEDGER, sleep: effects.sleep }),
        table: auditTableOf(process, database),
        rules: allRules(DEFAULT_THRESHOLDS),
        tell: async () => {},
        tellOfWallet: async () => {},
      }
      const options = { projector, now: effects.now, sleep: effects.sleep, onParked: () => {} }
      // As the mapping filters them.
      const wanted = records.filter(({ dynamodb }) =>
        /^(B#|P$)/.test(dynamodb?.Keys?.['sk']?.S ?? ''),
      )
      if (wanted.length === 0) return []
      const { failed, parked, unexplained, projected } = await auditRecords(options, wanted)
      scheduler.tally.count('the audit projected entries', projected)
      if (failed.length > 0) scheduler.tally.count('the audit asked for records again')
      misjudged.push(...unexplained.map(({ rule, reason }) => reason ?? rule))
      if (parked > 0) misjudged.push(`${parked} put aside`)
      return failed
    },
  })
}
