import { randomUUID } from 'node:crypto'
import type { ScheduledEvent, SQSEvent } from 'aws-lambda'
import { expect } from 'vitest'
import { type DomainEvent, envelope } from '../../lib/audit/events.ts'
import { type ApiFunction, ROUTES, type Route } from '../../lib/http/routes.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { toBridgeEvent } from '../../local/events.ts'
import type { EdgeName } from '../../local/gateway.ts'
import { operatorToken } from '../../local/issuer.ts'
import { newWallet } from '../support/api.ts'
import { eventsOf, SOURCE } from '../support/events.ts'
import { virtualEffects } from '../support/faults.ts'
import { GOLD, origin, posting } from '../support/ledger.ts'
import { type RawRequest, sendRaw, sign } from '../support/sign.ts'
import { readStream } from '../support/stream.ts'
import type { House } from './house.ts'
import { DYNAMODB, EVENT_BRIDGE, SECRETS_MANAGER, SQS, WEBHOOK_QUEUE, type World } from './world.ts'

/** What each deployed function is sent, one after the other, and what must come of it. */

export interface Trial {
  readonly steps: readonly Step[]
  /** The services of AWS that are called meanwhile. */
  readonly calls: readonly string[]
  /** What is true afterwards. */
  readonly outcome?: () => Promise<void>
}

interface Step {
  readonly sent: string
  readonly send: (house: House) => Promise<unknown>
  /** What is in the answer, at least. */
  readonly answer: unknown
}

interface Deployment {
  readonly isIssuerTrusted: boolean
}

const EDGES: readonly EdgeName[] = ['http', 'rest']
const MONEY = { asset: GOLD, amount: 250 }
const HOLD_SECONDS = 60
const LONG_AGO_MS = 3_600_000

export const TRIALS: Readonly<
  Record<string, (world: World, deployment: Deployment) => Promise<Trial>>
> = {
  async write(world) {
    const wallet = newWallet()
    const topup = () => changing('POST', `/v1/wallets/${wallet}/topup`, MONEY)
    const answer = (available: number, version: number) => ({
      status: 201,
      body: { type: 'TOPUP', balances: [{ walletId: wallet, available, version }] },
    })
    return {
      steps: [
        ...refusals('write'),
        signed(world, 'http', topup(), answer(250, 1)),
        signed(world, 'rest', topup(), answer(500, 2)),
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
    const balance = reading(`/v1/wallets/${wallet}/balances/${GOLD}`)
    const found = { status: 200, body: { walletId: wallet, available: 250 } }
    const nothing = { status: 404, headers: { 'content-type': 'application/problem+json' } }
    return {
      steps: [
        ...refusals('read'),
        ...EDGES.map((edge) => sent(edge, reading('/health'), { status: 200 })),
        sent('http', reading('/health/ready'), { status: 200, body: { status: 'ok' } }),
        sent('http', reading('/v1/nothing'), nothing),
        signed(world, 'http', balance, found),
        signed(world, 'rest', balance, found),
        withToken(world, 'http', balance, isIssuerTrusted ? found : { status: 401 }),
      ],
      calls: [DYNAMODB, SECRETS_MANAGER],
    }
  },

  async admin(world) {
    const wallet = await richWallet(world)
    const freeze = changing('POST', `/v1/wallets/${wallet}/freeze`, { reason: 'a doubt' })
    const frozen = { status: 200, body: { id: wallet, status: 'FROZEN' } }
    const replayed = { ...frozen, headers: { 'idempotency-replayed': 'true' } }
    return {
      steps: [
        ...refusals('admin'),
        signed(world, 'http', freeze, frozen),
        signed(world, 'rest', freeze, replayed),
      ],
      calls: [DYNAMODB, SECRETS_MANAGER],
      outcome: () => expectStatus(world, wallet, 'FROZEN'),
    }
  },

  async ops(world) {
    const nothing = { status: 200, body: { items: [], nextCursor: null } }
    const ofWallet = `walletId=${newWallet()}`
    return {
      steps: [
        ...refusals('ops'),
        signed(world, 'http', reading(`/v1/ops/fraud-flags?${ofWallet}`), nothing),
        signed(world, 'rest', reading(`/v1/ops/dead-letters?${ofWallet}`), nothing),
      ],
      calls: [DYNAMODB, SECRETS_MANAGER],
    }
  },

  async docs() {
    const isDocument = { status: 200, body: { openapi: expect.stringMatching(/^3\.1/) } }
    const isPage = { status: 200, text: expect.stringContaining('<title>Strongbox API') }
    return {
      steps: EDGES.flatMap((edge) => [
        sent(edge, reading('/openapi.json'), isDocument),
        sent(edge, reading('/docs'), isPage),
      ]),
      calls: [],
    }
  },

  async sweep(world) {
    const wallet = await richWallet(world)
    await holdLongAgo(world, wallet)
    return {
      steps: [
        event('sweep', THE_MINUTE, { released: 1, alreadyOver: 0, failed: 0, isComplete: true }),
      ],
      calls: [DYNAMODB],
      async outcome() {
        const found = await world.ledger.store.readWallet(wallet, true)
        expect(found?.balances).toMatchObject([{ available: 250, held: 0 }])
      },
    }
  },

  async watch() {
    return { steps: [event('watch', THE_MINUTE, { unbalanced: [] })], calls: [DYNAMODB] }
  },

  /** Through a door, behind which all others are deployed, too. */
  async canary() {
    return {
      steps: [event('canary', THE_MINUTE, { isOk: true })],
      calls: [DYNAMODB, SECRETS_MANAGER],
    }
  },

  async audit(world) {
    const wallet = await richWallet(world)
    const all = await readStream(world.ledger)
    const Records = all.filter(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S === `W#${wallet}`)
    return {
      steps: [event('audit', { Records }, { batchItemFailures: [] })],
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
    const flagged: DomainEvent = {
      ...envelope(SOURCE, 'fraud.flagged', 'flag_1', { walletId: wallet, at: Date.now() }),
      partitionkey: wallet,
      data: { walletId: wallet, rule: 'LARGE_WITHDRAWAL' },
    }
    return {
      steps: [event('freeze', toBridgeEvent(flagged), null)],
      calls: [DYNAMODB],
      outcome: () => expectStatus(world, wallet, 'FROZEN'),
    }
  },

  async webhooks(world) {
    const [posted] = eventsOf(newWallet(), 1)
    const message = sqsEvent(JSON.stringify({ detail: posted }))
    return {
      steps: [event('webhooks', message, { batchItemFailures: [] })],
      calls: [SECRETS_MANAGER, SQS],
      async outcome() {
        const messages = world.sqs.messages(WEBHOOK_QUEUE).map(({ body }) => JSON.parse(body))
        const ofEvent = messages.filter((message) => message.event.id === posted?.id)
        expect(ofEvent).toMatchObject([{ endpoint: 'shop' }])
      },
    }
  },
}

/** Nobody gets anything from a route that is not for everybody, whichever door it is asked for at. */
function refusals(name: ApiFunction): Step[] {
  return Object.values<Route>(ROUTES)
    .filter((route) => route.function === name && route.access.kind !== 'public')
    .map(({ method, path }) => ({ ...reading(path.replaceAll(/[{}]/g, '')), method }))
    .flatMap((request) => EDGES.map((edge) => sent(edge, request, { status: 401 })))
}

function reading(target: string): RawRequest {
  return { method: 'GET', target, headers: {}, body: '' }
}

/** With a key of its own. */
function changing(method: string, target: string, body: object): RawRequest {
  const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() }
  return { method, target, headers, body: JSON.stringify(body) }
}

function step(
  edge: EdgeName,
  request: RawRequest,
  answer: unknown,
  prepare: (whole: RawRequest) => Promise<RawRequest>,
): Step {
  return {
    sent: `${request.method} ${request.target} (${edge})`,
    async send({ urls }) {
      const { origin, pathname } = new URL(urls[edge])
      // With the whole of its path, because that is what is signed.
      const target = `${pathname.replace(/\/$/, '')}${request.target}`
      return sendRaw(origin, await prepare({ ...request, target }))
    },
    answer,
  }
}

function sent(edge: EdgeName, request: RawRequest, answer: unknown): Step {
  return step(edge, request, answer, async (whole) => whole)
}

function signed({ key }: World, edge: EdgeName, request: RawRequest, answer: unknown): Step {
  return step(edge, request, answer, (whole) => sign(whole, key))
}

function withToken({ issuer }: World, edge: EdgeName, request: RawRequest, answer: unknown): Step {
  return step(edge, request, answer, async (whole) => {
    const authorization = `Bearer ${await operatorToken(issuer, 'test')}`
    return { ...whole, headers: { ...whole.headers, authorization } }
  })
}

/** Of those that do not come through a door. */
function event(name: string, content: unknown, answer: unknown): Step {
  return { sent: 'an event', send: (house) => house.invoke(name, content), answer }
}

async function richWallet({ ledger }: World): Promise<WalletId> {
  const wallet = newWallet() as WalletId
  const postings = [posting('@treasury', wallet, GOLD, 250)]
  await post(ledger, { type: 'TOPUP', postings }, origin())
  return wallet
}

async function holdLongAgo({ ledger }: World, walletId: WalletId): Promise<void> {
  const longAgo = openLedger(ledger.store, virtualEffects(Date.now() - LONG_AGO_MS))
  const money = { asset: GOLD, amount: toAmount(1) }
  const hold = { type: 'HOLD', walletId, ...money, expiresInSeconds: HOLD_SECONDS } as const
  await post(longAgo, hold, origin())
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
