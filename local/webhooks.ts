import type { Publisher } from '../lib/audit/publish.ts'
import { StoreUnavailable } from '../lib/store/failures.ts'
import {
  type DeliverOptions,
  type Delivery,
  deliver,
  deliveriesOf,
  type Outcome,
  SEND_TIMEOUT_MS,
} from '../lib/webhooks/deliver.ts'
import type { ReadEndpoints } from '../lib/webhooks/read-endpoints.ts'
import { RETRY_WITHIN_MS } from '../lib/webhooks/retries.ts'
import { type DeadLetter, type Journal, openJournal, type Waiting } from './webhook-journal.ts'

/** What EventBridge, two queues and a function do when deployed, in one process. */
export interface Webhooks {
  /** Done when all of it is on disk. */
  readonly publish: Publisher
  /** When nothing waits any more: all is delivered or given up. Or when it was stopped. */
  readonly idle: () => Promise<void>
  /** The newest, if there are very many. */
  readonly deadLetters: () => DeadLetter[]
  /** False where there is no such dead letter. */
  readonly sendAgain: (id: number) => boolean
  readonly stop: () => Promise<void>
}

export interface WebhookOptions {
  readonly endpoints: ReadEndpoints
  /** Where what waits is kept; undefined keeps it until the end only. */
  readonly folder?: string | undefined
  readonly timeoutMs?: number
  readonly retryWithinMs?: readonly number[]
  /** Told of each try. */
  readonly onTried?: (delivery: Delivery, outcome: Outcome) => void
}

/** To one endpoint at the same time. Others have as many for themselves. */
const MAX_PARALLEL = 8

/**
 * Of one endpoint and one partition key, one event is sent after the other. One that fails stands back for its next
 * try, and those behind it go on: so they are in order while all goes well, and nobody waits for hours.
 */
export async function startWebhooks(options: WebhookOptions): Promise<Webhooks> {
  // One that is misspelt is found now, and not when the first event is lost in it.
  await options.endpoints()
  const journal = openJournal(options.folder)
  const stopping = new AbortController()
  /** For each endpoint that something waits for, the partition keys of which one is under way. */
  const lanes = new Map(journal.endpoints().map((endpoint) => [endpoint, new Set<string>()]))
  const running = new Set<Promise<void>>()
  const whenIdle = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined
  const deliverOptions: DeliverOptions = {
    readEndpoints: options.endpoints,
    timeoutMs: options.timeoutMs ?? SEND_TIMEOUT_MS,
    retryWithinMs: options.retryWithinMs ?? RETRY_WITHIN_MS,
    isPublicOnly: false,
    now: Date.now,
    random: Math.random,
    signal: stopping.signal,
  }

  function startWhatIsDue(): void {
    if (stopping.signal.aborted) return
    // One time for all of it: what comes due in between must be found by one look or by the other.
    const now = Date.now()
    for (const [endpoint, busy] of lanes) startUpToLimit(endpoint, busy, now)
    clearTimeout(timer)
    const dueAt = journal.nextDueAt(lanes.keys(), now)
    if (dueAt !== undefined) timer = setTimeout(startWhatIsDue, dueAt - now)
    if (running.size === 0 && journal.isEmpty()) beIdle()
  }

  function startUpToLimit(endpoint: string, busy: Set<string>, now: number): void {
    while (busy.size < MAX_PARALLEL) {
      const waiting = journal.next({ endpoint, now, busy: Array.from(busy) })
      if (!waiting) return
      start(waiting, busy)
    }
  }

  function start(waiting: Waiting, busy: Set<string>): void {
    const { partitionkey } = waiting.delivery.event
    busy.add(partitionkey)
    const run = tryOnce(waiting).finally(() => {
      busy.delete(partitionkey)
      running.delete(run)
      startWhatIsDue()
    })
    running.add(run)
  }

  async function tryOnce({ row, delivery, tries }: Waiting): Promise<void> {
    const outcome = await deliver(deliverOptions, delivery, tries + 1)
    // What was cut off by the end is no failure of the endpoint's: it comes again after the next start.
    if (stopping.signal.aborted && outcome.kind !== 'delivered') return
    settle(journal, row, outcome)
    options.onTried?.(delivery, outcome)
  }

  function beIdle(): void {
    for (const resolve of whenIdle) resolve()
    whenIdle.clear()
  }

  function openLane(endpoint: string): void {
    if (!lanes.has(endpoint)) lanes.set(endpoint, new Set())
  }

  startWhatIsDue()
  return {
    async publish(events) {
      try {
        const endpoints = await options.endpoints()
        const deliveries = events.flatMap((event) => deliveriesOf(endpoints, event))
        journal.add(deliveries, Date.now())
        for (const { endpoint } of deliveries) openLane(endpoint)
      } catch (error) {
        throw new StoreUnavailable('the webhooks could not take the events', { cause: error })
      }
      startWhatIsDue()
    },
    idle() {
      if (stopping.signal.aborted || journal.isEmpty()) return Promise.resolve()
      return new Promise((resolve) => whenIdle.add(resolve))
    },
    deadLetters: journal.deadLetters,
    sendAgain(id) {
      const endpoint = journal.revive(id, Date.now())
      if (endpoint === undefined) return false
      openLane(endpoint)
      startWhatIsDue()
      return true
    },
    async stop() {
      if (stopping.signal.aborted) return
      stopping.abort()
      clearTimeout(timer)
      await Promise.allSettled(running)
      journal.close()
      beIdle()
    },
  }
}

function settle(journal: Journal, row: number, outcome: Outcome): void {
  if (outcome.kind === 'again') journal.again(row, outcome.failure, Date.now() + outcome.inMs)
  else if (outcome.kind === 'dead') journal.bury(row, outcome.failure)
  else journal.remove(row)
}
