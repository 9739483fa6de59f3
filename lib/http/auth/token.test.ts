import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { createLocalJWKSet, type JWK } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { encodeToken, es256 } from '../../../test/support/tokens.ts'
import { MAX_CLIENT_LENGTH } from '../caller.ts'
import { keysOfIssuer } from './issuer-keys.ts'
import { createTokenIdentify } from './token.ts'

const ISSUER = 'https://id.studio.example'
const PLAYERS = 'players'
const OPERATORS = 'operators'
const HOUR_MS = 3_600_000
/** Long enough for every clock that a test sets. */
const FAR = Math.floor(Date.now() / 1000) + 1_000_000

interface TestKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicJwk: JWK
}

function newKey(kid: string = randomUUID()): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid, privateKey, publicJwk: { ...publicKey.export({ format: 'jwk' }), kid } }
}

const KEY = newKey()
const trustsKey = createLocalJWKSet({ keys: [KEY.publicJwk] })
const identify = createTokenIdentify({
  issuer: ISSUER,
  audience: PLAYERS,
  operatorAudience: OPERATORS,
  keys: trustsKey,
})

function token(claims: object, { kid, privateKey }: TestKey = KEY): string {
  const all = { iss: ISSUER, aud: PLAYERS, sub: 'alice', exp: FAR, ...claims }
  return encodeToken({ alg: 'ES256', kid }, all, es256(privateKey))
}

const unauthenticated = expect.objectContaining({ code: 'UNAUTHENTICATED', status: 401 })
const alice = {
  kind: 'player',
  client: 'player:alice',
  scopes: new Set(),
  ownWallet: 'alice',
}

describe('a player whose wallet is in another claim', () => {
  const CLAIM = 'https://studio.example/wallet'
  const identifyByClaim = createTokenIdentify({
    issuer: ISSUER,
    audience: PLAYERS,
    playerClaim: CLAIM,
    keys: trustsKey,
  })

  test('owns the wallet that it names, whatever the subject is', async () => {
    const caller = await identifyByClaim(token({ sub: 'auth0|5f7c8ec7', [CLAIM]: 'alice' }))

    expect(caller).toEqual(alice)
  })

  test.each([{}, { [CLAIM]: 'auth0|5f7c8ec7' }, { [CLAIM]: ['alice'] }, { [CLAIM]: '' }])(
    'is nobody with %j: the subject does not stand in for it',
    async (claims) => {
      const identifying = identifyByClaim(token(claims))

      await expect(identifying).rejects.toEqual(unauthenticated)
    },
  )

  test('is nobody where every object has such a name', async () => {
    const byInherited = createTokenIdentify({
      issuer: ISSUER,
      audience: PLAYERS,
      playerClaim: 'constructor',
      keys: trustsKey,
    })

    const identifying = byInherited(token({}))

    await expect(identifying).rejects.toEqual(unauthenticated)
  })
})

describe('a player', () => {
  test('owns the wallet that the token names, and has no scopes', async () => {
    const caller = await identify(token({ scope: 'wallet:credit ops' }))

    expect(caller).toEqual(alice)
  })

  test.each([
    [{ aud: [PLAYERS] }],
    [{ aud: ['another-service', PLAYERS] }],
    [{ aud: undefined, client_id: PLAYERS }],
  ])('is known by the audience or the client of the token: %j', async (claims) => {
    const caller = await identify(token(claims))

    expect(caller).toEqual(alice)
  })

  test.each([
    [{ aud: 'another-service' }],
    [{ aud: 'another-service', client_id: PLAYERS }],
    [{ aud: [], client_id: PLAYERS }],
    [{ aud: '', client_id: PLAYERS }],
    [{ aud: [[PLAYERS]] }],
    [{ aud: { [PLAYERS]: true } }],
    [{ aud: `${PLAYERS} ${OPERATORS}` }],
    [{ aud: PLAYERS.toUpperCase() }],
    [{ aud: undefined }],
    [{ aud: undefined, azp: PLAYERS }],
  ])('is not known by any other: %j', async (claims) => {
    const refused = identify(token(claims))

    await expect(refused).rejects.toEqual(unauthenticated)
  })

  test.each([
    '',
    '@treasury',
    '-alice',
    '.alice',
    'ali ce',
    'alice\n',
    ' alice',
    'alice/bob',
    'alice#B',
    'W#alice',
    'älice',
    'alice\u0000',
    'a'.repeat(65),
  ])('cannot be %j, which is no wallet', async (sub) => {
    const refused = identify(token({ sub }))

    await expect(refused).rejects.toEqual(unauthenticated)
  })

  test.each(['alice', 'A', '7', 'auth0:7f3a', 'alice@studio.example', 'a'.repeat(64)])(
    'can be %s',
    async (sub) => {
      const caller = await identify(token({ sub }))

      expect(caller).toMatchObject({ client: `player:${sub}`, ownWallet: sub })
      expect(caller.client.length).toBeLessThanOrEqual(MAX_CLIENT_LENGTH)
    },
  )
})

describe('an operator', () => {
  test('has the scopes of the token, and no wallet', async () => {
    const scope = 'openid wallet:read  ops wallet:read WALLET:DEBIT'

    const caller = await identify(token({ aud: OPERATORS, scope }))

    expect(caller).toEqual({
      kind: 'operator',
      client: 'operator:alice',
      scopes: new Set(['wallet:read', 'ops']),
    })
  })

  test.each([
    [undefined],
    [''],
    [['wallet:read', 'ops']],
    [{ 'wallet:read': true }],
    ['wallet:read,ops'],
    [true],
  ])('has no scopes by the claim %j', async (scope) => {
    const caller = await identify(token({ aud: OPERATORS, scope }))

    expect(caller.scopes).toEqual(new Set())
  })

  test('is an operator, and owns no wallet, with a token that is for players too', async () => {
    const caller = await identify(token({ aud: [PLAYERS, OPERATORS] }))

    expect(caller).toEqual({ kind: 'operator', client: 'operator:alice', scopes: new Set() })
  })

  test('may have a long name, as long as the record of a transaction has room for it', async () => {
    const caller = await identify(token({ aud: OPERATORS, sub: 'o'.repeat(63) }))
    const refused = identify(token({ aud: OPERATORS, sub: 'o'.repeat(64) }))

    expect(caller.client).toHaveLength(MAX_CLIENT_LENGTH)
    await expect(refused).rejects.toEqual(unauthenticated)
  })

  test('needs a name', async () => {
    const refused = identify(token({ aud: OPERATORS, sub: '' }))

    await expect(refused).rejects.toEqual(unauthenticated)
  })

  test('is nobody where no audience of operators is set', async () => {
    const playersOnly = createTokenIdentify({ issuer: ISSUER, audience: PLAYERS, keys: trustsKey })

    const refused = [OPERATORS, undefined, 'undefined', null].map((aud) =>
      playersOnly(token({ aud, scope: 'ops' })),
    )

    const outcomes = await Promise.allSettled(refused)
    const rejected = { status: 'rejected', reason: unauthenticated }
    expect(outcomes).toEqual(refused.map(() => rejected))
  })
})

/** Claims are whatever an issuer writes; the standard wants a text here. */
describe.each([PLAYERS, OPERATORS])('a token for %s whose subject is not a text', (aud) => {
  test.each([[7], [true], [null], [['alice']], [{ id: 'alice' }]])(
    'is refused: %j',
    async (sub) => {
      const refused = identify(token({ aud, sub }))

      await expect(refused).rejects.toEqual(unauthenticated)
    },
  )
})

describe('a signature', () => {
  test('of RS256 is as good as one of ES256', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const rsa = { ...publicKey.export({ format: 'jwk' }), kid: 'rsa' }
    const identifyByRsa = createTokenIdentify({
      issuer: ISSUER,
      audience: PLAYERS,
      keys: createLocalJWKSet({ keys: [rsa] }),
    })
    const claims = { iss: ISSUER, aud: PLAYERS, sub: 'alice', exp: FAR }
    const signed = encodeToken({ alg: 'RS256', kid: 'rsa' }, claims, (input) =>
      sign('sha256', Buffer.from(input), privateKey),
    )

    const caller = await identifyByRsa(signed)

    expect(caller).toEqual(alice)
  })

  test('of any other algorithm is refused, even if the issuer has a key for it', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const edwards = { ...publicKey.export({ format: 'jwk' }), kid: 'ed' }
    const identifyByEdwards = createTokenIdentify({
      issuer: ISSUER,
      audience: PLAYERS,
      keys: createLocalJWKSet({ keys: [edwards] }),
    })
    const claims = { iss: ISSUER, aud: PLAYERS, sub: 'alice', exp: FAR }
    const signed = ['EdDSA', 'Ed25519'].map((alg) =>
      encodeToken({ alg, kid: 'ed' }, claims, (input) =>
        sign(null, Buffer.from(input), privateKey),
      ),
    )

    const refused = signed.map((one) => identifyByEdwards(one))

    const outcomes = await Promise.allSettled(refused)
    expect(outcomes).toEqual(refused.map(() => ({ status: 'rejected', reason: unauthenticated })))
  })

  test('that is refused is refused without the token in the text', async () => {
    const stolen = token({ exp: 1 })

    const problem = await identify(stolen).catch((error) => error)

    expect(problem.message).toBe('The token has expired.')
    expect(JSON.stringify(problem.body('request-1'))).not.toContain(stolen.split('.')[1])
  })
})

describe('a token that was here before', () => {
  /** When it was good, and how often its signature was looked at. */
  const counting = () => {
    const counted = { looks: 0 }
    const keys: typeof trustsKey = Object.assign(
      (...asked: Parameters<typeof trustsKey>) => {
        counted.looks += 1
        return trustsKey(...asked)
      },
      { jwks: trustsKey.jwks },
    )
    return { counted, identifyBy: createTokenIdentify({ issuer: ISSUER, audience: PLAYERS, keys }) }
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  const laterBy = (ms: number) => vi.setSystemTime(Date.now() + ms)

  test('is good for a minute without another look at its signature', async () => {
    const { counted, identifyBy } = counting()
    const sent = token({})
    await identifyBy(sent)
    laterBy(59_000)

    const caller = await identifyBy(sent)

    expect(caller).toEqual(alice)
    expect(counted.looks).toBe(1)
  })

  test('is looked at again after that minute', async () => {
    const { counted, identifyBy } = counting()
    const sent = token({})
    await identifyBy(sent)
    laterBy(60_000)

    await identifyBy(sent)

    expect(counted.looks).toBe(2)
  })

  test('is refused from the second on at which it expires', async () => {
    const { identifyBy } = counting()
    const sent = token({ exp: Math.floor(Date.now() / 1000) + 10 })
    await identifyBy(sent)
    laterBy(10_000)

    const refused = identifyBy(sent)

    await expect(refused).rejects.toEqual(unauthenticated)
  })

  test('says nothing for one that was signed by somebody else', async () => {
    const { identifyBy } = counting()
    await identifyBy(token({}))

    const refused = identifyBy(token({}, newKey(KEY.kid)))

    await expect(refused).rejects.toEqual(unauthenticated)
  })

  test('is forgotten when a thousand others came after it', async () => {
    const { counted, identifyBy } = counting()
    const sent = token({})
    await identifyBy(sent)
    for (let index = 0; index < 1_000; index += 1) await identifyBy(token({ sub: `p${index}` }))

    await identifyBy(sent)

    expect(counted.looks).toBe(1_002)
  })
})

describe('the keys of an issuer', () => {
  /** An issuer whose answers a test decides, and that counts how often it was asked. */
  let issuer: Server
  let jwksUri: string
  let asked = 0
  let answer: (response: ServerResponse) => void

  const publishing =
    (...keys: TestKey[]) =>
    (response: ServerResponse) => {
      response.end(JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }))
    }
  const down = (response: ServerResponse) => response.destroy()

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    asked = 0
    answer = publishing(KEY)
    issuer = createServer((_, response) => {
      asked += 1
      answer(response)
    })
    issuer.listen(0, '127.0.0.1')
    await once(issuer, 'listening')
    const address = issuer.address()
    jwksUri = typeof address === 'object' ? `http://127.0.0.1:${address?.port}/jwks.json` : ''
  })

  afterEach(async () => {
    vi.useRealTimers()
    issuer.closeAllConnections()
    issuer.close()
    await once(issuer, 'close')
  })

  const trusting = () =>
    createTokenIdentify({ issuer: ISSUER, audience: PLAYERS, keys: keysOfIssuer(jwksUri) })
  const laterBy = (ms: number) => vi.setSystemTime(Date.now() + ms)
  const isBusy = expect.objectContaining({
    code: 'WALLET_BUSY',
    status: 503,
    extras: expect.objectContaining({ headers: { 'retry-after': '1' } }),
  })

  test('are fetched once for many tokens', async () => {
    const identifyBy = trusting()

    const callers = await Promise.all(Array.from({ length: 20 }, () => identifyBy(token({}))))
    laterBy(HOUR_MS - 1_000)
    callers.push(await identifyBy(token({})))

    expect(callers).toEqual(Array(21).fill(alice))
    expect(asked).toBe(1)
  })

  test.each<[string, (response: ServerResponse) => void]>([
    ['cannot be reached', down],
    ['has a fault', (response) => response.writeHead(500).end()],
    ['has moved', (response) => response.writeHead(302, { location: jwksUri }).end()],
    ['answers with a page', (response) => response.end('<html></html>')],
    ['answers with something else', (response) => response.end('{"keys":"none"}')],
  ])('that %s are nobody’s fault who calls: come again', async (_, wrong) => {
    const identifyBy = trusting()
    answer = wrong

    const refused = identifyBy(token({}))

    await expect(refused).rejects.toEqual(isBusy)
  })

  test('that does not answer are waited for, but not for long', async () => {
    const identifyBy = trusting()
    answer = () => {}
    const startedAt = performance.now()

    const refused = identifyBy(token({}))

    await expect(refused).rejects.toEqual(isBusy)
    expect(performance.now() - startedAt).toBeLessThan(4_000)
  })

  test('that was down at first are fetched when it is up', async () => {
    const identifyBy = trusting()
    answer = down
    await identifyBy(token({})).catch(() => {})
    answer = publishing(KEY)

    const caller = await identifyBy(token({}))

    expect(caller).toEqual(alice)
  })

  test('that is down are the last ones that it had', async () => {
    const identifyBy = trusting()
    await identifyBy(token({}))
    answer = down
    laterBy(2 * HOUR_MS)

    const caller = await identifyBy(token({}))

    expect(caller).toEqual(alice)
  })

  test('that no longer answers are waited for once, and not by each caller after the other', async () => {
    const identifyBy = trusting()
    await identifyBy(token({}))
    answer = () => {}
    laterBy(2 * HOUR_MS)
    await identifyBy(token({}))
    const startedAt = performance.now()

    const caller = await identifyBy(token({}))

    expect(caller).toEqual(alice)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })

  test('that is down are no keys for what somebody else signed', async () => {
    const identifyBy = trusting()
    await identifyBy(token({}))
    answer = down
    laterBy(2 * HOUR_MS)

    const refused = [identifyBy(token({}, newKey())), identifyBy(token({}, newKey(KEY.kid)))]

    const outcomes = await Promise.allSettled(refused)
    expect(outcomes).toEqual(refused.map(() => ({ status: 'rejected', reason: unauthenticated })))
  })

  test('are fetched again for a new one, half a minute after the last time', async () => {
    const identifyBy = trusting()
    const fresh = newKey()
    await identifyBy(token({}))
    answer = publishing(KEY, fresh)

    const tooSoon = await identifyBy(token({}, fresh)).catch(({ code }) => code)
    laterBy(30_001)
    const caller = await identifyBy(token({}, fresh))

    expect(tooSoon).toBe('UNAUTHENTICATED')
    expect(caller).toEqual(alice)
    expect(asked).toBe(2)
  })

  test('are not fetched more often because somebody invents names for keys', async () => {
    const identifyBy = trusting()
    await identifyBy(token({}))
    laterBy(30_001)

    const refused = Array.from({ length: 100 }, () => identifyBy(token({}, newKey('invented'))))

    const outcomes = await Promise.allSettled(refused)
    expect(outcomes).toEqual(refused.map(() => ({ status: 'rejected', reason: unauthenticated })))
    expect(asked).toBe(2)
  })

  test('are not fetched for a token whose algorithm is refused anyway', async () => {
    const identifyBy = trusting()
    const claims = { iss: ISSUER, aud: PLAYERS, sub: 'alice', exp: FAR }
    const unsigned = encodeToken({ alg: 'none' }, claims, () => Buffer.alloc(0))

    const refused = identifyBy(unsigned)

    await expect(refused).rejects.toEqual(unauthenticated)
    expect(asked).toBe(0)
  })

  test('that it took back are good for an hour at most, while it is up', async () => {
    const identifyBy = trusting()
    await identifyBy(token({}))
    answer = publishing(newKey())
    laterBy(HOUR_MS + 1_000)

    const refused = identifyBy(token({}))

    await expect(refused).rejects.toEqual(unauthenticated)
  })
})
