import { createHash } from 'node:crypto'
import * as http from 'node:http'
import * as https from 'node:https'
import { text } from 'node:stream/consumers'
import { createSigner, httpbis } from 'http-message-signatures'
import { elsewhere } from './elsewhere.ts'

/**
 * Signs as a server of somebody else would: with a package that knows nothing of ours, so that what both
 * sides agree on is RFC 9421 and not a mistake of one of them.
 */

/** Those that a signature covers, and those that it is in. */
export const SIGNED_HEADERS = [
  'content-digest',
  'idempotency-key',
  'signature-input',
  'signature',
] as const

/** A request as it goes out. */
export interface RawRequest {
  readonly method: string
  /** Path and query, as they stand in the request line, but for what is before every path of the service. */
  readonly target: string
  /** In lower case. A list is sent as so many headers of one name. */
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: string | Buffer
}

export interface RawReply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  readonly body: Record<string, unknown>
}

export interface SigningKey {
  readonly keyId: string
  /** In base64. */
  readonly secret: string
}

export interface SignOptions {
  /** What is signed; all that has to be, unless it is given. */
  readonly components?: readonly string[]
  /** In seconds; now, unless it is given, and left out if it is null. */
  readonly created?: number | null
  readonly expires?: number
  readonly alg?: string
  readonly label?: string
  /** Of the signature, beside `created` and `keyid`, in the order in which they are written. */
  readonly parameters?: Readonly<Record<string, string | number>>
  /** Of the body; its sha-256, unless it is given. */
  readonly contentDigest?: string
}

/** The same request, with a digest of its body and a signature. */
export async function sign(
  unsigned: RawRequest,
  { keyId, secret }: SigningKey,
  options: SignOptions = {},
): Promise<RawRequest> {
  const headers = { ...unsigned.headers, ...digestHeader(unsigned.body, options.contentDigest) }
  const { created = Math.floor(Date.now() / 1000), expires, alg, label, parameters } = options
  const { headers: signed } = await httpbis.signMessage(
    {
      key: createSigner(Buffer.from(secret, 'base64'), 'hmac-sha256', keyId),
      name: label ?? 'sig',
      fields: [...(options.components ?? allComponents(unsigned.target, headers))],
      params: [
        'created',
        'keyid',
        ...(alg === undefined ? [] : ['alg']),
        ...(expires === undefined ? [] : ['expires']),
        ...Object.keys(parameters ?? {}),
      ],
      paramValues: {
        ...parameters,
        created: created === null ? null : new Date(created * 1000),
        ...(alg !== undefined && { alg }),
        ...(expires !== undefined && { expires: new Date(expires * 1000) }),
      },
    },
    { method: unsigned.method, url: toUrl(`${BASE_PATH}${unsigned.target}`), headers },
  )
  return { ...unsigned, headers: inLowerCase(signed) }
}

/** Changes some of a request, whether or not it was signed before. A header that is undefined goes away. */
export function change(
  original: RawRequest,
  { headers = {}, ...rest }: Partial<Omit<RawRequest, 'headers'>> & HeaderChanges,
): RawRequest {
  const changed = Object.entries({ ...original.headers, ...headers })
  const present = changed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return { ...original, ...rest, headers: Object.fromEntries(present) }
}

interface HeaderChanges {
  readonly headers?: Readonly<Record<string, string | string[] | undefined>> | undefined
}

/** A stage is a part of the path, and so it is signed, too. */
const BASE_PATH = elsewhere?.basePath ?? ''

const PLAIN = { request: http.request, agent: new http.Agent({ keepAlive: true, maxSockets: 16 }) }
const SECURE = {
  request: https.request,
  agent: new https.Agent({ keepAlive: true, maxSockets: 16 }),
}

/** Byte for byte: `fetch` would resolve `..`, join headers of one name and add some of its own. */
export async function sendRaw(
  url: string,
  { method, target, headers, body }: RawRequest,
): Promise<RawReply> {
  const { protocol, hostname, port, pathname } = new URL(url)
  // Node sends the body of a GET without saying how long it is, unless it is told to.
  const length = body.length > 0 && { 'content-length': String(Buffer.byteLength(body)) }
  const { request, agent } = protocol === 'https:' ? SECURE : PLAIN
  const options = {
    hostname,
    port,
    method,
    path: `${pathname.replace(/\/$/, '')}${target}`,
    headers: { ...headers, ...length },
    agent,
  }
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request(options, resolve).on('error', reject).end(body)
  })
  const { statusCode: status = 0, headers: answered } = answer
  const words = await text(answer)
  return { status, headers: answered, text: words, body: parsed(words, answered) }
}

/** Of JSON that nobody compressed. */
function parsed(words: string, headers: http.IncomingHttpHeaders): Record<string, unknown> {
  const { 'content-type': type = '', 'content-encoding': encoding } = headers
  return words !== '' && type.includes('json') && encoding === undefined ? JSON.parse(words) : {}
}

export function sha256Digest(body: string | Buffer): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
}

function digestHeader(body: string | Buffer, given: string | undefined): Record<string, string> {
  if (given !== undefined) return { 'content-digest': given }
  return body.length === 0 ? {} : { 'content-digest': sha256Digest(body) }
}

function allComponents(target: string, headers: Readonly<Record<string, unknown>>): string[] {
  const present = ['content-digest', 'idempotency-key'].filter((name) => name in headers)
  return ['@method', '@path', ...(target.includes('?') ? ['@query'] : []), ...present]
}

/** The package reads path and query out of a URL, and a URL can be another text than what it was made from. */
function toUrl(target: string): URL {
  const url = new URL(`http://localhost${target}`)
  if (`${url.pathname}${url.search}` !== target) throw new Error(`${target} is not signed as it is`)
  return url
}

function inLowerCase(headers: Record<string, string | string[]>): RawRequest['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}
