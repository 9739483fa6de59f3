import { type Ledger, openLedger } from '../../../lib/ledger/ledger.ts'
import { openLedgerStore } from '../../../lib/store/ledger-store.ts'
import type { Database } from '../dynamodb/database.ts'
import type { Fate, Process } from '../process.ts'
import type { Scheduler } from '../scheduler.ts'
import { type Watched, watch } from './watch.ts'
import type { Weather } from './weather.ts'

/** The instances of a function, as Lambda keeps them: warm ones take the calls, and new ones come where none is free. */
export interface Fleet {
  readonly call: <Result>(caller: Process, work: Work<Result>) => Promise<Heard<Result>>
  /** The sun comes out: nobody dies any more, and nothing is lost on the way. */
  readonly calm: () => void
  /** Mistakes in the code under test: whatever was thrown and is no outage. */
  readonly crashes: readonly unknown[]
  /** Of those who never stood still. */
  readonly longestCallMs: () => number
  /** How many of those ran into the time-out of the function. */
  readonly overlong: () => number
  /** How many reached the code under test. */
  readonly served: () => number
}

/** What the code under test does for a call, with what an instance has. */
export type Work<Result> = (ledger: Ledger, process: Process) => Promise<Result>

export type Heard<Result> =
  | { readonly kind: 'answer'; readonly result: Result }
  /** The gateway said so, or the code did. */
  | { readonly kind: 'away' }
  | { readonly kind: 'silence' }

export interface FleetOptions {
  readonly scheduler: Scheduler
  readonly database: Database
  readonly tableName: string
  readonly weather: Weather
}

/** As the functions are deployed. */
const TIMEOUT_MS = 28_000
/** So long a client waits for an answer. */
const PATIENCE_US = 10_000_000
const WAY_US = { from: 500, to: 20_000 }
const STANDSTILL_MS = { from: 500, to: 40_000 }
const US_PER_MS = 1_000
const MINUTE_US = 60_000_000

interface Instance {
  readonly process: Process
  readonly ledger: Ledger
  readonly watched: Watched
  readonly calls: Set<Call>
  hasStoodStill: boolean
}

interface Call {
  readonly end: (heard: Heard<never>) => void
}

export function openFleet({ scheduler, database, tableName, weather }: FleetOptions): Fleet {
  const { tally } = scheduler
  const random = scheduler.random.fork(`fleet ${tableName}`)
  const instances: Instance[] = []
  const crashes: unknown[] = []
  let isCalm = false
  let opened = 0
  let longestCallMs = 0
  let served = 0
  let overlong = 0

  function openInstance(): Instance {
    opened += 1
    const clockSkewMs = random.between({ from: -weather.clockSkewMs, to: weather.clockSkewMs })
    if (clockSkewMs !== 0) tally.count('a clock was wrong')
    const fate: Fate = () => {
      if (isCalm || !random.chance(weather.death)) return 'lives'
      tally.count('a function was killed between two awaits')
      bury(instance)
      return 'dies'
    }
    // It never ends by itself: Lambda keeps it for the next call.
    const { process } = scheduler.spawn(`function ${opened}`, () => new Promise<never>(() => {}), {
      ...{ isBackground: true, clockSkewMs, fate },
    })
    const { sleep } = process.effects
    const watched = watch(database.clientOf(process), tally)
    const store = openLedgerStore({ client: watched.client, tableName, sleep })
    const ledger = openLedger(store, process.effects)
    const instance = { process, ledger, watched, calls: new Set<Call>(), hasStoodStill: false }
    instances.push(instance)
    return instance
  }

  function bury(instance: Instance): void {
    instances.splice(instances.indexOf(instance), 1)
    // The gateway notices mostly.
    for (const call of instance.calls) call.end({ kind: random.chance(0.7) ? 'away' : 'silence' })
  }

  /** Undefined where there are as many as there may be, and all are busy. */
  function freeInstance(): Instance | undefined {
    const free = instances.filter(({ calls }) => calls.size < weather.atOnce)
    const warm = free[random.below(free.length)]
    if (warm) return warm
    return instances.length < weather.maxInstances ? openInstance() : undefined
  }

  function serve<Result>(work: Work<Result>, answer: (heard: Heard<Result>) => void): void {
    const instance = freeInstance()
    if (!instance) {
      answer({ kind: 'away' })
      return
    }
    const { process, ledger, watched, calls } = instance
    const startUs = scheduler.nowUs()
    const call: Call = { end: (heard) => over(heard) }
    const timeout = scheduler.after(
      TIMEOUT_MS * US_PER_MS,
      () => {
        tally.count('a function ran into its time-out')
        if (!instance.hasStoodStill) overlong += 1
        bury(instance)
        process.kill()
      },
      true,
    )
    const over = (heard: Heard<Result>) => {
      timeout.cancel()
      if (calls.delete(call)) answer(heard)
    }
    calls.add(call)
    served += 1
    if (!isCalm) standStill(instance)
    process.hear(0, () => {
      watched.begin(weather.atOnce === 1)
      work(ledger, process).then(
        (result) => {
          if (!instance.hasStoodStill) {
            longestCallMs = Math.max(longestCallMs, (scheduler.nowUs() - startUs) / US_PER_MS)
          }
          over({ kind: 'answer', result })
        },
        (error) => {
          if (error instanceof Error && error.name === 'StoreUnavailable') {
            tally.count('gave up, and said that the database is away')
          } else {
            crashes.push(error)
          }
          over({ kind: 'away' })
        },
      )
    })
  }

  /** Lambda freezes an instance between two calls, and what it has in hand waits with it; and clocks are set. */
  function standStill(instance: Instance): void {
    const { process } = instance
    const perCall = (weather.standstillsPerMinute * WAY_US.to) / MINUTE_US
    if (random.chance(perCall)) {
      tally.count('a function stood still')
      instance.hasStoodStill = true
      const afterUs = random.between(WAY_US)
      scheduler.after(afterUs, () => process.pause(random.between(STANDSTILL_MS)), true)
    }
    if (weather.clockIsSet && random.chance(perCall)) {
      tally.count('a clock was set')
      process.setClockSkew(random.between({ from: -weather.clockSkewMs, to: weather.clockSkewMs }))
    }
  }

  return {
    call: <Result>(caller: Process, work: Work<Result>) =>
      new Promise<Heard<Result>>((resolve) => {
        const patience = caller.hear(PATIENCE_US, () => resolve({ kind: 'silence' }))
        const settle = (heard: Heard<Result>) => {
          if (heard.kind === 'silence') return
          if (!isCalm && random.chance(weather.callAnswerLost)) {
            tally.count('an answer to a client was lost')
            return
          }
          caller.hear(random.between(WAY_US), () => {
            patience.cancel()
            resolve(heard)
          })
        }
        if (!isCalm && random.chance(weather.callLost)) {
          tally.count('a call of a client was lost')
          return
        }
        scheduler.after(random.between(WAY_US), () => serve(work, settle), true)
      }),
    calm: () => {
      isCalm = true
    },
    crashes,
    longestCallMs: () => longestCallMs,
    overlong: () => overlong,
    served: () => served,
  }
}
