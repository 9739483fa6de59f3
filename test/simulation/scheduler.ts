import { createEventQueue } from './event-queue.ts'
import { type Fate, openProcess, type Process, type ProcessHost } from './process.ts'
import { type Random, seededRandom } from './random.ts'
import { createTally, type Tally } from './tally.ts'
import { createTrace, type Trace } from './trace.ts'

/**
 * Time, and what happens in it. Nothing here is real: the clock moves to the next event, the event happens, whatever
 * code it woke runs until it waits again, and so on. The seed decides what comes first of what could; so a run is the
 * same each time, and years of it take seconds.
 *
 * The code under test is not changed for it. It gets its clock, its sleep and its client from here, and must not wait
 * for anything else; a run that ends while something waits for the outside fails and says who.
 */
export interface Scheduler {
  readonly nowUs: () => number
  /** What the clock of somebody who is right showed at the start. */
  readonly startMs: number
  readonly random: Random
  readonly trace: Trace
  readonly tally: Tally
  /** The world's own business, that goes on whoever dies. Nobody waits for what is in the background. */
  readonly after: (delayUs: number, work: () => void, isBackground?: boolean) => Scheduled
  /** A function instance, with a clock that may be wrong. */
  readonly spawn: <Result>(
    name: string,
    run: (process: Process) => Promise<Result>,
    options?: SpawnOptions,
  ) => Spawned<Result>
  /** Until nothing is left to happen but what works in the background. Fails if a function does. */
  readonly run: (options?: { readonly limitMs?: number }) => Promise<void>
  /** Until it is so. */
  readonly runUntil: (isSo: () => boolean, options?: { readonly limitMs?: number }) => Promise<void>
  /** So much time, and all that happens in it. */
  readonly runFor: (ms: number) => Promise<void>
  /** How many events there have been. */
  readonly events: () => number
}

export interface Scheduled {
  readonly cancel: () => void
}

export interface SpawnOptions {
  readonly clockSkewMs?: number
  /** Never ends by itself, such as a poller: nobody waits for it. */
  readonly isBackground?: boolean
  /** Asked each time before the code goes on: whether it does. */
  readonly fate?: Fate
}

export interface Spawned<Result> {
  readonly process: Process
  readonly ending: () => Ending<Result> | undefined
}

export type Ending<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'killed' }

export interface SchedulerOptions {
  readonly seed: number
  /** Where many runs are counted together. */
  readonly tally?: Tally | undefined
  readonly startMs?: number
  /** Of the trace. */
  readonly keptLines?: number | undefined
}

interface Event extends Scheduled {
  readonly atUs: number
  readonly lot: number
  /** Those that it is one of. */
  readonly among: Count
  /** Undefined when it has happened, or nobody wants it any more. */
  work: (() => void) | undefined
}

interface Count {
  count: number
}

const US_PER_MS = 1_000
const LOTS = 2 ** 32
const TURNS_IN_A_ROW = 1_000
/** 2026-11-21T06:00:00Z. */
const START_MS = 1_795_240_800_000
/** What has not ended after so long never will. */
const LONGEST_RUN_MS = 24 * 60 * 60 * 1_000

export function createScheduler({
  seed,
  tally = createTally(),
  startMs = START_MS,
  keptLines,
}: SchedulerOptions): Scheduler {
  const random = seededRandom(seed)
  const lots = random.fork('lots')
  const trace = createTrace(keptLines)
  const queue = createEventQueue<Event>()
  const running = new Set<Process>()
  const failures: unknown[] = []
  let nowUs = 0
  let events = 0
  let spawned = 0
  let turns = 0
  /** Events that a run waits for, and those that it does not. */
  const awaited: Count = { count: 0 }
  const inBackground: Count = { count: 0 }
  /** Whether code has been woken that has not run to its next wait yet. */
  let isAwake = false
  let isRunning = false

  function schedule(delayUs: number, isAwaited: boolean, work: () => void): Event {
    const atUs = nowUs + Math.max(0, Math.round(delayUs))
    const among = isAwaited ? awaited : inBackground
    among.count += 1
    const event: Event = { atUs, lot: lots.below(LOTS), among, work, cancel }
    queue.push(event)
    return event
  }

  const host: ProcessHost = {
    random,
    trace,
    nowUs: () => nowUs,
    startMs,
    nextNumber: () => {
      spawned += 1
      return spawned
    },
    schedule,
    woken: () => {
      isAwake = true
    },
    ended(process, ending) {
      running.delete(process)
      if (ending.kind === 'failed') failures.push(ending.error)
    },
  }

  /**
   * When all is done that the woken code does without waiting: Node comes to a tick that a microtask asked for when no
   * microtask is left. A turn of the event loop would do, too, and takes several times as long; now and then there is
   * one, for what is real around us.
   */
  function afterwards(next: () => void): void {
    turns += 1
    if (turns % TURNS_IN_A_ROW === 0) setImmediate(next)
    else queueMicrotask(() => process.nextTick(next))
  }

  /** Happens one event after the other, and lets the code run in between, until it is enough. */
  function pump(isEnough: (next: Event | undefined) => boolean): Promise<void> {
    if (isRunning) throw new Error('it runs already, and there is one time only')
    isRunning = true
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const turn = () => {
      try {
        if (failures.length > 0) throw failures.shift()
        isAwake = false
        while (!isAwake) {
          const next = queue.first()
          if (isEnough(next)) return resolve()
          happen()
        }
        afterwards(turn)
      } catch (error) {
        reject(error)
      }
    }
    setImmediate(turn)
    return promise.finally(() => {
      isRunning = false
    })
  }

  function until(isSo: () => boolean, limitMs: number): (next: Event | undefined) => boolean {
    const limitUs = nowUs + limitMs * US_PER_MS
    return (next) => {
      if (isSo()) return true
      if (next && next.atUs <= limitUs) return false
      throw new Error(`not over after ${limitMs} ms: ${namesOf(running)}`)
    }
  }

  function happen(): void {
    const event = queue.pop()
    if (!event?.work) return
    const { work } = event
    event.cancel()
    nowUs = event.atUs
    events += 1
    work()
  }

  return {
    nowUs: () => nowUs,
    startMs,
    random,
    trace,
    tally,
    events: () => events,
    after: (delayUs, work, isBackground = false) => schedule(delayUs, !isBackground, work),

    spawn(name, run, options = {}) {
      const instance = openProcess(host, name, run, options)
      running.add(instance.process)
      return instance
    },

    async run({ limitMs = LONGEST_RUN_MS } = {}) {
      await pump(until(() => awaited.count === 0, limitMs))
      const waiting = Array.from(running).filter(({ isBackground }) => !isBackground)
      if (waiting.length > 0) {
        throw new Error(`waits for something that is not simulated: ${namesOf(waiting)}`)
      }
    },

    runUntil: (isSo, { limitMs = LONGEST_RUN_MS } = {}) => pump(until(isSo, limitMs)),

    async runFor(ms) {
      const endUs = nowUs + ms * US_PER_MS
      await pump((next) => next === undefined || next.atUs > endUs)
      nowUs = endUs
    },
  }
}

/** One function for all events: there are very many of them. */
function cancel(this: Event): void {
  if (this.work) this.among.count -= 1
  this.work = undefined
}

function namesOf(processes: Iterable<Process>): string {
  return Array.from(processes, ({ name }) => name).join(', ')
}
