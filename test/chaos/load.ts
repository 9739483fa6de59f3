import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../simulation/random.ts'
import { createOrders, FIRST_ORDERS, type Order } from './orders.ts'

/** Where clients send to, and as whom. */
export interface Door {
  readonly url: string
  readonly token: string
}

/** One order of one client, and all that it ever heard of it. */
export interface Write {
  readonly key: string
  readonly order: Order
  /** The status of each send; 0 where no whole answer came. */
  readonly sends: number[]
  /** The one that says what became of it. Undefined while nobody has said. */
  answer?: Answer
}

export interface Answer {
  readonly status: number
  readonly text: string
  /** The service says that it had done this before. */
  readonly replayed: boolean
}

export interface Load {
  readonly writes: readonly Write[]
  /** How many of them have their answer. */
  readonly answered: () => number
  /** Orders nothing new; what is open is still insisted on. */
  readonly stop: () => void
  /** At once, whatever is still open. */
  readonly giveUp: () => void
  /** Settles when each order has its answer, or has been given up. */
  readonly done: Promise<void>
}

export interface LoadOptions {
  readonly door: Door
  readonly random: Random
  readonly clients: number
  /** Undefined goes on until the end is asked for. */
  readonly ordersOfEach?: number
}

const ANSWER_TIMEOUT_MS = 35_000
const AGAIN_AFTER_MS = { from: 20, to: 250 }
const THINKING_MS = { from: 0, to: 25 }
/** Some starts of a stack on a machine that has much else to do. */
const PATIENCE_MS = 240_000
const CREATED = 201
const TOO_MANY = 429
const SERVER_ERROR = 500

/** Clients that behave as they should: who gets no answer sends the same key again, until there is one. */
export function startLoad(options: LoadOptions): Load {
  const { door, random, clients, ordersOfEach = Number.POSITIVE_INFINITY } = options
  const writes: Write[] = []
  let isStopping = false
  let isGivenUp = false
  let answered = 0

  async function insist(write: Write, pauses: Random): Promise<void> {
    writes.push(write)
    const giveUpAt = Date.now() + PATIENCE_MS
    while (!isGivenUp && Date.now() < giveUpAt) {
      const answer = await send(door, write)
      write.sends.push(answer?.status ?? 0)
      if (answer && answer.status !== TOO_MANY && answer.status < SERVER_ERROR) {
        write.answer = answer
        answered += 1
        return
      }
      await sleep(pauses.between(AGAIN_AFTER_MS))
    }
  }

  async function order(name: string): Promise<void> {
    const orders = createOrders(random.fork(name))
    const pauses = random.fork(`${name} pauses`)
    for (let n = 1; n <= ordersOfEach && !isStopping; n += 1) {
      const write: Write = { key: `${name}-${n}`, order: orders.next(), sends: [] }
      await insist(write, pauses)
      const holdId = heldBy(write)
      if (holdId !== undefined) orders.held(write.order.path, holdId)
      await sleep(pauses.between(THINKING_MS))
    }
  }

  async function run(): Promise<void> {
    const pauses = random.fork('first')
    for (const [n, first] of FIRST_ORDERS.entries()) {
      await insist({ key: `first-${n}`, order: first, sends: [] }, pauses)
    }
    await Promise.all(Array.from({ length: clients }, (_, n) => order(`client-${n + 1}`)))
  }

  const done = run()
  // Whoever waits for it hears of it.
  done.catch(() => {})
  return {
    writes,
    answered: () => answered,
    stop() {
      isStopping = true
    },
    giveUp() {
      isStopping = true
      isGivenUp = true
    },
    done,
  }
}

/** Undefined where no answer came, or not all of it. */
export async function send(
  { url, token }: Door,
  { key, order }: Pick<Write, 'key' | 'order'>,
): Promise<Answer | undefined> {
  try {
    const response = await fetch(`${url}${order.path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(order.body),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    })
    const replayed = response.headers.get('idempotency-replayed') === 'true'
    return { status: response.status, text: await response.text(), replayed }
  } catch {
    return undefined
  }
}

export function isAcknowledged(write: Write): write is Write & { readonly answer: Answer } {
  return write.answer?.status === CREATED
}

function heldBy(write: Write): string | undefined {
  if (!isAcknowledged(write) || !write.order.path.endsWith('/holds')) return undefined
  return String(JSON.parse(write.answer.text).holdId)
}
