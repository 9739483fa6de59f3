import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import {
  type ApiKey,
  createApiKey,
  finishRotation,
  readApiKeys,
  revokeApiKey,
  rotateApiKey,
} from '../../lib/http/auth/api-keys.ts'
import { SCOPES, type Scope } from '../../lib/http/caller.ts'
import type { Stack } from '../../local/stack.ts'
import { keepSecret } from './logs.ts'
import {
  change,
  type RawRequest,
  type SigningKey,
  type SignOptions,
  sha256Digest,
  sign,
} from './sign.ts'
import {
  ALL_SCOPES,
  base64url,
  encodeToken,
  es256,
  hs256,
  issuerKeyOf,
  operatorClaims,
  otherKey,
  playerClaims,
  unsigned,
} from './tokens.ts'

/** Credentials that prove nothing: every one of them has to be refused, whatever it is sent for. */
export interface Forgery {
  readonly name: string
  readonly code: 'UNAUTHENTICATED' | 'SIGNATURE_INVALID' | 'SIGNATURE_EXPIRED'
  /** Undefined where there is nothing of that kind to forge, as the body of a GET. */
  readonly forge: (honest: RawRequest) => Promise<RawRequest> | RawRequest | undefined
}

/** A request with a token, instead of any credentials that it had. */
export function withToken(request: RawRequest, token: string): RawRequest {
  return change(request, { headers: { authorization: `Bearer ${token}` } })
}

const HOUR_SECONDS = 3_600
const nowSeconds = () => Math.floor(Date.now() / 1000)

/** Tokens, and whatever else can stand in an Authorization header. */
export function tokenForgeries(stack: Stack, walletId: string, attackerUrl: string): Forgery[] {
  const { kid, privateKey, publicKey } = issuerKeyOf(stack)
  const attackers = otherKey()
  const jwk = publicKey.export({ format: 'jwk' })
  const pem = publicKey.export({ format: 'pem', type: 'spki' })
  const attackersJwk = attackers.export({ format: 'jwk' })
  const { d: _, ...attackersPublicJwk } = attackersJwk
  const header = { alg: 'ES256', kid }
  const claims = operatorClaims()
  const genuine = encodeToken(header, claims, es256(privateKey))
  const [genuineHeader = '', genuineClaims = '', genuineSignature = ''] = genuine.split('.')

  /** Signed with the issuer's own key: only the claims are wrong. */
  const claiming = (changes: object) =>
    encodeToken(header, JSON.parse(JSON.stringify({ ...claims, ...changes })), es256(privateKey))
  /** The claims are what they should be, and the issuer did not sign them. */
  const signedBy = (signer: Parameters<typeof encodeToken>[2], changes: object = {}) =>
    encodeToken({ ...header, ...changes }, claims, signer)
  const pointOf = (name: 'x' | 'y') => Buffer.from(jwk[name] ?? '', 'base64url')
  const bearer = (token: string) => (request: RawRequest) => withToken(request, token)
  const saying = (headers: Record<string, string | string[]>) => (request: RawRequest) =>
    change(request, { headers })

  const forges: Record<string, Forgery['forge']> = {
    'no credentials': (request) => request,
    'no credentials, and a token in a cookie': saying({ cookie: `token=${genuine}` }),
    'no credentials, and a token in the query': (request) => {
      const joint = request.target.includes('?') ? '&' : '?'
      return change(request, { target: `${request.target}${joint}access_token=${genuine}` })
    },
    'no credentials, and headers of a proxy that say who it is': saying({
      'x-forwarded-user': walletId,
      'x-amzn-oidc-identity': walletId,
      'x-amzn-oidc-data': genuine,
      'x-user': 'mallory',
      'x-scopes': ALL_SCOPES,
    }),

    'a token of yesterday': bearer(claiming({ exp: nowSeconds() - 1 })),
    'a player token of yesterday': bearer(
      encodeToken(
        header,
        { ...playerClaims(walletId), exp: nowSeconds() - HOUR_SECONDS },
        es256(privateKey),
      ),
    ),
    'a token of tomorrow': bearer(claiming({ nbf: nowSeconds() + HOUR_SECONDS })),
    'a token that never ends': bearer(claiming({ exp: undefined })),
    'a token whose end is a text': bearer(claiming({ exp: '2999-01-01' })),
    'a token of nobody': bearer(claiming({ sub: undefined })),
    'a token for another audience': bearer(claiming({ aud: 'somebody-else' })),
    'a token for an audience with a longer name': bearer(
      claiming({ aud: 'strongbox-operators-2' }),
    ),
    'a token for no audience': bearer(claiming({ aud: undefined })),
    'a token for an empty list of audiences': bearer(claiming({ aud: [] })),
    'a token for another audience, and from our client': bearer(
      claiming({ aud: 'somebody-else', client_id: 'strongbox-operators' }),
    ),
    'a token of another issuer': bearer(claiming({ iss: 'https://issuer.attacker.example' })),
    'a token of an issuer with a slash more': bearer(claiming({ iss: `${claims['iss']}/` })),
    'a token of no issuer': bearer(claiming({ iss: undefined })),

    'alg none, without a signature': bearer(signedBy(unsigned, { alg: 'none' })),
    'alg none, without the last part': bearer(
      signedBy(unsigned, { alg: 'none' }).replace(/\.$/, ''),
    ),
    'alg none, with a signature': bearer(signedBy(es256(privateKey), { alg: 'none' })),
    'alg NONE': bearer(signedBy(unsigned, { alg: 'NONE' })),
    'alg nOnE, with a signature': bearer(signedBy(es256(attackers), { alg: 'nOnE' })),
    'no alg': bearer(signedBy(es256(privateKey), { alg: undefined })),
    'HS256 with the public key in PEM': bearer(signedBy(hs256(pem), { alg: 'HS256' })),
    'HS256 with the public key in PEM, without its last line break': bearer(
      signedBy(hs256(pem.toString().trim()), { alg: 'HS256' }),
    ),
    'HS256 with the public key as a JWK': bearer(
      signedBy(hs256(JSON.stringify(jwk)), { alg: 'HS256' }),
    ),
    'HS256 with the public key in DER': bearer(
      signedBy(hs256(publicKey.export({ format: 'der', type: 'spki' })), { alg: 'HS256' }),
    ),
    'HS256 with the two numbers of the public key': bearer(
      signedBy(hs256(Buffer.concat([pointOf('x'), pointOf('y')])), { alg: 'HS256' }),
    ),
    'HS256 with the first number of the public key, as text': bearer(
      signedBy(hs256(jwk.x ?? ''), { alg: 'HS256' }),
    ),
    'HS256 with no secret': bearer(signedBy(hs256(''), { alg: 'HS256' })),
    'RS256, with the signature of ES256': bearer(signedBy(es256(privateKey), { alg: 'RS256' })),
    'ES384, with the signature of ES256': bearer(signedBy(es256(privateKey), { alg: 'ES384' })),

    'another key, under the name of ours': bearer(signedBy(es256(attackers))),
    'another key, under no name': bearer(signedBy(es256(attackers), { kid: undefined })),
    'another key, under a path': bearer(signedBy(es256(attackers), { kid: '../../dev/null' })),
    'another key, in the token': bearer(
      signedBy(es256(attackers), { jwk: { ...attackersPublicJwk, kid } }),
    ),
    'another key, in the token and under no name': bearer(
      signedBy(es256(attackers), { jwk: attackersPublicJwk, kid: undefined }),
    ),
    'another key, at an address of theirs': bearer(
      signedBy(es256(attackers), { jku: `${attackerUrl}/jwks.json` }),
    ),
    'another key, as a certificate at an address of theirs': bearer(
      signedBy(es256(attackers), { x5u: `${attackerUrl}/cert.pem`, kid: undefined }),
    ),
    'another key, as a certificate in the token': bearer(
      signedBy(es256(attackers), { x5c: [randomBytes(64).toString('base64')], kid: undefined }),
    ),

    'a signature of zeros': bearer(signedBy(() => Buffer.alloc(64))),
    'no signature': bearer(signedBy(unsigned)),
    'half of a signature': bearer(genuine.slice(0, -genuineSignature.length / 2)),
    'a signature and something after it': bearer(`${genuine}AAAA`),
    'a good signature of other claims': bearer(
      [genuineHeader, base64url(JSON.stringify({ ...claims, sub: 'root' })), genuineSignature].join(
        '.',
      ),
    ),
    'a good signature of another header': bearer(
      [base64url(JSON.stringify({ kid, alg: 'ES256' })), genuineClaims, genuineSignature].join('.'),
    ),
    'a header that must be understood, and is not': bearer(
      signedBy(es256(privateKey), { crit: ['admin'], admin: true }),
    ),
    'claims that are signed as they are, and not in base64': bearer(
      signedBy(es256(privateKey), { crit: ['b64'], b64: false }),
    ),
    'claims that are a list': bearer([genuineHeader, base64url('[]'), genuineSignature].join('.')),
    'something that is no token': bearer('let-me-in'),

    'a token without Bearer before it': saying({ authorization: genuine }),
    'a token after another word': saying({ authorization: `Token ${genuine}` }),
    'Bearer, and nothing after it': saying({ authorization: 'Bearer ' }),
    'two tokens': saying({ authorization: `Bearer ${genuine} ${genuine}` }),
    'two headers, with a good token each': saying({
      authorization: [`Bearer ${genuine}`, `Bearer ${genuine}`],
    }),
    'two headers, a good token and a bad one': saying({
      authorization: [`Bearer ${genuine}`, 'Bearer let-me-in'],
    }),
    'two headers, a name with a password and a good token': saying({
      authorization: [`Basic ${btoa('mallory:secret')}`, `Bearer ${genuine}`],
    }),
    'a name and a password': saying({ authorization: `Basic ${btoa('mallory:secret')}` }),
    'an empty header': saying({ authorization: '' }),
  }
  return Object.entries(forges).map(([name, forge]) => ({ name, code: 'UNAUTHENTICATED', forge }))
}

/** Signed requests that somebody changed, signed with what is no longer good, or did not sign enough of. */
export function signatureForgeries(keys: TestKeys, token: string): Forgery[] {
  const { all, other, revoked, finished } = keys
  const signed = (request: RawRequest, options?: SignOptions) => sign(request, all, options)

  const without = (component: string) => (request: RawRequest) => {
    const components = componentsOf(request)
    if (!components.includes(component)) return undefined
    return signed(request, { components: components.filter((name) => name !== component) })
  }
  const afterwards =
    (changed: (request: RawRequest) => RawRequest | undefined) => async (request: RawRequest) =>
      changed(await signed(request)) ?? request

  const invalid: Record<string, Forgery['forge']> = {
    'another method than was signed': async (request) => {
      const { headers } = await signed(change(request, { method: otherMethod(request) }))
      return change(request, { headers })
    },
    'another path than was signed': async (request) => {
      const { headers } = await signed(change(request, { target: `/v2${request.target}` }))
      return change(request, { headers })
    },
    'another query than was signed': async (request) => {
      const [path] = request.target.split('?')
      const { headers } = await signed(change(request, { target: `${path}?asset=SILVER` }))
      return change(request, { headers })
    },
    'a query that was not signed': afterwards((request) =>
      change(request, {
        target: `${request.target}${request.target.includes('?') ? '&' : '?'}x=1`,
      }),
    ),
    'another body than was signed': afterwards((request) =>
      change(request, { body: request.body === '' ? '{}' : `${request.body} ` }),
    ),
    'another body than was signed, with its digest': afterwards((request) => {
      const body = request.body === '' ? '{}' : `${request.body} `
      return change(request, { body, headers: { 'content-digest': sha256Digest(body) } })
    }),
    'the digest of another body, and signed': (request) =>
      request.body === ''
        ? undefined
        : signed(request, { contentDigest: sha256Digest('another body') }),
    'a digest of another kind only': (request) =>
      request.body === ''
        ? undefined
        : signed(request, { contentDigest: `sha-512=:${randomBytes(64).toString('base64')}:` }),
    'another key for the movement than was signed': afterwards((request) =>
      change(request, { headers: { 'idempotency-key': 'another' } }),
    ),
    'another time than was signed': afterwards((request) =>
      changeInput(request, (input) =>
        input.replace(/created=(\d+)/, (_, created) => `created=${Number(created) + 1}`),
      ),
    ),
    'another key id than was signed': afterwards((request) =>
      changeInput(request, (input) => input.replace(`"${all.keyId}"`, `"${other.keyId}"`)),
    ),
    'fewer parts than were signed': afterwards((request) =>
      changeInput(request, (input) => input.replace(' "@path"', '')),
    ),

    ...Object.fromEntries(
      ['@method', '@path', '@query', 'content-digest', 'idempotency-key'].map((component) => [
        `${component} left unsigned`,
        without(component),
      ]),
    ),
    'nothing signed but the time': (request) => signed(request, { components: [] }),
    'a part signed that is not asked for': (request) =>
      signed(request, { components: [...componentsOf(request), '@authority'] }),
    'a part signed twice': (request) =>
      signed(request, { components: [...componentsOf(request), '@method'] }),
    'no time': (request) => signed(request, { created: null }),

    'a key that nobody made': (request) => sign(request, { ...all, keyId: 'nobody' }),
    'a key that was revoked': (request) => sign(request, revoked),
    'a secret that a rotation took away': (request) => sign(request, finished.before),
    'the secret of another key': (request) =>
      sign(request, { keyId: all.keyId, secret: other.secret }),
    'an empty secret': (request) => sign(request, { keyId: all.keyId, secret: '' }),
    'the base64 of the secret instead of its bytes': (request) =>
      sign(request, { ...all, secret: Buffer.from(all.secret).toString('base64') }),
    'another algorithm': (request) => signed(request, { alg: 'hmac-sha512' }),
    'no algorithm': (request) => signed(request, { alg: 'none' }),

    'an empty signature': afterwards((request) =>
      change(request, { headers: { signature: 'sig=::' } }),
    ),
    'half of a signature': afterwards((request) =>
      changeSignature(request, (bytes) => bytes.subarray(0, 16)),
    ),
    'a signature and something after it': afterwards((request) =>
      changeSignature(request, (bytes) => Buffer.concat([bytes, bytes])),
    ),
    'a signature under another name': afterwards((request) =>
      change(request, {
        headers: { signature: String(request.headers['signature']).replace('sig=', 'gis=') },
      }),
    ),
    'a signature without what it covers': afterwards((request) =>
      change(request, { headers: { 'signature-input': undefined } }),
    ),
    'what is covered without a signature': afterwards((request) =>
      change(request, { headers: { signature: undefined } }),
    ),
  }

  const expired: Record<string, Forgery['forge']> = {
    'a signature of long ago': (request) => signed(request, { created: nowSeconds() - 302 }),
    'a signature from the future': (request) => signed(request, { created: nowSeconds() + 330 }),
    'a signature that is over': (request) => signed(request, { expires: nowSeconds() - 1 }),
  }

  const both: Record<string, Forgery['forge']> = {
    'a good token and a good signature': async (request) => withToken(await signed(request), token),
    'a good token and a bad signature': async (request) =>
      withToken(await sign(request, revoked), token),
    'a good token and half of a signed request': async (request) =>
      withToken(
        change(await signed(request), { headers: { 'signature-input': undefined } }),
        token,
      ),
  }

  const toForgeries = (code: Forgery['code'], forges: Record<string, Forgery['forge']>) =>
    Object.entries(forges).map(([name, forge]) => ({ name, code, forge }))
  return [
    ...toForgeries('SIGNATURE_INVALID', invalid),
    ...toForgeries('SIGNATURE_EXPIRED', expired),
    ...toForgeries('UNAUTHENTICATED', both),
  ]
}

function componentsOf({ target, headers, body }: RawRequest): string[] {
  return [
    '@method',
    '@path',
    ...(target.includes('?') ? ['@query'] : []),
    ...(body.length > 0 ? ['content-digest'] : []),
    ...('idempotency-key' in headers ? ['idempotency-key'] : []),
  ]
}

function otherMethod({ method }: RawRequest): string {
  return method === 'GET' ? 'POST' : 'GET'
}

function changeInput(request: RawRequest, changed: (input: string) => string): RawRequest {
  const input = String(request.headers['signature-input'])
  return change(request, { headers: { 'signature-input': changed(input) } })
}

function changeSignature(request: RawRequest, changed: (bytes: Buffer) => Buffer): RawRequest {
  const [, encoded = ''] = /:(.*):/.exec(String(request.headers['signature'])) ?? []
  const bytes = changed(Buffer.from(encoded, 'base64'))
  return change(request, { headers: { signature: `sig=:${bytes.toString('base64')}:` } })
}

/** Keys in every state that a key can be in. */
export interface TestKeys {
  /** With all scopes. */
  readonly all: SigningKey
  readonly byScope: Readonly<Record<Scope, SigningKey>>
  /** Good, and of somebody else. */
  readonly other: SigningKey
  /** With the name of a wallet. */
  readonly namesake: SigningKey
  readonly revoked: SigningKey
  readonly rotating: { readonly before: SigningKey; readonly after: SigningKey }
  readonly finished: { readonly before: SigningKey; readonly after: SigningKey }
}

/** Puts them where the functions look for keys, beside those that are there. */
export function makeTestKeys({ apiKeysFile }: Stack, walletId: string): TestKeys {
  const at = new Date()
  let keys = readApiKeys(readFileSync(apiKeysFile, 'utf8'))
  const keep = <Changed extends { keys: typeof keys; key: ApiKey }>(changed: Changed) => {
    keys = changed.keys
    const key = toSigningKey(changed.key)
    keepSecret(key.secret)
    return key
  }
  const create = (id: string, scopes: readonly Scope[] = SCOPES) =>
    keep(createApiKey(keys, { id, scopes, at }))
  const rotate = (id: string) => {
    const before = create(id)
    return { before, after: keep(rotateApiKey(keys, { id, at })) }
  }

  const testKeys = {
    all: create('shop'),
    byScope: {
      'wallet:read': create('only-reads', ['wallet:read']),
      'wallet:credit': create('only-credits', ['wallet:credit']),
      'wallet:debit': create('only-debits', ['wallet:debit']),
      'wallet:reverse': create('only-reverses', ['wallet:reverse']),
      'wallet:admin': create('only-administers', ['wallet:admin']),
      ops: create('only-operates', ['ops']),
    },
    other: create('other-shop'),
    namesake: create(walletId, ['wallet:debit']),
    revoked: create('revoked'),
    rotating: rotate('rotating'),
    finished: rotate('finished'),
  }
  keep(revokeApiKey(keys, { id: 'revoked', at }))
  keep(finishRotation(keys, { id: 'finished' }))
  writeFileSync(apiKeysFile, JSON.stringify(keys))
  return testKeys
}

/** One more key with all scopes, of the owner that is given or else of its own. */
export function createTestKey({ apiKeysFile }: Stack, id: string, owner?: string): SigningKey {
  const known = readApiKeys(readFileSync(apiKeysFile, 'utf8'))
  const { keys, key } = createApiKey(known, { id, owner, scopes: SCOPES, at: new Date() })
  writeFileSync(apiKeysFile, JSON.stringify(keys))
  const signingKey = toSigningKey(key)
  keepSecret(signingKey.secret)
  return signingKey
}

export function revokeTestKey({ apiKeysFile }: Stack, { keyId: id }: SigningKey): void {
  const known = readApiKeys(readFileSync(apiKeysFile, 'utf8'))
  const { keys } = revokeApiKey(known, { id, at: new Date() })
  writeFileSync(apiKeysFile, JSON.stringify(keys))
}

function toSigningKey({ id, secrets }: ApiKey): SigningKey {
  return { keyId: id, secret: secrets[0]?.secret ?? '' }
}
