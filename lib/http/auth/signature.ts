import {
  createHmac,
  createSecretKey,
  hash,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import {
  type BareItem,
  type InnerList,
  isInnerList,
  type Parameters,
  parseDictionary,
  serializeDictionary,
  serializeInnerList,
} from 'structured-headers'
import type { Caller } from '../caller.ts'
import { Problem } from '../problem.ts'
import type { HttpRequest } from '../request.ts'
import { type ApiKey, type ApiKeys, ownerOf } from './api-keys.ts'

/** HTTP Message Signatures (RFC 9421) with hmac-sha256, and Content-Digest (RFC 9530) for the body. */

export interface SignatureOptions {
  readonly readKeys: () => Promise<ApiKeys>
  readonly now: () => number
}

/** What of a request is signed: the parts that the base of a signature is made of. */
export type SignedRequest = Pick<HttpRequest, 'method' | 'target' | 'headers' | 'body'>

const ALGORITHM = 'hmac-sha256'
const MAX_CLOCK_SKEW_SECONDS = 300
const DIGEST = 'sha-256'
const CHANGES_NOTHING = new Set(['GET', 'HEAD', 'OPTIONS'])
/** A 401 has to say how it would have been right; the scheme for signatures has no name in that register. */
const CHALLENGE = { 'www-authenticate': 'Bearer' }

const COMPONENTS = [
  '@method',
  '@path',
  '@query',
  'content-digest',
  'idempotency-key',
  'if-match',
] as const
type Component = (typeof COMPONENTS)[number]

/** An HMAC with this is computed where a key is not known, so that the time taken does not tell. */
const NOBODYS_SECRET = createSecretKey(randomBytes(32))

/** Who signed a request, if it was signed with a secret that is good now. */
export function createSignatureIdentify({ readKeys, now }: SignatureOptions) {
  return async (request: HttpRequest): Promise<Caller> => {
    const { input, signature } = readSignature(request.headers)
    const parameters = readParameters(input[1])
    const { keyId } = parameters
    const covered = readComponents(input)
    for (const component of mustBeCovered(request)) {
      if (!covered.includes(component)) throw invalid(`"${component}" must be signed.`)
    }

    const { keys } = await readKeys()
    const key = keys.find(({ id }) => id === keyId)
    const bases = spellings(request).map((spelling) => signatureBase(spelling, input))
    if (!isSignedWith(secretsOf(key), bases, signature) || !key) {
      throw new Problem('SIGNATURE_INVALID', 'No live secret of this key made this signature.', {
        // Of the caller's own request, and nothing else: a client that signs it wrong can compare.
        members: { signatureBase: bases[0] },
        headers: CHALLENGE,
      })
    }
    if (covered.includes('content-digest')) checkDigest(request)
    checkTime(parameters, now() / 1000)
    return {
      kind: 'server',
      client: `server:${ownerOf(key)}`,
      keyId: key.owner === undefined ? undefined : key.id,
      scopes: new Set(key.scopes),
    }
  }
}

/**
 * An HTTP API gives a path decoded, and an id such as `a@b` may have been sent and signed as `a%40b`. Both spellings
 * name the same thing. A REST API gives the path as it was sent, and with an escape in it there is no other spelling.
 */
function spellings(request: SignedRequest): SignedRequest[] {
  const { path, query } = request.target
  if (path.includes('%')) return [request]
  const escaped = path.split('/').map(encodeURIComponent).join('/')
  return escaped === path ? [request] : [request, { ...request, target: { path: escaped, query } }]
}

/** All that can be changed in a request and would then mean something else. */
export function mustBeCovered({ method, target, body, headers }: SignedRequest): Component[] {
  const isChange = !CHANGES_NOTHING.has(method)
  return [
    '@method',
    '@path',
    ...(target.query === '' ? [] : ['@query' as const]),
    ...(body.byteLength === 0 ? [] : ['content-digest' as const]),
    // Whoever copies a change and sends it again must get the first answer, and change nothing.
    ...(isChange || headers['idempotency-key'] !== undefined ? (['idempotency-key'] as const) : []),
    ...(headers['if-match'] === undefined ? [] : ['if-match' as const]),
  ]
}

/** The text that is signed: RFC 9421, section 2.5. */
export function signatureBase(request: SignedRequest, input: InnerList): string {
  const lines = readComponents(input).map((name) => `"${name}": ${componentValue(request, name)}`)
  return [...lines, `"@signature-params": ${serializeInnerList(input)}`].join('\n')
}

function componentValue({ method, target, headers }: SignedRequest, component: Component): string {
  switch (component) {
    case '@method':
      return method
    case '@path':
      return target.path
    case '@query':
      return `?${target.query}`
    case 'content-digest':
    case 'idempotency-key':
    case 'if-match':
      return headers[component]?.trim() ?? missing(component)
  }
}

function missing(component: Component): never {
  throw invalid(`"${component}" is signed and is not there.`)
}

export function hmac(secret: KeyObject, base: string): Buffer {
  return createHmac('sha256', secret).update(base).digest()
}

/** To make this of a secret, in base64, takes several times as long as to sign with it. */
export function toSigningSecret(secret: string): KeyObject {
  return createSecretKey(secret, 'base64')
}

/** A dictionary with one byte sequence: RFC 9651. */
export function contentDigest(body: Buffer): string {
  return `${DIGEST}=:${hash('sha256', body, 'base64')}:`
}

/** Keys are the same objects until they are read again and differ. */
const madeSecrets = new WeakMap<ApiKey, readonly KeyObject[]>()

function secretsOf(key: ApiKey | undefined): readonly KeyObject[] {
  if (!key || key.revokedAt || key.secrets.length === 0) return [NOBODYS_SECRET]
  const made = madeSecrets.get(key) ?? key.secrets.map(({ secret }) => toSigningSecret(secret))
  madeSecrets.set(key, made)
  return made
}

function checkTime({ created, expires }: SignatureParameters, nowSeconds: number): void {
  const isOver = expires !== undefined && expires < nowSeconds
  if (isOver || Math.abs(nowSeconds - created) > MAX_CLOCK_SKEW_SECONDS) {
    const most = MAX_CLOCK_SKEW_SECONDS
    throw new Problem(
      'SIGNATURE_EXPIRED',
      `"created" may be ${most} seconds off, and it is ${Math.floor(nowSeconds)} here.`,
      { headers: CHALLENGE },
    )
  }
}

/** Every secret is tried, so that the time taken does not tell which of them it was. */
function isSignedWith(
  secrets: readonly KeyObject[],
  bases: readonly string[],
  signature: Buffer,
): boolean {
  const expectations = secrets.flatMap((secret) => bases.map((base) => hmac(secret, base)))
  const matches = expectations.filter((expected) => {
    return signature.byteLength === expected.byteLength && timingSafeEqual(signature, expected)
  })
  return matches.length > 0
}

function checkDigest({ headers, body }: SignedRequest): void {
  // As nearly everybody writes it. There may be other digests beside it.
  if (headers['content-digest']?.trim() === contentDigest(body)) return
  const digest = dictionary(headers, 'content-digest').get(DIGEST)?.[0]
  if (!(digest instanceof ArrayBuffer)) throw invalid(`Content-Digest must have a ${DIGEST}.`)
  if (!hash('sha256', body, 'buffer').equals(Buffer.from(digest))) {
    throw invalid('The body is not the one of Content-Digest.')
  }
}

function readSignature(headers: HttpRequest['headers']): { input: InnerList; signature: Buffer } {
  const inputs = dictionary(headers, 'signature-input')
  const signatures = dictionary(headers, 'signature')
  const [[label, input] = []] = inputs
  const [signature, parameters] = (label !== undefined && signatures.get(label)) || []
  if (inputs.size !== 1 || signatures.size !== 1 || !input || !isInnerList(input)) {
    throw invalid('Send one Signature-Input and one Signature, under one name.')
  }
  if (!(signature instanceof ArrayBuffer) || (parameters?.size ?? 0) > 0)
    throw invalid('The signature must be a byte sequence.')
  return { input, signature: Buffer.from(signature) }
}

function readComponents([items]: InnerList): Component[] {
  const components = items.map(([name, parameters]) => {
    const known = COMPONENTS.find((component) => component === name)
    if (!known || parameters.size > 0) {
      throw invalid(`Sign these and no others: ${COMPONENTS.join(', ')}.`)
    }
    return known
  })
  if (new Set(components).size < components.length) throw invalid('A part is signed twice.')
  return components
}

interface SignatureParameters {
  readonly created: number
  readonly expires: number | undefined
  readonly keyId: string
}

function readParameters(parameters: Parameters): SignatureParameters {
  const created = parameters.get('created')
  const expires = parameters.get('expires')
  const keyId = parameters.get('keyid')
  const algorithm = parameters.get('alg') ?? ALGORITHM
  if (!isInteger(created)) throw invalid('"created" must be a time in seconds.')
  if (expires !== undefined && !isInteger(expires)) throw invalid('"expires" must be a time, too.')
  if (typeof keyId !== 'string') throw invalid('"keyid" must name a key.')
  if (algorithm !== ALGORITHM) throw invalid(`"alg" must be ${ALGORITHM}, or left out.`)
  return { created, expires, keyId }
}

function isInteger(value: BareItem | undefined): value is number {
  return Number.isSafeInteger(value)
}

/** In the one spelling that the standard writes: what means the same in other bytes was not signed by anybody. */
function dictionary(headers: HttpRequest['headers'], name: string) {
  const written = headers[name]?.trim() ?? ''
  try {
    const parsed = parseDictionary(written)
    if (serializeDictionary(parsed) === written) return parsed
  } catch {
    // Said below, in our own words.
  }
  throw invalid(`${name} is not a dictionary of RFC 9651 in its canonical form.`)
}

function invalid(detail: string): Problem {
  return new Problem('SIGNATURE_INVALID', detail, { headers: CHALLENGE })
}
