import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { Reply } from '../../lib/smoke/door.ts'
import { bucketOf } from './buckets.ts'
import { answerName } from './client.ts'

/** All that is counted while it runs. */
export interface Meter {
  readonly sent: () => void
  readonly answered: (reply: Reply, ms: number, about: string) => void
  readonly triedAgain: (reason: string) => void
  readonly inFlight: () => number
  readonly latency: () => Latency
  readonly latencyOf: () => ReadonlyMap<string, Latency>
  /** How many answers took how long, by the number of their bucket. */
  readonly buckets: () => ReadonlyMap<number, number>
  readonly outcomes: () => ReadonlyMap<string, number>
  readonly retries: () => ReadonlyMap<string, number>
}

export interface Latency {
  readonly count: number
  /** In milliseconds. */
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

const US_PER_MS = 1_000
/** An hour: no request is waited for so long. */
const LONGEST_US = 3_600_000_000

export function createMeter(): Meter {
  const all = newHistogram()
  const byKind = new Map<string, RecordableHistogram>()
  const buckets = new Map<number, number>()
  const outcomes = new Map<string, number>()
  const retries = new Map<string, number>()
  let inFlight = 0
  return {
    sent() {
      inFlight += 1
    },
    answered(reply, ms, about) {
      inFlight -= 1
      count(outcomes, outcomeOf(reply))
      // How long nobody answered says nothing about answers.
      if (reply.kind === 'silence') return
      const us = Math.max(1, Math.round(ms * US_PER_MS))
      all.record(us)
      const histogram = byKind.get(about) ?? newHistogram()
      byKind.set(about, histogram)
      histogram.record(us)
      count(buckets, bucketOf(ms))
    },
    triedAgain: (reason) => count(retries, reason),
    inFlight: () => inFlight,
    latency: () => toLatency(all),
    latencyOf: () =>
      new Map(Array.from(byKind, ([kind, histogram]) => [kind, toLatency(histogram)])),
    buckets: () => buckets,
    outcomes: () => outcomes,
    retries: () => retries,
  }
}

function outcomeOf(reply: Reply): string {
  if (reply.kind === 'silence') return reply.reason
  const isReplayed = reply.headers.get('idempotency-replayed') === 'true'
  return `${answerName(reply)}${isReplayed ? ' (replayed)' : ''}`
}

function newHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: LONGEST_US, figures: 3 })
}

function toLatency(histogram: RecordableHistogram): Latency {
  const at = (percent: number) => histogram.percentile(percent) / US_PER_MS
  if (histogram.count === 0) return { count: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }
  return {
    count: histogram.count,
    ...{ p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: histogram.max / US_PER_MS },
  }
}

function count<Name>(counts: Map<Name, number>, name: Name): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
