import { expect, test } from 'vitest'
import { checkAnswer, type GivenAnswer } from '../support/contract.ts'

/** The check that every answer in the tests goes through: were it blind, they would prove nothing. */

const spend = { method: 'POST', path: '/v1/wallets/alice/spend' }
const read = { method: 'GET', path: '/v1/wallets/alice/balances/GOLD_COINS?consistent=true' }

const REQUEST_ID = '6b1f0f0e-5d0b-4b0e-9d2c-0c1f7d6f3a11'

const HEADERS = {
  'content-type': 'application/json',
  'x-request-id': REQUEST_ID,
  ratelimit: '"write";r=999;t=1',
  'ratelimit-policy': '"write";q=1000;w=5',
}

const transaction = {
  id: 'txn_1vjfsocig91nopktoe7k19srmc',
  type: 'SPEND',
  postings: [{ from: 'alice', to: '@treasury', asset: 'GOLD_COINS', amount: 30 }],
  balances: [{ walletId: 'alice', asset: 'GOLD_COINS', available: 970, held: 0, version: 2 }],
  reference: null,
  metadata: {},
  createdAt: '2026-11-21T06:00:00.000Z',
}

const poor = {
  type: 'urn:strongbox:problem:insufficient-funds',
  title: 'The wallet does not hold enough',
  status: 402,
  detail: 'alice has 10 GOLD_COINS available, and 30 are required.',
  code: 'INSUFFICIENT_FUNDS',
  requestId: REQUEST_ID,
  available: 10,
  required: 30,
}

interface Facts {
  readonly status?: number
  /** Undefined takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
}

function answer(facts: Facts = {}): GivenAnswer {
  const { status = 201, headers = {}, body = transaction } = facts
  const sent = Object.entries({ ...HEADERS, ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  )
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers: new Headers(sent), text }
}

function problem(fields: object = {}, facts: Facts = {}): GivenAnswer {
  const { status = 402, headers = {} } = facts
  return answer({
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: { ...poor, ...fields },
  })
}

test.each([
  ['a success', spend, answer()],
  ['a replay', spend, answer({ headers: { 'idempotency-replayed': 'true' } })],
  ['a problem', spend, problem()],
  [
    'a problem without a member that not every caller sees',
    spend,
    problem({ available: undefined }),
  ],
  [
    'nothing new',
    read,
    answer({
      status: 304,
      headers: { 'content-type': undefined, etag: `"${'a'.repeat(43)}"` },
      body: '',
    }),
  ],
  [
    'an unknown path',
    { method: 'GET', path: '/v1/wallet' },
    problem(
      { status: 404, code: 'NOT_FOUND', available: undefined, required: undefined },
      { status: 404 },
    ),
  ],
  [
    'a method that is not allowed, to HEAD',
    { method: 'HEAD', path: '/health' },
    answer({ status: 405, headers: { 'content-type': 'application/problem+json' }, body: '' }),
  ],
])('%s passes', (_, request, given) => {
  expect(() => checkAnswer(request, given)).not.toThrow()
})

test.each([
  ['a status that is not documented', answer({ status: 200 }), 'the status is not documented'],
  ['a status of another operation', problem({ status: 418 }, { status: 418 }), 'not documented'],
  ['an error of ours, though it is documented', problem({ status: 500 }, { status: 500 }), '500'],
  [
    'a missing header',
    answer({ headers: { 'x-request-id': undefined } }),
    'X-Request-Id is missing',
  ],
  ['a missing limit', answer({ headers: { ratelimit: undefined } }), 'RateLimit is missing'],
  ['a header in another form', answer({ headers: { ratelimit: '999' } }), 'RateLimit:'],
  ['another content type', answer({ headers: { 'content-type': 'text/html' } }), 'text/html'],
  [
    'a content type with more to it',
    answer({ headers: { 'content-type': 'application/json; charset=utf-8' } }),
    'content type',
  ],
  ['no content type', answer({ headers: { 'content-type': undefined } }), 'content type'],
  ['a body that is no JSON', answer({ body: '<p>' }), 'must be'],
  ['a field too many', answer({ body: { ...transaction, client: 'shop' } }), 'client'],
  [
    'a field too many further in',
    answer({ body: { ...transaction, postings: [{ ...transaction.postings[0], id: 1 }] } }),
    '/postings/0',
  ],
  ['a field too few', answer({ body: { ...transaction, metadata: undefined } }), 'metadata'],
  ['a field of another type', answer({ body: { ...transaction, reference: 7 } }), '/reference'],
  [
    'an amount that is a fraction',
    answer({ body: { ...transaction, postings: [{ ...transaction.postings[0], amount: 0.5 }] } }),
    '/amount',
  ],
  ['a time that is none', answer({ body: { ...transaction, createdAt: 'now' } }), '/createdAt'],
  ['a code of another status', problem({ code: 'WALLET_FROZEN' }), '/code'],
  ['a code that nobody knows', problem({ code: 'TOO_POOR' }), '/code'],
  [
    'a code that this operation never gives',
    problem({ status: 409, code: 'HOLD_CLOSED' }, { status: 409 }),
    '/code',
  ],
  ['a problem with a member too many', problem({ stack: 'at spend' }), 'stack'],
  ['a problem with a member too few', problem({ required: undefined }), 'required'],
  ['a problem about another status', problem({ status: 404 }), 'another status'],
  ['a problem about another request', problem({ requestId: 'another' }), 'another request'],
  [
    'a problem as if it were none',
    problem({}, { headers: { 'content-type': 'application/json' } }),
    'content type',
  ],
])('%s is found', (_, given, fault) => {
  expect(() => checkAnswer(spend, given)).toThrow(fault)
})

test.each([
  [
    'a body where nothing is new',
    answer({ status: 304, headers: { etag: `"${'a'.repeat(43)}"` } }),
  ],
  ['no ETag', answer({ status: 304, headers: { 'content-type': undefined }, body: '' })],
])('%s is found', (_, given) => {
  expect(() => checkAnswer(read, given)).toThrow('against its contract')
})

test.each([
  ['GET', '/v1/wallets/alice/spend'],
  ['POST', '/v1/wallets/alice/steal'],
  ['DELETE', '/v1/wallets/alice'],
])('%s %s is no operation: nothing may be carried out', (method, path) => {
  expect(() => checkAnswer({ method, path }, answer())).toThrow('no operation')
})

test('an unknown path that is refused in other words than a problem is found', () => {
  const given = answer({ status: 404, body: { message: 'Not Found' } })

  expect(() => checkAnswer({ method: 'GET', path: '/v1/wallet' }, given)).toThrow('not a problem')
})
