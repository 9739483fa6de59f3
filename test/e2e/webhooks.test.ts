import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { RETRY_WITHIN_MS } from '../../lib/webhooks/retries.ts'
import { LOCAL_AWS_ENVIRONMENT } from '../../local/dynamodb.ts'
import { lambdaContext } from '../../local/lambda-context.ts'
import { endpointAt, eventsOf } from '../support/events.ts'
import { readLog } from '../support/logs.ts'
import {
  eventIds,
  type Receiver,
  startReceiver,
  status,
  takeIt,
  verify,
} from '../support/receiver.ts'
import { type Sqs, type SqsHandler, startSqs } from '../support/sqs.ts'

/** The function as SQS drives it: its queue and its dead letters, and receivers over real HTTP. */

const [QUEUE, DEAD] = ['webhooks', 'webhooks-dead-letters']
const TIMEOUT_MS = 60_000
const TRIES = RETRY_WITHIN_MS.length + 1

const folder = mkdtempSync(join(tmpdir(), 'strongbox-webhooks-'))
const file = join(folder, 'webhooks.json')
let sqs: Sqs
let handler: SqsHandler
let shop: Receiver
let bank: Receiver
let secrets: readonly string[]

beforeAll(async () => {
  sqs = await startSqs()
  handler = await loadHandler({ WEBHOOK_FILE: file, WEBHOOK_PRIVATE_ADDRESSES: 'allowed' })
})

afterAll(async () => {
  await sqs.stop()
  rmSync(folder, { recursive: true })
})

beforeEach(async () => {
  shop = await startReceiver()
  bank = await startReceiver()
  const endpoints = [endpointAt(shop.url), endpointAt(bank.url, { id: 'bank' })]
  secrets = endpoints.flatMap((endpoint) => endpoint.secrets)
  writeFileSync(file, JSON.stringify({ endpoints }))
})

afterEach(async () => {
  await shop.stop()
  await bank.stop()
  sqs.refuse(undefined)
  for (const queue of [QUEUE, DEAD]) sqs.move(queue, 'nowhere')
})

/** Anew: a function reads its settings when it is loaded. */
async function loadHandler(settings: Record<string, string>): Promise<SqsHandler> {
  for (const name of ['WEBHOOK_FILE', 'WEBHOOK_SECRET', 'WEBHOOK_PRIVATE_ADDRESSES']) {
    delete process.env[name]
  }
  Object.assign(process.env, LOCAL_AWS_ENVIRONMENT, settings, {
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    WEBHOOK_QUEUE_URL: sqs.url(QUEUE),
    WEBHOOK_DEAD_LETTER_URL: sqs.url(DEAD),
  })
  vi.resetModules()
  const loaded = await import('../../functions/webhooks/handler.ts')
  return (event) => loaded.handler(event, lambdaContext('webhooks', TIMEOUT_MS))
}

/** As a rule of EventBridge puts it into the queue. */
function putEvents(count = 1) {
  const events = eventsOf('alice', count)
  for (const detail of events) {
    const facts = { version: '0', id: 'x', source: detail.source, 'detail-type': detail.type }
    sqs.put(QUEUE, JSON.stringify({ ...facts, detail }))
  }
  return events
}

async function handOut(times = 1): Promise<void> {
  for (let n = 0; n < times; n += 1) await sqs.handOut(QUEUE, handler)
}

const deadLetters = () => sqs.messages(DEAD).map(({ body }) => JSON.parse(body))

test('an event becomes a message for each endpoint that wants it, under the name of the endpoint', async () => {
  const [event] = putEvents()

  await handOut()

  const waiting = sqs.messages(QUEUE)
  expect(waiting.map(({ body }) => JSON.parse(body))).toEqual([
    { endpoint: 'shop', event },
    { endpoint: 'bank', event },
  ])
  expect(waiting.map(({ groupId }) => groupId)).toEqual(['shop', 'bank'])
})

test('an endpoint that names its events gets no other', async () => {
  const endpoints = [endpointAt(shop.url, { events: ['wallet.frozen'] })]
  writeFileSync(file, JSON.stringify({ endpoints }))
  putEvents()

  await handOut()

  expect(sqs.messages(QUEUE)).toEqual([])
})

test('all endpoints get it, each signed for it, and nothing is left', async () => {
  const events = putEvents(3)

  await handOut(2)

  for (const [index, { requests }] of [shop, bank].entries()) {
    const received = requests.map((request) => verify(request, secrets[index] ?? ''))
    expect(received).toHaveLength(3)
    expect(received).toEqual(expect.arrayContaining(events))
  }
  expect(sqs.messages(QUEUE)).toEqual([])
})

test('what one endpoint does not take is not sent again to another that did', async () => {
  const events = putEvents(3)
  bank.answer(status(500))

  await handOut(4)

  expect(eventIds(shop.requests).length).toBe(events.length)
  expect(eventIds(bank.requests).length).toBe(events.length * 3)
  bank.answer(takeIt)
  await handOut()
  expect(sqs.messages(QUEUE)).toEqual([])
})

test('after each failure it is hidden, for no longer than its turn in the schedule says', async () => {
  putEvents()
  shop.answer(status(500))
  await handOut()
  const hidden: number[] = []

  for (const _ of RETRY_WITHIN_MS) {
    await handOut()
    hidden.push(...sqs.messages(QUEUE).map(({ hiddenForSeconds = -1 }) => hiddenForSeconds))
  }

  const isWithin = hidden.map((s, index) => s >= 0 && s * 1_000 <= (RETRY_WITHIN_MS[index] ?? 0))
  expect(isWithin).toEqual(RETRY_WITHIN_MS.map(() => true))
  // Chance could make all of them short, once in longer than anybody tests.
  expect(Math.max(...hidden)).toBeGreaterThan(60)
})

test('after the last try it is a dead letter with its reason, and can be put back as it is', async () => {
  const [event] = putEvents()
  shop.answer(status(503))
  await handOut(1 + TRIES)

  expect(shop.requests.length).toBe(TRIES)
  expect(sqs.messages(QUEUE)).toEqual([])
  expect(deadLetters()).toEqual([
    {
      endpoint: 'shop',
      event,
      failure: { reason: 'answered 503', tries: TRIES, at: expect.any(String) },
    },
  ])

  shop.answer(takeIt)
  sqs.move(DEAD, QUEUE)
  await handOut()

  expect(shop.requests.length).toBe(TRIES + 1)
  expect(bank.requests.length).toBe(1)
  expect(sqs.messages(QUEUE)).toEqual([])
})

test('an endpoint that says that it is gone (410) is not tried again', async () => {
  putEvents()
  shop.answer(status(410))

  await handOut(2)

  expect(shop.requests.length).toBe(1)
  expect(deadLetters()).toMatchObject([{ failure: { reason: 'answered 410', tries: 1 } }])
})

test('a dead letter that could not be put away is no dead letter yet', async () => {
  putEvents()
  shop.answer(status(410))
  sqs.refuse('SendMessage')
  await handOut(2)
  expect(sqs.messages(QUEUE).length).toBe(1)

  sqs.refuse(undefined)
  await handOut()

  expect(sqs.messages(QUEUE)).toEqual([])
  expect(deadLetters().length).toBe(1)
})

test('an event that found no place in the queue comes again', async () => {
  putEvents()
  sqs.refuse('SendMessageBatch')
  await handOut()
  expect(sqs.messages(QUEUE).length).toBe(1)

  sqs.refuse(undefined)
  await handOut(2)

  expect([shop, bank].map(({ requests }) => requests.length)).toEqual([1, 1])
})

test('a message that nobody can read stays for the queue to put away, and keeps no other', async () => {
  sqs.put(QUEUE, 'this is no JSON')
  sqs.put(QUEUE, '{"detail":{"type":"something.else"}}')
  putEvents()

  await handOut(2)

  expect(shop.requests.length).toBe(1)
  expect(sqs.messages(QUEUE).map(({ receives }) => receives)).toEqual([2, 2])
})

test('what is for an endpoint that is not configured any more is dropped', async () => {
  putEvents()
  await handOut()
  writeFileSync(file, JSON.stringify({ endpoints: [] }))

  await handOut()

  expect(sqs.messages(QUEUE)).toEqual([])
  expect(deadLetters()).toEqual([])
})

test('an endpoint that takes its time does not take it from the others', async () => {
  const bankHasAll = () =>
    vi.waitFor(() => expect(bank.requests.length).toBe(3), { timeout: 10_000, interval: 5 })
  shop.answer((response) =>
    bankHasAll().then(
      () => response.end(),
      () => response.writeHead(500).end(),
    ),
  )
  putEvents(3)

  await handOut(2)

  expect(sqs.messages(QUEUE)).toEqual([])
})

test('its log names the event, the endpoint and the reason, and no secret, signature or URL', async () => {
  const [event] = putEvents()
  shop.answer(status(500))

  await handOut(2)

  const lines = readLog()
    .split('\n')
    .filter((line) => line.includes(event?.id ?? '') && line.includes('answered 500'))
  expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({
    level: 'WARN',
    endpoint: 'shop',
    eventId: event?.id,
    type: 'transaction.posted',
    outcome: { kind: 'again', failure: { reason: 'answered 500', tries: 1 } },
  })
  expect(readLog()).not.toMatch(/whsec_|v1,|127\.0\.0\.1:\d+\/webhooks/)
})

test('deployed, the endpoints are in a secret, and only public addresses are sent to', async () => {
  const text = JSON.stringify({ endpoints: [endpointAt(shop.url)] })
  const vault = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify({ SecretString: text }))
  })
  vault.listen(0, '127.0.0.1')
  await once(vault, 'listening')
  const address = vault.address()
  const port = typeof address === 'object' && address ? address.port : 0
  handler = await loadHandler({
    WEBHOOK_SECRET: 'an-arn',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
  })
  putEvents()

  await handOut(1 + TRIES)
  vault.close()
  vault.closeAllConnections()

  expect(shop.requests).toEqual([])
  expect(deadLetters()).toMatchObject([
    { endpoint: 'shop', failure: { reason: 'EADDRNOTPUBLIC', tries: TRIES } },
  ])
})
