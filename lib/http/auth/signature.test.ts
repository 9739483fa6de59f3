import { createHash, createHmac, randomBytes } from 'node:crypto'
import { parseDictionary } from 'structured-headers'
import { expect, test } from 'vitest'
import {
  change,
  type RawRequest,
  type SignOptions,
  sha256Digest,
  sign,
} from '../../../test/support/sign.ts'
import { type ApiEvent, type HttpRequest, readRequest } from '../request.ts'
import type { ApiKeys } from './api-keys.ts'
import { createSignatureIdentify, hmac, signatureBase, toSigningSecret } from './signature.ts'

const SECRET = randomBytes(32).toString('base64')
const SHOP = { keyId: 'shop', secret: SECRET }
const CREATED = 1_618_884_473
const AT = new Date(0).toISOString()

const KEYS: ApiKeys = {
  version: 1,
  keys: [
    {
      id: 'shop',
      scopes: ['wallet:debit', 'wallet:read'],
      secrets: [{ secret: SECRET, createdAt: AT }],
      createdAt: AT,
    },
  ],
}

const SPEND: RawRequest = {
  method: 'POST',
  target: '/v1/wallets/alice/spend?x=1',
  headers: { 'content-type': 'application/json', 'idempotency-key': 'order-7' },
  body: '{"asset":"GOLD_COINS","amount":30}',
}
const READ: RawRequest = { method: 'GET', target: '/v1/wallets/alice', headers: {}, body: '' }

function toHttpRequest({ method, target, headers, body }: RawRequest): HttpRequest {
  const [path = '', query = ''] = target.split(/\?(.*)/s)
  return {
    routeKey: '$default',
    method,
    path,
    target: { path, query },
    params: {},
    query: {},
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}`])),
    body: Buffer.from(body),
    clientIp: '192.0.2.1',
  }
}

/** Who it is, at a time of our choosing. */
async function identify(request: RawRequest, nowMs = CREATED * 1000, keys = KEYS) {
  const identifyAt = createSignatureIdentify({ readKeys: async () => keys, now: () => nowMs })
  return identifyAt(toHttpRequest(request))
}

function signed(request: RawRequest, options: SignOptions = {}): Promise<RawRequest> {
  return sign(request, SHOP, { created: CREATED, ...options })
}

const invalid = expect.objectContaining({ code: 'SIGNATURE_INVALID', status: 401 })
const expired = expect.objectContaining({ code: 'SIGNATURE_EXPIRED', status: 401 })

test('a signed request comes from the server that its key belongs to', async () => {
  const caller = await identify(await signed(SPEND))

  expect(caller).toEqual({
    kind: 'server',
    client: 'server:shop',
    scopes: new Set(['wallet:debit', 'wallet:read']),
  })
})

test('a request that is signed with a key of another owner comes from that owner', async () => {
  const [shop] = KEYS.keys
  if (!shop) throw new Error('there is a key')
  const keys: ApiKeys = { ...KEYS, keys: [{ ...shop, id: 'shop2', owner: 'shop' }] }
  const request = await sign(SPEND, { ...SHOP, keyId: 'shop2' }, { created: CREATED })

  const caller = await identify(request, CREATED * 1000, keys)

  expect(caller).toMatchObject({ client: 'server:shop', keyId: 'shop2' })
})

test.each<[string, RawRequest, SignOptions]>([
  ['without a body or a query', READ, {}],
  ['with a query', { ...READ, target: '/v1/assets?limit=3' }, {}],
  ['with its algorithm', SPEND, { alg: 'hmac-sha256' }],
  ['with an end', SPEND, { expires: CREATED + 60 }],
  ['with a nonce and a tag', SPEND, { parameters: { nonce: 'b3k2pp5k7z', tag: 'shop' } }],
  ['under another name', SPEND, { label: 'shop-2' }],
  [
    'with its parts in another order',
    SPEND,
    { components: ['idempotency-key', '@query', 'content-digest', '@path', '@method'] },
  ],
  ['with an empty query signed', READ, { components: ['@method', '@path', '@query'] }],
  [
    'with a second digest',
    SPEND,
    {
      contentDigest: `${sha256Digest(SPEND.body)}, sha-512=:${sha512(SPEND.body)}:`,
    },
  ],
])('a request is accepted %s', async (_, request, options) => {
  const caller = await identify(await signed(request, options))

  expect(caller.client).toBe('server:shop')
})

function sha512(body: string | Buffer): string {
  return createHash('sha512').update(body).digest('base64')
}

/** RFC 9421, appendix B: the test secret, and the request that all its examples sign. */
const RFC_SECRET =
  'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=='
const RFC_DIGEST =
  'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:'
const RFC_REQUEST: RawRequest = {
  method: 'POST',
  target: '/foo?param=Value&Pet=dog',
  headers: { 'content-digest': RFC_DIGEST },
  body: '{"hello": "world"}',
}

test('the HMAC is the one of the standard: RFC 9421, B.2.5', () => {
  const base = [
    '"date": Tue, 20 Apr 2021 02:07:55 GMT',
    '"@authority": example.com',
    '"content-type": application/json',
    '"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
  ].join('\n')

  const signature = hmac(toSigningSecret(RFC_SECRET), base).toString('base64')

  expect(signature).toBe('pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=')
})

test('what is signed has the lines of the standard, for the parts that we know: RFC 9421, B.2.3', () => {
  const input =
    'sig=("@method" "@path" "@query" "content-digest");created=1618884473;keyid="test-shared-secret"'

  const base = signatureBase(toHttpRequest(RFC_REQUEST), innerList(input))

  expect(base).toBe(
    [
      '"@method": POST',
      '"@path": /foo',
      '"@query": ?param=Value&Pet=dog',
      `"content-digest": ${RFC_DIGEST}`,
      '"@signature-params": ("@method" "@path" "@query" "content-digest");created=1618884473;keyid="test-shared-secret"',
    ].join('\n'),
  )
})

test('a query that is not there is signed as a question mark: RFC 9421, 2.2.7', () => {
  const input = 'sig=("@query");created=1618884473;keyid="test-shared-secret"'

  const base = signatureBase(toHttpRequest(READ), innerList(input))

  expect(base.split('\n')[0]).toBe('"@query": ?')
})

function innerList(input: string): Parameters<typeof signatureBase>[1] {
  const list = parseDictionary(input).get('sig')
  if (!list || !Array.isArray(list[0])) throw new Error('an example is not an inner list')
  return [list[0], list[1]]
}

/**
 * The parts of an event that say where a request goes, as an HTTP API makes them of `/v1/wallets/a%40b`: it decodes
 * both of its paths, and leaves the query as it was sent.
 */
const DECODED_EVENT = {
  version: '2.0',
  routeKey: 'GET /v1/wallets/{walletId}',
  rawPath: '/v1/wallets/a@b',
  rawQueryString: 'consistent=%74rue',
  headers: {},
  pathParameters: { walletId: 'a@b' },
  isBase64Encoded: false,
  requestContext: {
    http: { method: 'GET', path: '/v1/wallets/a@b', sourceIp: '192.0.2.1' },
  },
}

test.each(['/v1/wallets/a@b', '/v1/wallets/a%40b'])(
  'a request for %s is accepted behind an HTTP API, which decodes its path',
  async (path) => {
    const { headers } = await signed({ ...READ, target: `${path}?consistent=%74rue` })
    const event = { ...DECODED_EVENT, headers } as unknown as ApiEvent
    const identifyThen = createSignatureIdentify({
      readKeys: async () => KEYS,
      now: () => CREATED * 1000,
    })

    const caller = await identifyThen(readRequest(event))

    expect(caller.client).toBe('server:shop')
  },
)

/** The same, as a REST API makes it: below a stage, and with its paths as they were written. */
function restEvent(path: string, headers: RawRequest['headers']): ApiEvent {
  const event = {
    httpMethod: 'GET',
    resource: '/v1/wallets/{walletId}',
    path,
    multiValueHeaders: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [`${value}`]]),
    ),
    multiValueQueryStringParameters: { consistent: ['true'] },
    pathParameters: { walletId: path.split('/').at(-1) },
    isBase64Encoded: false,
    requestContext: { path: `/dev${path}`, identity: { sourceIp: '192.0.2.1' } },
  }
  return event as unknown as ApiEvent
}

test.each([
  ['/v1/wallets/a@b', '/v1/wallets/a@b', true],
  ['/v1/wallets/a%40b', '/v1/wallets/a%40b', true],
  // Both name a@b.
  ['/v1/wallets/a%40b', '/v1/wallets/a@b', true],
  // This one names a%40b.
  ['/v1/wallets/a%2540b', '/v1/wallets/a%40b', false],
])('signed for %s and sent for %s behind a REST API: accepted is %s', async (path, sent, is) => {
  const { headers } = await signed({ ...READ, target: `/dev${path}?consistent=true` })
  const identifyThen = createSignatureIdentify({
    readKeys: async () => KEYS,
    now: () => CREATED * 1000,
  })

  const [outcome] = await Promise.allSettled([identifyThen(readRequest(restEvent(sent, headers)))])

  expect(outcome.status).toBe(is ? 'fulfilled' : 'rejected')
})

test('a wrong signature is answered with what should have been signed', async () => {
  const request = change(await signed(READ), { target: '/v1/wallets/bob' })

  const refused = identify(request)

  await expect(refused).rejects.toMatchObject({
    code: 'SIGNATURE_INVALID',
    extras: {
      members: {
        signatureBase: [
          '"@method": GET',
          '"@path": /v1/wallets/bob',
          `"@signature-params": ("@method" "@path");created=${CREATED};keyid="shop"`,
        ].join('\n'),
      },
    },
  })
})

test.each([
  ['at once', 0],
  ['300 s later', 300_000],
  ['by a clock that is 300 s behind', -300_000],
])('a signature is good %s', async (_, laterMs) => {
  const request = await signed(SPEND)

  const caller = await identify(request, CREATED * 1000 + laterMs)

  expect(caller.client).toBe('server:shop')
})

test.each([
  ['300 s and a moment later', 300_001],
  ['301 s later', 301_000],
  ['a day later', 86_400_000],
  ['by a clock that is 300 s and a moment behind', -300_001],
  ['by a clock that is 301 s behind', -301_000],
  ['by a clock that is a day behind', -86_400_000],
])('a signature is no longer good, or not yet, %s', async (_, laterMs) => {
  const request = await signed(SPEND)

  const refused = identify(request, CREATED * 1000 + laterMs)

  await expect(refused).rejects.toEqual(expired)
})

test.each([
  ['before it', 59_000],
  ['in its very second', 60_000],
])('a signature with an end is good %s', async (_, laterMs) => {
  const request = await signed(SPEND, { expires: CREATED + 60 })

  const caller = await identify(request, CREATED * 1000 + laterMs)

  expect(caller.client).toBe('server:shop')
})

test('a signature with an end is over a second after it', async () => {
  const request = await signed(SPEND, { expires: CREATED + 60 })

  const refused = identify(request, (CREATED + 61) * 1000)

  await expect(refused).rejects.toEqual(expired)
})

test('an end far away makes no signature good for longer than any other', async () => {
  const request = await signed(SPEND, { expires: CREATED + 1_000_000 })

  const refused = identify(request, (CREATED + 301) * 1000)

  await expect(refused).rejects.toEqual(expired)
})

test('a signature that ended before it was made was never good', async () => {
  const request = await signed(SPEND, { expires: CREATED - 1 })

  const refused = identify(request)

  await expect(refused).rejects.toEqual(expired)
})

test('whoever cannot sign does not hear what time it is', async () => {
  const request = await sign(SPEND, { ...SHOP, secret: RFC_SECRET }, { created: CREATED })

  const refused = identify(request, (CREATED + 1_000) * 1000)

  await expect(refused).rejects.toEqual(invalid)
})

test('a secret is good whichever of the two it is', async () => {
  const newest = { secret: RFC_SECRET, createdAt: AT }
  const [key] = KEYS.keys
  if (!key) throw new Error('there is a key')
  const rotating = { ...KEYS, keys: [{ ...key, secrets: [newest, ...key.secrets] }] }
  const requests = [
    await signed(SPEND),
    await sign(SPEND, { ...SHOP, secret: RFC_SECRET }, { created: CREATED }),
  ]

  const callers = await Promise.all(
    requests.map((request) => identify(request, CREATED * 1000, rotating)),
  )

  expect(callers.map(({ client }) => client)).toEqual(['server:shop', 'server:shop'])
})

test('a key with a time of revocation is refused, even if a secret was left in it', async () => {
  const [key] = KEYS.keys
  if (!key) throw new Error('there is a key')
  const revoked = { ...KEYS, keys: [{ ...key, revokedAt: AT }] }

  const refused = identify(await signed(SPEND), CREATED * 1000, revoked)

  await expect(refused).rejects.toEqual(invalid)
})

/** By whoever has the secret, over whatever text of Signature-Input: no library would write these. */
function signedByHand(
  request: RawRequest,
  inputs: string,
  headers: Record<string, string> = {},
): RawRequest {
  const all = { 'content-digest': sha256Digest(request.body), ...request.headers, ...headers }
  const value = inputs.slice(inputs.indexOf('=') + 1)
  const names = Array.from(
    value.slice(0, value.indexOf(')')).matchAll(/"([^"]*)"/g),
    ([, name]) => name ?? '',
  )
  const [path = '', query = ''] = request.target.split('?')
  const derived: Record<string, string> = {
    '@method': request.method,
    '@path': path,
    '@query': `?${query}`,
    '@authority': 'localhost',
    '@target-uri': `http://localhost${request.target}`,
    '@request-target': request.target,
  }
  const values = new Map(
    Object.entries({ ...all, ...derived }).map(([name, text]) => [name, `${text}`]),
  )
  const lines = names.map((name) => `"${name}": ${values.get(name.toLowerCase()) ?? ''}`)
  const base = [...lines, `"@signature-params": ${value}`].join('\n')
  const signature = createHmac('sha256', Buffer.from(SECRET, 'base64'))
    .update(base)
    .digest('base64')
  return change(request, {
    headers: { ...all, 'signature-input': inputs, signature: `sig=:${signature}:` },
  })
}

const PARTS = '"@method" "@path" "@query" "content-digest" "idempotency-key"'
const PARAMETERS = `created=${CREATED};keyid="shop"`

test('what is signed by hand in the canonical spelling is accepted', async () => {
  const request = signedByHand(SPEND, `sig=(${PARTS});${PARAMETERS}`)

  const caller = await identify(request)

  expect(caller.client).toBe('server:shop')
})

test.each([
  // The same to a lax reader.
  `sig=(${PARTS.replace(' ', '  ')});${PARAMETERS}`,
  `sig=( ${PARTS});${PARAMETERS}`,
  `sig=(${PARTS} );${PARAMETERS}`,
  `sig=(${PARTS}); ${PARAMETERS}`,
  `sig=(${PARTS});created=${CREATED}; keyid="shop"`,
  `sig=(${PARTS});created=0${CREATED};keyid="shop"`,
  `sig=(${PARTS});created=${CREATED}.0;keyid="shop"`,
  `sig=(${PARTS});created=1;created=${CREATED};keyid="shop"`,
  `sig=(${PARTS});created=${CREATED};keyid="nobody";keyid="shop"`,
  `sig=(${PARTS});created=${CREATED};keyid="sh\\op"`,
  `sig=(${PARTS});${PARAMETERS},`,
  `sig=(${PARTS});${PARAMETERS}, `,
  // Not what the parameters should be.
  `sig=(${PARTS});keyid="shop"`,
  `sig=(${PARTS});created=${CREATED}`,
  `sig=(${PARTS})`,
  `sig=(${PARTS});created="${CREATED}";keyid="shop"`,
  `sig=(${PARTS});created=@${CREATED};keyid="shop"`,
  `sig=(${PARTS});created=${CREATED}.5;keyid="shop"`,
  `sig=(${PARTS});created;keyid="shop"`,
  `sig=(${PARTS});created=9999999999999999;keyid="shop"`,
  `sig=(${PARTS});created=${CREATED};keyid=shop`,
  `sig=(${PARTS});created=${CREATED};keyid=7`,
  `sig=(${PARTS});created=${CREATED};keyid=:c2hvcA==:`,
  `sig=(${PARTS});created=${CREATED};keyid=""`,
  `sig=(${PARTS});created=${CREATED};keyid="SHOP"`,
  `sig=(${PARTS});created=${CREATED};keyid="shop "`,
  `sig=(${PARTS});created=${CREATED};keyid="__proto__"`,
  `sig=(${PARTS});created=${CREATED};KEYID="shop"`,
  `sig=(${PARTS});${PARAMETERS};expires="${CREATED + 60}"`,
  `sig=(${PARTS});${PARAMETERS};expires`,
  `sig=(${PARTS});${PARAMETERS};alg=hmac-sha256`,
  `sig=(${PARTS});${PARAMETERS};alg="HMAC-SHA256"`,
  `sig=(${PARTS});${PARAMETERS};alg="none"`,
  `sig=(${PARTS});${PARAMETERS};alg=""`,
  `sig=(${PARTS});${PARAMETERS};alg="ed25519"`,
  // Not the parts that there are.
  `sig=(${PARTS} "@method");${PARAMETERS}`,
  `sig=(${PARTS} "idempotency-key");${PARAMETERS}`,
  `sig=(${PARTS} "@authority");${PARAMETERS}`,
  `sig=(${PARTS} "@target-uri");${PARAMETERS}`,
  `sig=(${PARTS} "content-type");${PARAMETERS}`,
  `sig=(${PARTS} "");${PARAMETERS}`,
  `sig=(${PARTS} "@signature-params");${PARAMETERS}`,
  `sig=(${PARTS.replace('content-digest', 'Content-Digest')});${PARAMETERS}`,
  `sig=(${PARTS.replace('@method', '@METHOD')});${PARAMETERS}`,
  `sig=(${PARTS.replace('"@method"', '"@method";req')});${PARAMETERS}`,
  `sig=(${PARTS.replace('"content-digest"', '"content-digest";sf')});${PARAMETERS}`,
  `sig=(${PARTS.replace('"content-digest"', '"content-digest";key="sha-256"')});${PARAMETERS}`,
  `sig=(${PARTS.replace('"idempotency-key"', '"idempotency-key";bs')});${PARAMETERS}`,
  `sig=(${PARTS.replace('"@query"', '"@query-param";name="x"')});${PARAMETERS}`,
  `sig=(${PARTS.replace('"@method"', '@method')});${PARAMETERS}`,
  `sig=(${PARTS.replace('"@method"', 'POST')});${PARAMETERS}`,
  `sig=("@request-target" "content-digest" "idempotency-key");${PARAMETERS}`,
  `sig=();${PARAMETERS}`,
  // Not one signature.
  '',
  'sig',
  `sig="@method";${PARAMETERS}`,
  `sig=(${PARTS});${PARAMETERS}, other=(${PARTS});${PARAMETERS}`,
  `sig=(), sig=(${PARTS});${PARAMETERS}`,
  `other=(${PARTS});${PARAMETERS}`,
  `SIG=(${PARTS});${PARAMETERS}`,
  `sig=(${PARTS};${PARAMETERS}`,
  `(${PARTS});${PARAMETERS}`,
])('Signature-Input: %s is refused, whoever signed it', async (inputs) => {
  const request = signedByHand(SPEND, inputs)

  const refused = identify(request)

  await expect(refused).rejects.toEqual(invalid)
})

/** The last letter of these bytes carries two bits that nobody reads. */
function withStrayBits(base64: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const last = base64.at(-2) ?? ''
  return `${base64.slice(0, -2)}${letters[letters.indexOf(last) + 1]}=`
}

test.each<[string, (base64: string) => string]>([
  ['with stray bits at its end', (base64) => `sig=:${withStrayBits(base64)}:`],
  ['without its padding', (base64) => `sig=:${base64.replace('=', '')}:`],
  ['with more padding', (base64) => `sig=:${base64}=:`],
  ['with a space in it', (base64) => `sig=:${base64.slice(0, 8)} ${base64.slice(8)}:`],
  ['with a space around it', (base64) => `sig= :${base64}:`],
  ['as a text', (base64) => `sig="${base64}"`],
  ['as a word', (base64) => `sig=${base64.replace('=', '')}`],
  ['in a list', (base64) => `sig=(:${base64}:)`],
  ['as an item', (base64) => `:${base64}:`],
  ['twice, the last one good', (base64) => `sig=::, sig=:${base64}:`],
  ['twice, the first one good', (base64) => `sig=:${base64}:, sig=::`],
  ['twice, both good', (base64) => `sig=:${base64}:, sig=:${base64}:`],
  ['beside another', (base64) => `sig=:${base64}:, other=:${base64}:`],
  ['after another', (base64) => `other=:${base64}:, sig=:${base64}:`],
  ['under another name', (base64) => `other=:${base64}:`],
  ['under a name in capitals', (base64) => `SIG=:${base64}:`],
  ['in hex', (base64) => `sig=:${Buffer.from(base64, 'base64').toString('hex')}:`],
  ['cut', (base64) => `sig=:${base64.slice(0, 40)}:`],
  ['empty', () => 'sig=::'],
])('a good signature %s is refused', async (_, written) => {
  const request = await signed(SPEND)
  const [, base64 = ''] = /:(.*):/.exec(String(request.headers['signature'])) ?? []

  const refused = identify(change(request, { headers: { signature: written(base64) } }))

  await expect(refused).rejects.toEqual(invalid)
})

const GOOD_DIGEST = sha256Digest(SPEND.body)
const OTHER_DIGEST = sha256Digest('another body')

test.each([
  ['of another body', OTHER_DIGEST],
  ['of another kind only', `sha-512=:${sha512(SPEND.body)}:`],
  ['of another kind, as if it were ours', `sha-256=:${sha512(SPEND.body)}:`],
  ['that is too weak', `md5=:${createHash('md5').update(SPEND.body).digest('base64')}:`],
  ['with stray bits at its end', `sha-256=:${withStrayBits(GOOD_DIGEST.slice(9, -1))}:`],
  ['without padding', GOOD_DIGEST.replace(/=:$/, ':')],
  ['in capitals', GOOD_DIGEST.replace('sha', 'SHA')],
  ['as a text', GOOD_DIGEST.replace('=:', '="').replace(/:$/, '"')],
  ['in a list', GOOD_DIGEST.replace('=:', '=(:').replace(/:$/, ':)')],
  ['twice, the last one good', `${OTHER_DIGEST}, ${GOOD_DIGEST}`],
  ['twice, the first one good', `${GOOD_DIGEST}, ${OTHER_DIGEST}`],
  ['with a space in front of its value', GOOD_DIGEST.replace('=', '= ')],
  ['of nothing', 'sha-256=::'],
  ['that is no dictionary', 'sha-256'],
  ['that is empty', ''],
])('a digest %s is refused, although it is signed', async (_, contentDigest) => {
  const request = signedByHand(SPEND, `sig=(${PARTS});${PARAMETERS}`, {
    'content-digest': contentDigest,
  })

  const refused = identify(request)

  await expect(refused).rejects.toEqual(invalid)
})

test('a part that is signed has to be there', async () => {
  const request = signedByHand(READ, `sig=("@method" "@path" "idempotency-key");${PARAMETERS}`)

  const refused = identify(request)

  await expect(refused).rejects.toEqual(invalid)
})

test.each([
  ['a query', { target: '/v1/wallets/alice?consistent=true' }],
  ['a body', { body: '{}' }],
  ['a digest and its body', { body: '{}', headers: { 'content-digest': sha256Digest('{}') } }],
  ['an idempotency key', { headers: { 'idempotency-key': 'mine' } }],
  ['an empty idempotency key', { headers: { 'idempotency-key': '' } }],
  ['an If-Match', { headers: { 'if-match': '*' } }],
])('%s that nobody signed is refused', async (_, added) => {
  const request = await signed(READ)

  const refused = identify(change(request, added))

  await expect(refused).rejects.toEqual(invalid)
})
