import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { change, type RawRequest } from '../sign.ts'
import { type CallerPlan, operator } from './callers.ts'
import { toRequest } from './draft.ts'
import { CREDENTIALS, HEADERS } from './hostile-headers.ts'
import { BYTES, METHODS, NAMES, NUMBERS, PATHS, QUERIES, TEXTS, TRICKS } from './hostile-words.ts'
import { OPERATIONS } from './operations.ts'
import type { Shot } from './shot.ts'
import { validDraftOf } from './valid.ts'
import type { World } from './world.ts'

/** What nobody sends who means well. */
export function hostileShot(world: World): fc.Arbitrary<Shot> {
  const honest = fc.oneof(
    ...OPERATIONS.map((operation) => validDraftOf(operation, world).map(toRequest)),
  )
  const paid = fc.oneof(
    ...OPERATIONS.filter(({ body }) => body).map((operation) =>
      validDraftOf(operation, world).map(toRequest),
    ),
  )
  const kinds: Readonly<Record<string, fc.Arbitrary<RawRequest>>> = {
    nesting: fc.tuple(paid, DEEP).map(([request, body]) => ({ ...request, body })),
    number: fc
      .tuple(paid, fc.constantFrom(...NUMBERS))
      .map(([request, number]) => withNumber(request, number)),
    name: fc
      .tuple(paid, fc.constantFrom(...NAMES))
      .map(([request, name]) => withName(request, name)),
    characters: withTexts(world),
    bytes: fc
      .tuple(paid, fc.constantFrom(...BYTES), fc.nat())
      .map(([request, bytes, at]) => ({ ...request, body: inserted(request.body, bytes, at) })),
    noise: fc
      .tuple(paid, fc.uint8Array({ maxLength: 200 }))
      .map(([request, noise]) => ({ ...request, body: Buffer.from(noise) })),
    compressed: fc.tuple(paid, fc.constantFrom(...PACKERS)).map(([request, pack]) => pack(request)),
    target: fc.tuple(honest, fc.constantFrom(...TRICKS), fc.nat()).map(([request, trick, at]) => ({
      ...request,
      target: withTrick(request.target, trick, at),
    })),
    path: fc
      .tuple(honest, fc.constantFrom(...PATHS))
      .map(([request, target]) => ({ ...request, target })),
    query: fc.tuple(honest, ANY_QUERY).map(([request, query]) => ({
      ...request,
      target: `${request.target.split('?')[0]}?${query}`,
    })),
    method: fc
      .tuple(honest, fc.constantFrom(...METHODS))
      .map(([request, method]) => ({ ...request, method })),
    length: fc
      .tuple(paid, fc.constantFrom(...LONG))
      .map(([request, lengthen]) => lengthen(request)),
    header: fc.tuple(honest, HEADERS).map(([request, headers]) => change(request, { headers })),
  }
  const byCaller = fc
    .tuple(honest, CREDENTIALS)
    .map(([request, headers]) =>
      toShot('caller', change(request, { headers }), { kind: 'as-it-is' }),
    )
  return fc.oneof(
    ...Object.entries(kinds).map(([kind, requests]) =>
      requests.map((request) => toShot(kind, request)),
    ),
    byCaller,
  )
}

function toShot(kind: string, request: RawRequest, caller: CallerPlan = operator): Shot {
  return { kind: `hostile: ${kind}`, request, caller, mustBeRefused: false }
}

const DEEP = fc
  .tuple(
    fc.constantFrom('[', '{"a":', '{"metadata":', '[{"a":'),
    fc.integer({ min: 5, max: 4_000 }),
    fc.boolean(),
  )
  .map(([opening, depth, isClosed]) => {
    const closing = Array.from(opening, (character) => ({ '[': ']', '{': '}' })[character] ?? '')
    const end = isClosed ? closing.toReversed().join('').repeat(depth) : ''
    return `${opening.repeat(depth)}1${end}`
  })

function withNumber(request: RawRequest, number: string): RawRequest {
  const text = String(request.body)
  const body = /:\d+/.test(text) ? text.replace(/:\d+/, `:${number}`) : `{"amount":${number}}`
  return { ...request, body }
}

function withName(request: RawRequest, name: string): RawRequest {
  const text = String(request.body)
  return { ...request, body: text === '{}' ? `{${name}}` : text.replace('{', `{${name},`) }
}

/** Where a text can stand that is kept, and given back later. */
const CARRIERS: Readonly<Record<string, (text: string) => string>> = {
  topup: (text) => `{"asset":"GOLD_COINS","amount":1,"reference":"${text}"}`,
  bonus: (text) => `{"asset":"GOLD_COINS","amount":1,"metadata":{"${text}":"${text}"}}`,
  freeze: (text) => `{"reason":"${text}"}`,
  putWallet: (text) => `{"metadata":{"${text}":"${text}"}}`,
  putAsset: (text) => `{"name":"${text}","scale":0}`,
  spend: (text) => `{"asset":"${text}","amount":1}`,
  transfer: (text) => `{"to":"${text}","asset":"GOLD_COINS","amount":1}`,
}

function withTexts(world: World): fc.Arbitrary<RawRequest> {
  const carried = OPERATIONS.flatMap((operation) => {
    const carry = CARRIERS[operation.name]
    if (!carry) return []
    const requests = validDraftOf(operation, world).map(toRequest)
    return [
      fc
        .tuple(requests, fc.constantFrom(...TEXTS))
        .map(([request, text]) => ({ ...request, body: carry(text) })),
    ]
  })
  return fc.oneof(...carried)
}

function inserted(body: string | Buffer, bytes: Buffer, at: number): Buffer {
  const whole = Buffer.from(body)
  const index = at % (whole.length + 1)
  return Buffer.concat([whole.subarray(0, index), bytes, whole.subarray(index)])
}

const packed =
  (encoding: string, pack: (body: string) => Buffer) =>
  (request: RawRequest): RawRequest => ({
    ...change(request, { headers: { 'content-encoding': encoding } }),
    body: pack(String(request.body)),
  })

const BOMB = 'a'.repeat(1_000_000)

const PACKERS = [
  packed('gzip', gzipSync),
  packed('deflate', deflateSync),
  packed('br', (body) => Buffer.from(body)),
  packed('gzip, gzip', (body) => gzipSync(gzipSync(body))),
  packed('gzip', () => gzipSync(`{"reference":"${BOMB}"}`)),
  packed('identity', gzipSync),
]

/** Puts it in place of one part of the path. */
function withTrick(target: string, trick: string, at: number): string {
  const [path = '', query] = target.split('?')
  const parts = path.split('/')
  const index = 1 + (at % (parts.length - 1))
  const tricked = parts.with(index, trick).join('/')
  return query === undefined ? tricked : `${tricked}?${query}`
}

const ANY_QUERY = fc.oneof(
  fc.constantFrom(...QUERIES),
  fc
    .nat({ max: 400 })
    .map((count) => Array.from({ length: count }, (_, index) => `p${index}=1`).join('&')),
  fc
    .base64String({ minLength: 4, maxLength: 200 })
    .map((cursor) => `cursor=${encodeURIComponent(cursor)}`),
)

const LONG: readonly ((request: RawRequest) => RawRequest)[] = [
  (request) => ({ ...request, target: `${request.target}${'/x'.repeat(1_100)}` }),
  (request) => ({ ...request, target: `${request.target}?x=${'y'.repeat(2_100)}` }),
  (request) => ({ ...request, target: `${request.target}?x=${'y'.repeat(7_000)}` }),
  (request) => change(request, { headers: { 'x-long': 'h'.repeat(8_200) } }),
  (request) => change(request, { headers: { cookie: 'c=1; '.repeat(1_500) } }),
  (request) => change(request, { headers: { 'x-many': Array.from({ length: 500 }, () => 'v') } }),
  (request) => change(request, { headers: { [`x-${'n'.repeat(5_000)}`]: 'v' } }),
  (request) => ({ ...request, body: ' '.repeat(32 * 1_024) }),
  (request) => ({ ...request, body: `${request.body}${' '.repeat(32 * 1_024)}` }),
  (request) => ({ ...request, body: `{"reference":"${'r'.repeat(31 * 1_024)}"}` }),
  (request) => ({ ...request, body: `{"metadata":{${manyFields(1_500)}}}` }),
  (request) => ({ ...request, body: `[${'1,'.repeat(15_000)}1]` }),
  (request) => ({ ...request, body: `"${'\\'.repeat(32_000)}` }),
  (request) => ({ ...request, body: 'x'.repeat(300_000) }),
]

function manyFields(count: number): string {
  return Array.from({ length: count }, (_, index) => `"name${index}":"v"`).join()
}
