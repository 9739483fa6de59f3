import { bar } from './bar.ts'
import type { Meter } from './meter.ts'
import type { Paint } from './paint.ts'
import { clock, duration, grouped } from './words.ts'

/** Where a run is. */
export interface Moment {
  /** Errands that are over, and how many there are to be; of a run by the clock, milliseconds are what is done. */
  readonly done: number
  readonly requests: number | undefined
  readonly elapsedMs: number
  readonly forMs: number | undefined
  readonly meter: Meter
  readonly unexpected: number
  readonly isStopping: boolean
}

const BAR_WIDTH = 40
const OK = /^2/
const DECLINED = /^4(?!29)/

/** For a terminal: a few lines, drawn again and again. */
export function liveLines(moment: Moment, paint: Paint): string[] {
  const { done, requests, elapsedMs, forMs, meter, unexpected, isStopping } = moment
  const share = requests === undefined ? elapsedMs / (forMs ?? 1) : done / requests
  const drawn = bar(share, BAR_WIDTH)
  const of = requests === undefined ? '' : ` of ${grouped(requests)}`
  const time = forMs === undefined ? clock(elapsedMs) : `${clock(elapsedMs)} of ${clock(forMs)}`
  const { p50, p99 } = meter.latency()
  const { ok, declined, retries } = tallies(meter)
  const dot = paint('dim', ' · ')
  return [
    `  ${paint(isStopping ? 'yellow' : 'cyan', drawn)}${paint('dim', '░'.repeat(Math.max(0, BAR_WIDTH - drawn.length)))}  ${paint('bold', grouped(done))}${of}  ${paint('dim', time)}`,
    `  ${[
      `${paint('bold', perSecond(done, elapsedMs))}/s`,
      `p50 ${paint('bold', duration(p50))}`,
      `p99 ${paint('bold', duration(p99))}`,
      `${grouped(meter.inFlight())} in flight`,
      ...(isStopping ? [paint('yellow', 'stopping: waiting for what is under way')] : []),
    ].join(dot)}`,
    `  ${[
      paint('green', `✓ ${grouped(ok)} done`),
      paint('blue', `${grouped(declined)} declined`),
      paint(retries > 0 ? 'yellow' : 'dim', `↻ ${grouped(retries)} sent again`),
      paint(unexpected > 0 ? ['red', 'bold'] : 'dim', `✗ ${grouped(unexpected)} unexpected`),
    ].join(dot)}`,
  ]
}

/** For a file: one line, now and then. */
export function plainLine({ done, requests, elapsedMs, meter, unexpected }: Moment): string {
  const of = requests === undefined ? '' : ` of ${grouped(requests)}`
  const { p50, p99 } = meter.latency()
  const { ok, declined, retries } = tallies(meter)
  return [
    `${clock(elapsedMs)}  ${grouped(done)}${of}`,
    `${perSecond(done, elapsedMs)}/s`,
    `p50 ${duration(p50)}`,
    `p99 ${duration(p99)}`,
    `${grouped(meter.inFlight())} in flight`,
    `${grouped(ok)} done`,
    `${grouped(declined)} declined`,
    `${grouped(retries)} sent again`,
    `${grouped(unexpected)} unexpected`,
  ].join(', ')
}

export function perSecond(count: number, ms: number): string {
  return ms < 1 ? '0' : grouped(Math.round((count / ms) * 1_000))
}

function tallies(meter: Meter) {
  const sum = (counts: ReadonlyMap<string, number>, isMeant: (name: string) => boolean) =>
    Array.from(counts).reduce((total, [name, count]) => total + (isMeant(name) ? count : 0), 0)
  return {
    ok: sum(meter.outcomes(), (name) => OK.test(name)),
    declined: sum(meter.outcomes(), (name) => DECLINED.test(name)),
    retries: sum(meter.retries(), () => true),
  }
}
