import type { StreamMapping } from '../lib/audit/stream-mapping.ts'
import type { Clock } from './event-source-clock.ts'
import type { GivenUp, Records } from './event-source-failure.ts'
import type { Invocation, StreamFunction } from './event-source-function.ts'
import type { StreamRecord } from './event-source-stream.ts'

export interface Delivery {
  readonly mapping: StreamMapping
  readonly invoke: StreamFunction['invoke']
  readonly giveUp: (givenUp: GivenUp) => Promise<void>
  /** These need not come again: they are handled, or given up. */
  readonly settle: (records: readonly StreamRecord[]) => void
  readonly onThrown: (thrown: unknown) => void
  readonly clock: Clock
  readonly stopping: AbortSignal
}

/** A batch, or what is left of one, and how it has fared since it was cut like this. */
interface Part {
  readonly records: Records
  readonly tries: number
  readonly last?: Invocation
}

const FIRST_RETRY_PAUSE_MS = 100
const MAX_RETRY_PAUSE_MS = 5_000

/** Until each record is handled or given up, in order, or until we stop: then what is left comes again another day. */
export async function deliver(records: readonly StreamRecord[], delivery: Delivery): Promise<void> {
  const parts = partOf(records)
  let isTold = false
  // Each turn takes records away, cuts a part smaller, or uses up one of its tries: so there is an end.
  for (let part = parts.shift(); part && !delivery.stopping.aborted; part = parts.shift()) {
    const old = tooOld(part, delivery)
    if (old) {
      await giveUp(old, part, 'RecordAgeExceeded', delivery)
      parts.unshift(...partOf(part.records.slice(old.length), part))
      continue
    }
    const last = await delivery.invoke(part.records.map(({ event }) => event))
    if ('thrown' in last && !isTold) {
      // Once for a batch: otherwise halves and retries would say it a hundred times.
      isTold = true
      delivery.onThrown(last.thrown)
    }
    parts.unshift(...(await afterInvocation({ ...part, tries: part.tries + 1, last }, delivery)))
  }
}

/** What has to be sent next, after this part has just been. */
async function afterInvocation(part: Part, delivery: Delivery): Promise<Part[]> {
  const { mapping, settle, clock, stopping } = delivery
  const { records, tries, last } = part
  const done = last?.firstFailure ?? records.length
  settle(records.slice(0, done))
  const left = records.slice(done)
  const [first, ...rest] = left
  if (!first) return []
  // A cut is not a retry: it is not counted, and not waited for.
  if (mapping.bisectBatchOnError && records.length > 1) {
    const middle = Math.ceil(left.length / 2)
    return done > 0
      ? partOf(left)
      : [...partOf(left.slice(0, middle)), ...partOf(left.slice(middle))]
  }
  if (tries > mapping.maxRetryAttempts) {
    await giveUp([first, ...rest], part, 'RetryAttemptsExhausted', delivery)
    return []
  }
  await clock.pause(retryPauseMs(tries), stopping)
  return partOf(left, part)
}

async function giveUp(
  records: Records,
  { tries, last }: Part,
  condition: GivenUp['condition'],
  delivery: Delivery,
): Promise<void> {
  await delivery.giveUp({ records, condition, invocations: tries, last })
  delivery.settle(records)
}

/** A stream is in order, so the old ones come first. */
function tooOld({ records }: Part, { mapping, clock }: Delivery): Records | undefined {
  const createdBefore = clock.now() - mapping.maxRecordAgeSeconds * 1000
  const firstYoung = records.findIndex(({ createdAt }) => createdAt >= createdBefore)
  const [first, ...rest] = firstYoung < 0 ? records : records.slice(0, firstYoung)
  return first && [first, ...rest]
}

function partOf(
  records: readonly StreamRecord[],
  fared: Omit<Part, 'records'> = { tries: 0 },
): Part[] {
  const [first, ...rest] = records
  return first ? [{ ...fared, records: [first, ...rest] }] : []
}

export function retryPauseMs(tries: number): number {
  return Math.min(MAX_RETRY_PAUSE_MS, FIRST_RETRY_PAUSE_MS * 2 ** (tries - 1))
}
