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
import { GOLD, MONEY, type Row, registerLead, requestOf, TABLE } from '../support/access-table.ts'
import { newWallet, openStack, type StackApi } from '../support/api.ts'
import {
  type Forgery,
  makeTestKeys,
  revokeTestKey,
  signatureForgeries,
  type TestKeys,
  tokenForgeries,
  withToken,
} from '../support/forgeries.ts'
import { change, type RawReply, type RawRequest, sendRaw, sign } from '../support/sign.ts'
import { ALL_SCOPES, encodeToken, es256, issuerKeyOf, playerClaims } from '../support/tokens.ts'

let api: StackApi
let stack: Stack
let keys: TestKeys
/** Where forged tokens say that their key is. Nobody must ever ask there. */
let attacker: Server
let attackerUrl: string
let askedAttacker = 0

/** The wallet in every path. It is somebody's, and it has money. */
const wallet = newWallet()

beforeAll(async () => {
  api = await openStack()
  stack = api.stack
  keys = makeTestKeys(stack, wallet)
  for (const asset of [GOLD, 'DIAMONDS']) {
    await api.post(`/v1/wallets/${wallet}/topup`, { asset, amount: 10_000 })
  }
  await registerLead(api)
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
      return { who: name, request: await prove(requestOf(row, wallet)), expected }
    }),
  )
}

async function forgedCells(row: Row, forgeries: readonly Forgery[]): Promise<Cell[]> {
  const cells = await Promise.all(
    forgeries.map(async ({ name, code, forge }) => {
      const request = await forge(requestOf(row, wallet))
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
  return api.books.read()
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
    const anonymous = await outcomeOf(requestOf(nowhere, wallet))

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
  const spend = requestOf(
    {
      route: 'POST /v1/wallets/{walletId}/spend',
      body: MONEY,
      scopes: [],
      answer: '',
    },
    wallet,
  )

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
    const spend = requestOf(
      {
        route: 'POST /v1/wallets/{walletId}/spend',
        body: MONEY,
        scopes: [],
        answer: '',
      },
      wallet,
    )

    const outcomes = await Promise.all([
      outcomeOf(change(spend, { headers })),
      outcomeOf(withToken(change(spend, { headers }), await playerToken(stack.issuer, 'alice'))),
    ])

    expect(outcomes).toEqual(['401 UNAUTHENTICATED', '403 FORBIDDEN'])
  })
})

test('a change of the keys counts at once', async () => {
  const asset = requestOf({ route: 'GET /v1/assets', scopes: [], answer: '200' }, wallet)
  const before = await outcomeOf(await sign(asset, keys.other))

  revokeTestKey(stack, keys.other)

  expect(before).toBe('200')
  expect(await outcomeOf(await sign(asset, keys.other))).toBe('401 SIGNATURE_INVALID')
})

test('after all of that, nobody asked the attacker for a key', () => {
  expect(askedAttacker).toBe(0)
})
