import { setTimeout as pauseFor } from 'node:timers/promises'

/** What passes time, so that a test can pass it faster. */
export interface Clock {
  readonly now: () => number
  /** Ends early, and without an error, when the signal is given. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

export const realClock: Clock = {
  now: Date.now,
  pause: (ms, signal) => pauseFor(ms, undefined, { signal }).catch(() => {}),
}

/** Pauses that all end when it rings. */
export interface Alarm {
  readonly nap: (ms: number) => Promise<void>
  readonly ring: () => void
}

export function createAlarm(clock: Clock, stopping: AbortSignal): Alarm {
  let bell = new AbortController()
  return {
    nap: async (ms) => {
      if (!stopping.aborted) await clock.pause(ms, bell.signal)
    },
    ring: () => {
      const rung = bell
      bell = new AbortController()
      rung.abort()
    },
  }
}

/** Somebody waits until something has become true; whoever changes something says so. */
export interface Notice {
  readonly tell: () => void
  readonly until: (isTrue: () => boolean) => Promise<void>
}

export function createNotice(): Notice {
  const waiting = new Set<() => void>()
  return {
    tell: () => {
      for (const check of waiting) check()
    },
    until: (isTrue) =>
      new Promise((resolve) => {
        const check = () => {
          if (!isTrue()) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
  }
}
