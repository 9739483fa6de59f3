import type { Effects } from '../../lib/ledger/effects.ts'
import type { Random } from './random.ts'
import type { Ending, Scheduled, Spawned, SpawnOptions } from './scheduler.ts'
import type { Trace } from './trace.ts'

/**
 * An instance of a function. It can be killed wherever it waits: it then never hears the answer, and nobody remembers
 * it. What it had sent before goes its way.
 */
export interface Process {
  readonly name: string
  readonly isBackground: boolean
  /** For the code under test: its clock, its sleep, its chance. */
  readonly effects: Effects
  readonly random: Random
  readonly isAlive: () => boolean
  /** Something from outside that is heard after a while, if anybody is there to hear it. */
  readonly hear: (delayUs: number, work: () => void) => Scheduled
  readonly kill: () => void
  /** Stands still, such as a function that is frozen between two calls; its answers lie there until it goes on. */
  readonly pause: (ms: number) => void
  /** Its clock is set, forwards or back. */
  readonly setClockSkew: (ms: number) => void
}

/** Whether a process lives on after so many waits. */
export type Fate = (waits: number) => 'lives' | 'dies'

/** What the scheduler does for its processes. */
export interface ProcessHost {
  readonly random: Random
  readonly trace: Trace
  readonly nowUs: () => number
  readonly startMs: number
  /** Instances of one function are alike, but not in their chances. */
  readonly nextNumber: () => number
  readonly schedule: (delayUs: number, isAwaited: boolean, work: () => void) => Scheduled
  readonly woken: () => void
  readonly ended: (process: Process, ending: Ending<unknown>) => void
}

const US_PER_MS = 1_000

export function openProcess<Result>(
  host: ProcessHost,
  name: string,
  run: (process: Process) => Promise<Result>,
  { clockSkewMs = 0, isBackground = false, fate = () => 'lives' }: SpawnOptions,
): Spawned<Result> {
  const random = host.random.fork(`process ${host.nextNumber()} ${name}`)
  let skewMs = clockSkewMs
  let pausedUntilUs = 0
  let waits = 0
  let ending: Ending<Result> | undefined

  function end(how: Ending<Result>): void {
    if (ending) return
    ending = how
    host.trace.add(`${host.nowUs()} ${name} ${how.kind}`)
    host.ended(process, how)
  }

  function hear(delayUs: number, work: () => void): Scheduled {
    let event = host.schedule(delayUs, !isBackground, happen)
    function happen(): void {
      if (ending) return
      const waitUs = pausedUntilUs - host.nowUs()
      if (waitUs > 0) {
        event = host.schedule(waitUs, !isBackground, happen)
        return
      }
      waits += 1
      if (fate(waits) === 'dies') {
        process.kill()
        return
      }
      host.woken()
      work()
    }
    return { cancel: () => event.cancel() }
  }

  const process: Process = {
    name,
    isBackground,
    random,
    hear,
    effects: {
      now: () => host.startMs + Math.floor(host.nowUs() / US_PER_MS) + skewMs,
      sleep: (ms) => new Promise((resolve) => hear(ms * US_PER_MS, resolve)),
      random: random.unit,
    },
    isAlive: () => ending === undefined,
    kill: () => end({ kind: 'killed' }),
    pause(ms) {
      pausedUntilUs = Math.max(pausedUntilUs, host.nowUs() + ms * US_PER_MS)
    },
    setClockSkew(ms) {
      skewMs = ms
    },
  }

  host.schedule(0, !isBackground, () => {
    if (ending) return
    host.woken()
    run(process).then(
      (result) => end({ kind: 'done', result }),
      (error) => end({ kind: 'failed', error }),
    )
  })
  return { process, ending: () => ending }
}
