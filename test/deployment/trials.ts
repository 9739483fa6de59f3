import { randomUUID } from 'node:crypto'
import type { ScheduledEvent, SQSEvent } from 'aws-lambda'
import { expect } from 'vitest'
import { type DomainEvent, envelope } from '../../lib/audit/events.ts'
import { type ApiFunction, ROUTES, type Route, type RouteName } from '../../lib/http/routes.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { toBridgeEvent } from '../../local/events.ts'
import { operatorToken } from '../../local/issuer.ts'
import { newWallet } from '../support/api.ts'
import { EDGE_EVENTS, type EdgeKind } from '../support/edge-events.ts'
import { eventsOf, SOURCE } from '../support/events.ts'
import { virtualEffects } from '../support/faults.ts'
import { GOLD, origin, posting } from '../support/ledger.ts'
import { type RawRequest, sign } from '../support/sign.ts'
import { readStream } from '../support/stream.ts'
import { DYNAMODB, EVENT_BRIDGE, SECRETS_MANAGER, SQS, WEBHOOK_QUEUE, type World } from './world.ts'

/** What each deployed function is sent, one after the other, and what must come of it. */

/** Whether the deployment trusts the issuer. */
export interface Trust {
  readonly isIssuerTrusted: boolean
}

export interface Trial {
  readonly steps: readonly Step[]
  /** Of the services of AWS, those that it calls meanwhile. */
  readonly calls: readonly string[]
  /** What is true afterwards, and how it is found out. */
  readonly outcome?: () => Promise<void>
}

interface Step {
  readonly sent: string
  readonly event: unknown
  /** What is in the answer, at least. */
  readonly answer: unknown
}

const MONEY = { asset: GOLD, amount: 250 }
const EDGES = ['http', 'rest'] as const
const HOLD_SECONDS = 60
const LONG_AGO_MS = 3_600_000

export const TRIALS: Readonly<Record<string, (world: World, trust: Trust) => Promise<Trial>>> = {
  async write(world) {
    const wallet = newWallet()
    const topup = requestOf('topup', `/v1/wallets/${wallet}/topup`, MONEY)
    const answer = (available: number, version: number) => ({
      statusCode: 201,
      body: { type: 'TOPUP', balances: [{ walletId: wallet, available, version }] },
    })
    return {
      steps: [
        ...refusals('write'),
        await signed(world, 'http', topup, answer(250, 1)),
        await signed(world, 'rest', { ...topup, key: randomUUID() }, answer(500, 2)),
      ],
      calls: [DYNAMODB, SECRETS_MANAGER],
      async outcome() {
        const found = await world.ledger.store.readWallet(wallet as WalletId, true)
        expect(found?.balances).toMatchObject([{ asset: GOLD, available: 500, seq: 2 }])
      },
    }
  },

  async read(world, { isIssuerTrusted }) {
    const wallet = await richWallet(world)
    const balance = requestOf('getBalance', `/v1/wallets/${wallet}/balances/${GOLD}`)
    const found = { statusCode: 200, body: { walletId: wallet, available: 250 } }
    return {
      steps: [
        ...refusals('read'),
        step('http', requestOf('health', '/health'), { statusCode: 200, body: { status: 'ok' } }),
        step('http', requestOf('ready', '/health/ready'), { statusCode: 200 }),
        unknownPath(),
        await signed(world, 'rest', balance, found),
        await withToken(world, 'http', balance, isIssuerTrusted ? found : { statusCode: 401 }),
      ],
      calls: [DYNAMODB, SECRETS_MANAGER],
    }
  },

  async admin(world) {
    const wallet = await richWallet(world)
    const freeze = requestOf('freeze', `/v1/wallets/${wallet}/freeze`, { reason: 'a doubt' })
    const frozen = { statusCode: 200, body: { id: wallet, status: 'FROZEN' } }
    return {
      steps: [
        ...refusals('admin'),
        await signed(world, 'http', freeze, frozen),
        await signed(world, 'rest', freeze, {
          ...frozen,
          headers: { 'idempotency-replayed': 'true' },
        }),
      ],
      calls: [DYNAMODB, SECRETS_MANAGER],
      outcome: () => expectStatus(world, wallet, 'FROZEN'),
    }
  },

  async ops(world) {
    const wallet = newWallet()
    const nothing = { statusCode: 200, body: { items: [], nextCursor: null } }
    const ofWallet = `walletId=${wallet}`
    const flags = requestOf('listFlags', `/v1/ops/fraud-flags?${ofWallet}`)
    const letters = requestOf('listDeadLetters', `/v1/ops/dead-letters?${ofWallet}`)
    return {
      steps: [
        ...refusals('ops'),
        await signed(world, 'http', flags, nothing),
        await signed(world, 'rest', letters, nothing),
      ],
      calls: [DYNAMODB, SECRETS_MANAGER],
    }
  },

  async docs() {
    const isPage = { statusCode: 200, body: expect.stringContaining('<title>Strongbox API') }
    const isDocument = { statusCode: 200, body: { openapi: expect.stringMatching(/^3\.1/) } }
    return {
      steps: [
        step('http', requestOf('openapi', '/openapi.json'), isDocument),
        step('rest', requestOf('docs', '/docs'), isPage),
      ],
      calls: [],
    }
  },

  async sweep(world) {
    const wallet = await richWallet(world)
    await holdLongAgo(world, wallet)
    return {
      steps: [
        {
          sent: 'the minute',
          event: THE_MINUTE,
          answer: { released: 1, failed: 0, isComplete: true },
        },
      ],
      calls: [DYNAMODB],
      async outcome() {
        const found = await world.ledger.store.readWallet(wallet, true)
        expect(found?.balances).toMatchObject([{ available: 250, held: 0 }])
      },
    }
  },

  async watch() {
    return {
      steps: [{ sent: 'the minute', event: THE_MINUTE, answer: { unbalanced: [] } }],
      calls: [DYNAMODB],
    }
  },

  async audit(world) {
    const wallet = await richWallet(world)
    const records = await readStream(world.ledger)
    const Records = records.filter(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S === `W#${wallet}`)
    return {
      steps: [{ sent: 'a batch', event: { Records }, answer: { batchItemFailures: [] } }],
      calls: [DYNAMODB, EVENT_BRIDGE],
      async outcome() {
        const { current } = await world.audit.readGenerations()
        const told = world.published.filter(({ subject }) => subject === `wallets/${wallet}`)
        expect(Records).toHaveLength(1)
        expect(await world.audit.readProjections(current, wallet)).toHaveLength(1)
        expect(told).toMatchObject([{ type: 'transaction.posted' }])
      },
    }
  },

  async freeze(world) {
    const wallet = await richWallet(world)
    const flag: DomainEvent = {
      ...envelope(SOURCE, 'fraud.flagged', 'flag_1', { walletId: wallet, at: Date.now() }),
      partitionkey: wallet,
      data: { walletId: wallet, rule: 'LARGE_WITHDRAWAL' },
    }
    return {
      steps: [{ sent: 'a flag', event: toBridgeEvent(flag), answer: null }],
      calls: [DYNAMODB],
      outcome: () => expectStatus(world, wallet, 'FROZEN'),
    }
  },

  async webhooks(world) {
    const [event] = eventsOf(newWallet(), 1)
    const message = sqsEvent(JSON.stringify({ detail: event }))
    return {
      steps: [{ sent: 'an event', event: message, answer: { batchItemFailures: [] } }],
      calls: [SECRETS_MANAGER, SQS],
      async outcome() {
        const addressed = world.sqs.messages(WEBHOOK_QUEUE).map(({ body }) => JSON.parse(body))
        expect(addressed.filter(({ event: { id } }) => id === event?.id)).toMatchObject([
          { endpoint: 'shop' },
        ])
      },
    }
  },
}

/** Nobody gets anything from a route that is not for everybody, whichever edge is in front. */
function refusals(name: ApiFunction): Step[] {
  return Object.values<Route>(ROUTES)
    .filter((route) => route.function === name && route.access.kind !== 'public')
    .flatMap((route) =>
      EDGES.map((edge) => step(edge, { route, target: route.path }, { statusCode: 401 })),
    )
}

interface Request {
  readonly route: Pick<Route, 'method' | 'path'>
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object | undefined
  readonly key?: string
}

/** One that changes something has a key of its own. */
function requestOf(name: RouteName, target: string, body?: object): Request {
  const route: Route = ROUTES[name]
  return { route, target, body, ...(body && { key: randomUUID() }) }
}

function rawRequest({ route, target, headers, body, key }: Request): RawRequest {
  return {
    method: route.method,
    target,
    headers: {
      ...headers,
      ...(body && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    body: body ? JSON.stringify(body) : '',
  }
}

function step(edge: EdgeKind, request: Request, answer: unknown): Step {
  return { ...stepOf(edge, request, rawRequest(request)), answer }
}

async function signed(
  { key }: World,
  edge: EdgeKind,
  request: Request,
  answer: unknown,
): Promise<Step> {
  return { ...stepOf(edge, request, await sign(rawRequest(request), key)), answer }
}

async function withToken(
  { issuer }: World,
  edge: EdgeKind,
  request: Request,
  answer: unknown,
): Promise<Step> {
  const authorization = `Bearer ${await operatorToken(issuer, 'test')}`
  return step(edge, { ...request, headers: { authorization } }, answer)
}

function stepOf(edge: EdgeKind, { route }: Request, raw: RawRequest): Omit<Step, 'answer'> {
  return { sent: `${edge} ${raw.method} ${raw.target}`, event: EDGE_EVENTS[edge](route, raw) }
}

/** As an HTTP API hands on what none of its routes is for. */
function unknownPath(): Step {
  const request = { route: { method: 'GET', path: '/v1/nothing' }, target: '/v1/nothing' } as const
  const { sent, event } = stepOf('http', request, rawRequest(request))
  const headers = { 'content-type': 'application/problem+json' }
  return {
    sent,
    event: { ...Object(event), routeKey: '$default' },
    answer: { statusCode: 404, headers },
  }
}

async function richWallet({ ledger }: World): Promise<WalletId> {
  const wallet = newWallet() as WalletId
  await post(
    ledger,
    { type: 'TOPUP', postings: [posting('@treasury', wallet, GOLD, 250)] },
    origin(),
  )
  return wallet
}

async function holdLongAgo({ ledger }: World, walletId: WalletId): Promise<void> {
  const longAgo = openLedger(ledger.store, virtualEffects(Date.now() - LONG_AGO_MS))
  const money = { asset: GOLD, amount: toAmount(1) }
  await post(
    longAgo,
    { type: 'HOLD', walletId, ...money, expiresInSeconds: HOLD_SECONDS },
    origin(),
  )
}

async function expectStatus({ ledger }: World, wallet: WalletId, status: string): Promise<void> {
  expect(await ledger.store.readWallet(wallet, true)).toMatchObject({ wallet: { status } })
}

const THE_MINUTE: ScheduledEvent = {
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '000000000000',
  time: '2026-11-21T06:00:00Z',
  region: 'us-east-1',
  resources: ['arn:aws:events:us-east-1:000000000000:rule/schedule'],
  detail: {},
}

function sqsEvent(body: string): SQSEvent {
  return {
    Records: [
      {
        messageId: randomUUID(),
        receiptHandle: randomUUID(),
        body,
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: '0',
          SenderId: 'test',
          ApproximateFirstReceiveTimestamp: '0',
        },
        messageAttributes: {},
        md5OfBody: '',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:webhooks',
        awsRegion: 'us-east-1',
      },
    ],
  }
}
