import type { Swept } from './sweep.ts'

/** What a sweep writes, once for each run. An alarm looks for these names. */
export const SWEEP_METRICS = {
  released: 'HoldsReleased',
  /** 1 where a hold could not be given back, or not all could be looked for. */
  fellShort: 'FellShort',
} as const

export function fellShort({ failed, isComplete }: Swept): boolean {
  return failed > 0 || !isComplete
}
