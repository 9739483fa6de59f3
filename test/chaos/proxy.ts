import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { sizeOf, transactionIn } from './requests.ts'
import type { Fault, Traffic, Weather } from './weather.ts'

/** The way between the SDK and DynamoDB Local, in all weathers. */
export interface Proxy {
  readonly endpoint: string
  readonly injected: readonly Injected[]
  /** Until it is asked for, the weather is fine. */
  readonly storm: () => void
  /** No more faults; settles when nothing is under way any more, those included that nobody waits for. */
  readonly calm: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface Injected {
  readonly fault: Fault
  readonly traffic: Traffic
  /** Whose write it was, where it was one of the ledger. */
  readonly transactionId: string | undefined
}

export interface ProxyOptions {
  readonly behind: string
  readonly weather: Weather
  /** Longer than the SDK waits for an answer. */
  readonly lateMs: number
}

interface Asked {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

interface Said {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const HOST = '127.0.0.1'
const SLOW_MS = 200
const POLL_MS = 20
const DYNAMODB = /^DynamoDB_20120810\.(\w+)$/
const CONTROL = /Table|Limits|TimeToLive/
const ERROR_TYPE = 'com.amazonaws.dynamodb.v20120810'

export async function startProxy({ behind, weather, lateMs }: ProxyOptions): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true })
  const injected: Injected[] = []
  const lasting = new Map<string, Fault>()
  let isCalm = true
  let underWay = 0

  const pass = async ({ headers, body }: Asked): Promise<Said> => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(behind, { method: 'POST', headers, agent }, resolve).on('error', reject).end(body)
    })
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await wholeOf(answer) }
  }

  function faultFor(traffic: Traffic, invocation: string): Fault | undefined {
    const again = lasting.get(invocation)
    if (again !== undefined) return again
    const card = weather.next(traffic)
    if (card?.lasts) lasting.set(invocation, card.fault)
    return card?.fault
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const asked = { headers: incoming.headers, body: await wholeOf(incoming) }
    const traffic = isCalm ? undefined : trafficOf(asked)
    const fault = traffic && faultFor(traffic, String(incoming.headers['amz-sdk-invocation-id']))
    if (!traffic || !fault) return tell(outgoing, await pass(asked))
    const transactionId = traffic === 'write of the ledger' ? transactionIn(asked.body) : undefined
    injected.push({ fault, traffic, transactionId })
    await suffer(fault, asked, outgoing)
  }

  async function suffer(fault: Fault, asked: Asked, outgoing: ServerResponse): Promise<void> {
    switch (fault) {
      case 'reset before it was executed':
        return reset(outgoing)
      case 'reset after it was executed':
        await pass(asked)
        return reset(outgoing)
      case 'executed late, and nobody waits any more':
        await sleep(lateMs)
        return tell(outgoing, await pass(asked))
      case 'answered late, and nobody waits any more': {
        const said = await pass(asked)
        await sleep(lateMs)
        return tell(outgoing, said)
      }
      case 'slow':
        await sleep(SLOW_MS)
        return tell(outgoing, await pass(asked))
      case '500 before it was executed':
        return tell(outgoing, refusal(500, 'InternalServerError'))
      case '500 after it was executed':
        await pass(asked)
        return tell(outgoing, refusal(500, 'InternalServerError'))
      case 'ProvisionedThroughputExceededException':
      case 'ThrottlingException':
      case 'RequestLimitExceeded':
        return tell(outgoing, refusal(400, fault))
      case 'cancelled with ThrottlingError':
        return tell(outgoing, cancellation('ThrottlingError', sizeOf(asked.body)))
      case 'cancelled with TransactionConflict':
        return tell(outgoing, cancellation('TransactionConflict', sizeOf(asked.body)))
      case 'answer cut off':
        return cutOff(outgoing, await pass(asked))
      case 'answer garbled': {
        const said = await pass(asked)
        return tell(outgoing, { ...said, body: half(said.body) })
      }
    }
  }

  const server = createServer((incoming, outgoing) => {
    underWay += 1
    serve(incoming, outgoing)
      .catch(() => incoming.socket.destroy())
      .finally(() => {
        underWay -= 1
      })
  })
  server.listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no address')
  return {
    endpoint: `http://${HOST}:${address.port}`,
    injected,
    storm() {
      isCalm = false
    },
    async calm() {
      isCalm = true
      while (underWay > 0) await sleep(POLL_MS)
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      agent.destroy()
    },
  }
}

/** Undefined for what is no everyday traffic: tables that are made, streams that are read. */
function trafficOf({ headers, body }: Asked): Traffic | undefined {
  const operation = DYNAMODB.exec(String(headers['x-amz-target']))?.[1]
  if (operation === undefined || CONTROL.test(operation)) return undefined
  if (operation !== 'TransactWriteItems') return 'read'
  return transactionIn(body) === undefined ? 'write of the audit' : 'write of the ledger'
}

function tell(outgoing: ServerResponse, { status, headers, body }: Said): void {
  outgoing.writeHead(status, { ...headers, 'content-length': String(body.length) })
  outgoing.end(body)
}

function reset(outgoing: ServerResponse): void {
  outgoing.socket?.resetAndDestroy()
}

/** As long as it says, and then the connection ends half-way. */
function cutOff(outgoing: ServerResponse, { status, headers, body }: Said): void {
  outgoing.writeHead(status, { ...headers, 'content-length': String(body.length) })
  outgoing.write(half(body), () => outgoing.socket?.destroy())
}

function half(body: Buffer): Buffer {
  return body.subarray(0, Math.ceil(body.length / 2))
}

function refusal(status: number, name: string, more: object = {}): Said {
  const body = JSON.stringify({ __type: `${ERROR_TYPE}#${name}`, message: 'as planned', ...more })
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(body),
  }
}

/** The last item is the one in the way. */
function cancellation(code: string, items: number): Said {
  const CancellationReasons = Array.from({ length: items }, (_, place) => ({
    Code: place === items - 1 ? code : 'None',
  }))
  return refusal(400, 'TransactionCanceledException', { CancellationReasons })
}

async function wholeOf(message: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await message.toArray())
}
