import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GOLD, type Row, registerLead, requestOf, TABLE } from '../support/access-table.ts'
import { type Api, newWallet, openApi, type Reply } from '../support/api.ts'
import { withToken } from '../support/forgeries.ts'
import { change, type RawRequest, sign } from '../support/sign.ts'

/** Who may do what, by the credentials that come with every Strongbox; access.test.ts makes many more. */

const RICHES = { amount: 10_000 }
const FORBIDDEN = '403 FORBIDDEN'

let api: Api
/** Neither alice's nor bob's, and with money in it. */
const wallet = newWallet()

beforeAll(async () => {
  api = await openApi()
  for (const asset of [GOLD, 'DIAMONDS']) {
    await api.post(`/v1/wallets/${wallet}/topup`, { asset, ...RICHES })
    await api.post('/v1/wallets/alice/topup', { asset, ...RICHES })
  }
  await registerLead(api)
})

afterAll(async () => {
  await api.stop()
})

type Prove = (request: RawRequest) => Promise<RawRequest>

const byToken =
  (tokenOf: (credentials: Api['credentials']) => string): Prove =>
  async (request) =>
    withToken(request, tokenOf(api.credentials))
const asAlice = byToken(({ players }) => players.alice)
const asBob = byToken(({ players }) => players.bob)
const asOperator = byToken(({ adminToken }) => adminToken)
const asServer: Prove = (request) => sign(request, api.credentials.hmac)

/** Who proves nothing: not by a token or a signature or a secret that is not quite one. */
const NOBODIES: readonly { readonly prove: Prove; readonly refusal: string }[] = [
  { prove: async (request) => request, refusal: '401 UNAUTHENTICATED' },
  {
    prove: byToken(({ adminToken }) => spoilt(adminToken)),
    refusal: '401 UNAUTHENTICATED',
  },
  {
    prove: async (request) => {
      const signed = await asServer(request)
      return change(signed, { headers: { signature: spoilt(String(signed.headers['signature'])) } })
    },
    refusal: '401 SIGNATURE_INVALID',
  },
  {
    prove: (request) => {
      const { keyId, secret } = api.credentials.hmac
      return sign(request, { keyId, secret: spoilt(secret) })
    },
    refusal: '401 SIGNATURE_INVALID',
  },
]

/** One character in the middle is another one. */
function spoilt(text: string): string {
  const at = Math.floor(text.length / 2)
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}

async function outcomeOf(row: Row, prove: Prove, about = wallet): Promise<string> {
  const { status, body } = await send(await prove(requestOf(row, about)))
  return status < 400 ? String(status) : `${status} ${body['code']}`
}

/** So that the answer is held against its contract, too. */
function send({ method, target, headers, body }: RawRequest): Promise<Reply> {
  return api.send(method, target, {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}`])),
    ...(body.length > 0 && { body: body.toString() }),
    token: null,
  })
}

const guarded = TABLE.filter(({ scopes }) => scopes !== undefined)
const isForAnybody = ({ scopes = [] }: Row) => scopes.length === 0

describe.each(guarded)('$route', (row) => {
  test('is refused to whoever proves nothing, and nothing changes', async () => {
    const before = await api.books.read()

    const outcomes = await Promise.all(NOBODIES.map(({ prove }) => outcomeOf(row, prove)))

    expect(outcomes).toEqual(NOBODIES.map(({ refusal }) => refusal))
    expect(await api.books.read()).toEqual(before)
  })

  test(`${isForAnybody(row) ? 'answers' : 'is refused to'} the player of another wallet`, async () => {
    const outcomes = [await outcomeOf(row, asAlice), await outcomeOf(row, asBob, 'alice')]

    expect(outcomes).toEqual(Array(2).fill(isForAnybody(row) ? row.answer : FORBIDDEN))
  })

  test('answers an operator and a server with all scopes', async () => {
    const outcomes = [await outcomeOf(row, asOperator), await outcomeOf(row, asServer)]

    expect(outcomes).toEqual([row.answer, row.answer])
  })
})

describe.each(guarded.filter(({ own }) => own))('$route', (row) => {
  test('answers the player whose wallet it is', async () => {
    expect(await outcomeOf(row, asAlice, 'alice')).toBe(row.answer)
  })
})
