import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCOPES, type Scope } from '../../lib/http/caller.ts'
import { ROUTES, routeKey } from '../../lib/http/routes.ts'
import {
  OPERATOR_AUDIENCE,
  operatorToken,
  PLAYER_AUDIENCE,
  playerToken,
} from '../../local/issuer.ts'
import type { Stack } from '../../local/stack.ts'
import { type Api, newWallet, openApi } from '../support/api.ts'
import {
  type Forgery,
  makeTestKeys,
  revokeTestKey,
  signatureForgeries,
  type TestKeys,
  tokenForgeries,
  withToken,
} from '../support/forgeries.ts'
import { scanItems } from '../support/ledger.ts'
import { change, type RawReply, type RawRequest, sendRaw, sign } from '../support/sign.ts'
import { ALL_SCOPES, encodeToken, es256, issuerKeyOf, playerClaims } from '../support/tokens.ts'

interface Row {
  /** As in the contract, with the names that its path has in the route table. */
  readonly route: string
  readonly query?: string
  readonly body?: object
  /** All of these. An empty list is for any caller who is known; undefined for everybody. */
  readonly scopes: readonly Scope[] | undefined
  /** A player may, too, on the own wallet. */
  readonly own?: true
  /** What tells that a caller was let in. */
  readonly answer: string
}

const GOLD = 'GOLD_COINS'
const MONEY = { asset: GOLD, amount: 1 }
const POSTINGS = [{ from: '@season-7', to: 'winner', ...MONEY }]
const EXCHANGE = { from: MONEY, to: { asset: 'DIAMONDS', amount: 1 } }

const credit = { scopes: ['wallet:credit'], body: MONEY, answer: '201' } as const
const debit = { scopes: ['wallet:debit'], own: true, body: MONEY, answer: '201' } as const
const admin = { scopes: ['wallet:admin'], body: {}, answer: '200' } as const
const read = { scopes: ['wallet:read'], own: true, answer: '200' } as const
const ops = { scopes: ['ops'], answer: '200' } as const
const NO_DEAD_LETTER = '404 DEAD_LETTER_NOT_FOUND'
const NO_HOLD = '404 HOLD_NOT_FOUND'
const NO_TRANSACTION = '404 TRANSACTION_NOT_FOUND'

/** Who may do what. Written down from the contract, so that a wrong rule in the route table fails here. */
const TABLE: readonly Row[] = [
  { route: 'POST /v1/wallets/{walletId}/topup', ...credit },
  { route: 'POST /v1/wallets/{walletId}/bonus', ...credit },
  { route: 'POST /v1/wallets/{walletId}/deposit', ...credit },
  { route: 'POST /v1/wallets/{walletId}/exchange', ...credit, body: EXCHANGE },
  { route: 'POST /v1/wallets/{walletId}/spend', ...debit },
  { route: 'POST /v1/wallets/{walletId}/withdraw', ...debit },
  { route: 'POST /v1/wallets/{walletId}/transfer', ...debit, body: { to: 'winner', ...MONEY } },
  { route: 'POST /v1/wallets/{walletId}/holds', ...debit },
  {
    route: 'POST /v1/wallets/{walletId}/holds/{holdId}/capture',
    scopes: ['wallet:debit'],
    body: { amount: 1 },
    answer: NO_HOLD,
  },
  {
    route: 'POST /v1/wallets/{walletId}/holds/{holdId}/void',
    scopes: ['wallet:debit'],
    answer: NO_HOLD,
  },
  {
    route: 'POST /v1/transactions',
    scopes: ['wallet:credit', 'wallet:debit'],
    body: { postings: POSTINGS },
    answer: '201',
  },
  {
    route: 'POST /v1/transactions/{transactionId}/reverse',
    scopes: ['wallet:reverse'],
    body: { amount: 1 },
    answer: NO_TRANSACTION,
  },
  { route: 'PUT /v1/wallets/{walletId}', ...admin, body: { metadata: { vip: 'yes' } } },
  { route: 'POST /v1/wallets/{walletId}/freeze', ...admin },
  { route: 'POST /v1/wallets/{walletId}/unfreeze', ...admin },
  { route: 'POST /v1/wallets/{walletId}/close', ...admin, answer: '409 WALLET_NOT_EMPTY' },
  { route: 'PUT /v1/assets/{code}', ...admin, body: { name: 'Lead coins', scale: 0 } },
  { route: 'GET /v1/wallets/{walletId}', ...read },
  { route: 'GET /v1/wallets/{walletId}/balances/{asset}', ...read, query: 'consistent=true' },
  { route: 'GET /v1/wallets/{walletId}/transactions', ...read, query: 'limit=2&type=SPEND' },
  { route: 'GET /v1/wallets/{walletId}/ledger', ...read },
  { route: 'GET /v1/wallets/{walletId}/ledger/verify', ...read, query: `asset=${GOLD}` },
  { route: 'GET /v1/wallets/{walletId}/holds', ...read },
  { route: 'GET /v1/wallets/{walletId}/holds/{holdId}', ...read, answer: NO_HOLD },
  {
    route: 'GET /v1/transactions/{transactionId}',
    scopes: ['wallet:read'],
    answer: NO_TRANSACTION,
  },
  { route: 'GET /v1/assets', scopes: [], answer: '200' },
  { route: 'GET /v1/assets/{code}', scopes: [], answer: '200' },
  { route: 'GET /v1/assets/{code}/supply', scopes: [], answer: '200' },
  { route: 'GET /v1/wallets/{walletId}/stats', ...read },
  {
    route: 'GET /v1/accounts/{account}/ledger',
    query: `asset=${GOLD}`,
    scopes: ['wallet:read'],
    answer: '200',
  },
  { route: 'GET /v1/ops/fraud-flags', ...ops },
  { route: 'POST /v1/ops/fraud-flags/{flagId}/acknowledge', ...ops, answer: '404 FLAG_NOT_FOUND' },
  { route: 'GET /v1/ops/dead-letters', ...ops },
  { route: 'GET /v1/ops/dead-letters/{deadLetterId}', ...ops, answer: NO_DEAD_LETTER },
  { route: 'POST /v1/ops/dead-letters/{deadLetterId}/replay', ...ops, answer: NO_DEAD_LETTER },
  { route: 'POST /v1/ops/dead-letters/replay', ...ops },
  { route: 'GET /metrics', ...ops },
  { route: 'GET /health', scopes: undefined, answer: '200' },
  { route: 'GET /health/ready', scopes: undefined, answer: '200' },
  { route: 'GET /openapi.json', scopes: undefined, answer: '200' },
  { route: 'GET /docs', scopes: undefined, answer: '200' },
  { route: 'GET /docs/{file}', scopes: undefined, answer: '200' },
]

/** What stands for the names in paths, beside the wallet. */
const PATH_PARTS: Readonly<Record<string, string>> = {
  holdId: `hold_${'0'.repeat(26)}`,
  transactionId: `txn_${'0'.repeat(26)}`,
  account: '@treasury',
  flagId: `flag_${'0'.repeat(26)}`,
  deadLetterId: '0'.repeat(26),
  asset: GOLD,
  code: GOLD,
  file: 'page.js',
}

let api: Api
let stack: Stack
let keys: TestKeys
/** Where forged tokens say that their key is. Nobody must ever ask there. */
let attacker: Server
let attackerUrl: string
let askedAttacker = 0

/** The wallet in every path. It is somebody's, and it has money. */
const wallet = newWallet()

beforeAll(async () => {
  api = await openApi()
  if (!api.stack) throw new Error('keys and tokens cannot be made for a service elsewhere')
  stack = api.stack
  keys = makeTestKeys(stack, wallet)
  for (const asset of [GOLD, 'DIAMONDS']) {
    await api.post(`/v1/wallets/${wallet}/topup`, { asset, amount: 10_000 })
  }
  attacker = createServer((_, answer) => {
    askedAttacker += 1
    answer.end('{"keys":[]}')
  })
  attacker.listen(0, '127.0.0.1')
  await once(attacker, 'listening')
  const address = attacker.address()
  attackerUrl = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : ''
})

afterAll(async () => {
  attacker.close()
  await api.stop()
})

/** The request of a row, with all that it needs but credentials, and with a key of its own. */
function requestOf({ route, query, body }: Row): RawRequest {
  const [method = '', pattern = ''] = route.split(' ')
  const path = pattern.replace(/\{(\w+)\}/g, (_, name) =>
    name === 'walletId' ? wallet : (PATH_PARTS[name] ?? name),
  )
  return {
    method,
    target: query === undefined ? path : `${path}?${query}`,
    headers: {
      ...(method !== 'GET' && { 'idempotency-key': randomUUID() }),
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body ? JSON.stringify(body) : '',
  }
}

async function outcomeOf(request: RawRequest): Promise<string> {
  const { status, body } = await sendRaw(api.url, request)
  return outcome(status, body)
}

function outcome(status: number, { code }: Record<string, unknown>): string {
  return status < 400 ? String(status) : `${status} ${code}`
}

/** One who can prove who it is. */
interface Known {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** It is the player whose wallet it is. */
  readonly owns?: true
  readonly prove: (request: RawRequest) => Promise<RawRequest>
}

function byToken(issue: () => Promise<string>): Known['prove'] {
  return async (request) => withToken(request, await issue())
}

function bySignature(of: (known: TestKeys) => TestKeys['all']): Known['prove'] {
  return (request) => sign(request, of(keys))
}

/** With claims that the issuer's own helpers do not make, and signed by it all the same. */
function claiming(claims: object): Known['prove'] {
  return byToken(async () => {
    const { kid, privateKey } = issuerKeyOf(stack)
    const all = { ...playerClaims(wallet), ...claims }
    return encodeToken({ alg: 'ES256', kid }, all, es256(privateKey))
  })
}

const operatorClaiming = (claims: object) => claiming({ aud: OPERATOR_AUDIENCE, ...claims })

/** Everybody who can prove who they are, and what follows from that. */
const KNOWN: readonly Known[] = [
  {
    name: 'the player of the wallet',
    scopes: [],
    owns: true,
    prove: byToken(() => playerToken(stack.issuer, wallet)),
  },
  {
    name: 'the player of the wallet, who claims all scopes',
    scopes: [],
    owns: true,
    prove: claiming({ scope: ALL_SCOPES }),
  },
  {
    name: 'the player of another wallet',
    scopes: [],
    prove: byToken(() => playerToken(stack.issuer, 'alice')),
  },
  {
    name: 'the player of another wallet, who claims all scopes',
    scopes: [],
    prove: claiming({ sub: 'alice', scope: ALL_SCOPES, scopes: SCOPES, roles: ['admin'] }),
  },
  {
    name: 'the player of a wallet in other letters',
    scopes: [],
    prove: byToken(() => playerToken(stack.issuer, wallet.toUpperCase())),
  },
  {
    name: 'the player of a wallet whose name begins alike',
    scopes: [],
    prove: byToken(() => playerToken(stack.issuer, wallet.slice(0, -1))),
  },
  {
    name: 'an operator without scopes',
    scopes: [],
    prove: byToken(() => operatorToken(stack.issuer, 'olivia', [])),
  },
  {
    name: 'an operator with the name of the wallet',
    scopes: [],
    prove: byToken(() => operatorToken(stack.issuer, wallet, [])),
  },
  {
    name: 'an operator with the name of the wallet, whose token is for players too',
    scopes: [],
    prove: claiming({ aud: [PLAYER_AUDIENCE, OPERATOR_AUDIENCE] }),
  },
  {
    name: 'an operator with scopes that are none of ours',
    scopes: [],
    prove: operatorClaiming({ scope: '* wallet wallet:* WALLET:READ wallet:debit,ops admin' }),
  },
  {
    name: 'an operator with scopes in a list',
    scopes: [],
    prove: operatorClaiming({ scope: SCOPES, scp: SCOPES, scopes: SCOPES, permissions: SCOPES }),
  },
  {
    name: 'an operator with all scopes',
    scopes: SCOPES,
    prove: byToken(() => operatorToken(stack.issuer, 'olivia')),
  },
  {
    name: 'an operator with all scopes, by the name of its client',
    scopes: SCOPES,
    prove: claiming({ aud: undefined, client_id: OPERATOR_AUDIENCE, scope: ALL_SCOPES }),
  },
  ...SCOPES.map((scope) => ({
    name: `an operator with ${scope}`,
    scopes: [scope],
    prove: byToken(() => operatorToken(stack.issuer, 'olivia', [scope])),
  })),
  { name: 'a server with all scopes', scopes: SCOPES, prove: bySignature(({ all }) => all) },
  ...SCOPES.map((scope) => ({
    name: `a server with ${scope}`,
    scopes: [scope],
    prove: bySignature(({ byScope }) => byScope[scope]),
  })),
  {
    name: 'a server with wallet:debit, and with the name of the wallet',
    scopes: ['wallet:debit'],
    prove: bySignature(({ namesake }) => namesake),
  },
  {
    name: 'a server with all scopes, with its old secret while both are good',
    scopes: SCOPES,
    prove: bySignature(({ rotating }) => rotating.before),
  },
  {
    name: 'a server with all scopes, with its new secret while both are good',
    scopes: SCOPES,
    prove: bySignature(({ rotating }) => rotating.after),
  },
  {
    name: 'a server with all scopes, with its new secret after that',
    scopes: SCOPES,
    prove: bySignature(({ finished }) => finished.after),
  },
]

function mayCall({ scopes = [], own }: Row, known: Known): boolean {
  const hasAll = scopes.every((scope) => known.scopes.includes(scope))
  return hasAll || (own === true && known.owns === true)
}

interface Cell {
  readonly who: string
  readonly request: RawRequest
  readonly expected: string
}

/** Every cell's outcome by the name of who it was, beside the one that it should have. */
async function compare(cells: readonly Cell[]) {
  const outcomes = await Promise.all(cells.map(({ request }) => outcomeOf(request)))
  return {
    actual: Object.fromEntries(cells.map(({ who }, index) => [who, outcomes[index]])),
    expected: Object.fromEntries(cells.map(({ who, expected }) => [who, expected])),
  }
}

async function cellsOf(row: Row, known: readonly Known[], expected: string): Promise<Cell[]> {
  return Promise.all(
    known.map(async ({ name, prove }) => {
      return { who: name, request: await prove(requestOf(row)), expected }
    }),
  )
}

async function forgedCells(row: Row, forgeries: readonly Forgery[]): Promise<Cell[]> {
  const cells = await Promise.all(
    forgeries.map(async ({ name, code, forge }) => {
      const request = await forge(requestOf(row))
      return request && { who: name, request, expected: `401 ${code}` }
    }),
  )
  return cells.filter((cell) => cell !== undefined)
}

async function allForgeries(): Promise<Forgery[]> {
  const token = await operatorToken(stack.issuer, 'olivia')
  return [...tokenForgeries(stack, wallet, attackerUrl), ...signatureForgeries(keys, token)]
}

/** The whole table, item by item. */
async function ledger() {
  return scanItems(stack.dynamoDb.client, stack.tableName)
}

test('every route has a row here, and every row is a route', () => {
  const rows = TABLE.map(({ route }) => route)

  expect(rows.toSorted()).toEqual(Object.values(ROUTES).map(routeKey).toSorted())
})

const guarded = TABLE.filter(({ scopes }) => scopes !== undefined)
const open = TABLE.filter(({ scopes }) => scopes === undefined)

describe.each(guarded)('$route', (row) => {
  test('keeps out everybody else, and nothing changes', async () => {
    const strangers = KNOWN.filter((known) => !mayCall(row, known))
    const before = await ledger()

    const { actual, expected } = await compare(await cellsOf(row, strangers, '403 FORBIDDEN'))

    expect(actual).toEqual(expected)
    expect(await ledger()).toEqual(before)
  })

  test('refuses every forgery, and nothing changes', async () => {
    const cells = await forgedCells(row, await allForgeries())
    const before = await ledger()

    const { actual, expected } = await compare(cells)

    expect(actual).toEqual(expected)
    expect(await ledger()).toEqual(before)
  })

  test('lets in whom it is for', async () => {
    const allowed = KNOWN.filter((known) => mayCall(row, known))

    const { actual, expected } = await compare(await cellsOf(row, allowed, row.answer))

    expect(Object.keys(expected)).not.toEqual([])
    expect(actual).toEqual(expected)
  })
})

describe.each(open)('$route', (row) => {
  test('answers everybody, with any credentials or none', async () => {
    const forgeries = tokenForgeries(stack, wallet, attackerUrl)
    const forged = await forgedCells(
      row,
      // Where the token is in the query, it is the query that is refused.
      forgeries.filter(({ name }) => !name.includes('in the query')),
    )
    const cells = [...forged, ...(await cellsOf(row, KNOWN, row.answer))]

    const { actual } = await compare(cells)

    expect(new Set(Object.values(actual))).toEqual(new Set([row.answer]))
  })
})

describe('a path that is not ours', () => {
  const nowhere: Row = { route: 'POST /v1/nowhere', body: MONEY, scopes: [], answer: '' }
  const notThere: Row = { route: 'DELETE /v1/wallets/{walletId}', scopes: [], answer: '' }

  test('is unknown to everybody, and to nobody in particular', async () => {
    const cells = await cellsOf(nowhere, KNOWN, '404 NOT_FOUND')

    const { actual, expected } = await compare(cells)
    const anonymous = await outcomeOf(requestOf(nowhere))

    expect(actual).toEqual(expected)
    expect(anonymous).toBe('404 NOT_FOUND')
  })

  test('says which methods there are, to whoever asks', async () => {
    const cells = await cellsOf(notThere, KNOWN, '405 METHOD_NOT_ALLOWED')

    const { actual, expected } = await compare(cells)

    expect(actual).toEqual(expected)
  })

  test('is no way around bad credentials', async () => {
    const forgeries = await allForgeries()
    const withCredentials = forgeries.filter(({ name }) => !name.startsWith('no credentials'))

    const { actual, expected } = await compare(await forgedCells(nowhere, withCredentials))

    expect(actual).toEqual(expected)
  })
})

describe('a refusal', () => {
  const spend = requestOf({
    route: 'POST /v1/wallets/{walletId}/spend',
    body: MONEY,
    scopes: [],
    answer: '',
  })

  test('for want of credentials says how to send them', async () => {
    const reply = await sendRaw(api.url, spend)

    expect(reply.status).toBe(401)
    expect(reply.headers['www-authenticate']).toBe('Bearer')
    expect(reply.headers['content-type']).toBe('application/problem+json')
  })

  test('of a signature says how to send credentials, as every 401 has to', async () => {
    const reply = await sendRaw(api.url, await sign(spend, keys.revoked))

    expect(reply.status).toBe(401)
    expect(reply.headers).toHaveProperty('www-authenticate')
  })

  test('never repeats the credentials', async () => {
    const forgeries = (await allForgeries()).filter(({ name }) => !name.includes('query'))
    const requests = (await Promise.all(forgeries.map(({ forge }) => forge(spend)))).filter(
      (request) => request !== undefined,
    )

    const replies = await Promise.all(requests.map((request) => sendRaw(api.url, request)))

    const repeats = replies.filter((reply, index) => repeatsCredentials(reply, requests[index]))
    expect(repeats).toEqual([])
  })

  test('of a key that nobody has reads like that of a wrong secret', async () => {
    const [unknown, wrong, revoked] = await Promise.all([
      signedWith({ ...keys.all, keyId: 'nobody' }),
      signedWith({ ...keys.all, secret: keys.other.secret }),
      signedWith(keys.revoked),
    ])

    expect(unknown['detail']).toBe(wrong['detail'])
    expect(revoked['detail']).toBe(wrong['detail'])
  })

  async function signedWith(key: TestKeys['all']) {
    return (await sendRaw(api.url, await sign(spend, key))).body
  }
})

/** Whether an answer gives away what somebody else could use. */
function repeatsCredentials({ text }: RawReply, request: RawRequest | undefined): boolean {
  const { authorization = '', signature = '' } = request?.headers ?? {}
  return [authorization, signature]
    .flat()
    .map((value) => value.split(/[ ,]/).at(-1) ?? '')
    .some((credential) => credential.length > 8 && text.includes(credential))
}

describe('what is no credential', () => {
  test.each([
    { 'x-http-method-override': 'GET' },
    { 'x-http-method': 'GET' },
    { 'x-method-override': 'GET' },
    { 'x-original-url': '/health' },
    { 'x-rewrite-url': '/health' },
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-forwarded-host': 'localhost' },
  ])('%j opens no door', async (headers) => {
    const spend = requestOf({
      route: 'POST /v1/wallets/{walletId}/spend',
      body: MONEY,
      scopes: [],
      answer: '',
    })

    const outcomes = await Promise.all([
      outcomeOf(change(spend, { headers })),
      outcomeOf(withToken(change(spend, { headers }), await playerToken(stack.issuer, 'alice'))),
    ])

    expect(outcomes).toEqual(['401 UNAUTHENTICATED', '403 FORBIDDEN'])
  })
})

test('a change of the keys counts at once', async () => {
  const asset = requestOf({ route: 'GET /v1/assets', scopes: [], answer: '200' })
  const before = await outcomeOf(await sign(asset, keys.other))

  revokeTestKey(stack, keys.other)

  expect(before).toBe('200')
  expect(await outcomeOf(await sign(asset, keys.other))).toBe('401 SIGNATURE_INVALID')
})

test('after all of that, nobody asked the attacker for a key', () => {
  expect(askedAttacker).toBe(0)
})
