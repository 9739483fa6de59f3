import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { change, type RawRequest } from '../sign.ts'
import { knownCaller, unknownCaller } from './callers.ts'
import { type Draft, isAgainstDocument, toRequest } from './draft.ts'
import type { Shot } from './shot.ts'
import { validDraft } from './valid.ts'
import { nearlyFitting } from './values.ts'
import type { World } from './world.ts'

/** One thing about a valid request is changed, and that one thing may be wrong. */
export function nearlyValidShot(world: World): fc.Arbitrary<Shot> {
  return validDraft(world).chain((draft) =>
    fc.oneof(
      { weight: 5, arbitrary: ofDraft('body', spoiltBody(draft, world)) },
      { weight: 2, arbitrary: ofDraft('path', spoiltPath(draft, world)) },
      { weight: 3, arbitrary: ofDraft('query', spoiltQuery(draft, world)) },
      { weight: 3, arbitrary: ofRequest('json', spoiltText(toRequest(draft))) },
      { weight: 3, arbitrary: ofRequest('header', spoiltHeader(toRequest(draft))) },
      { weight: 2, arbitrary: byNobody(draft) },
    ),
  )
}

function ofDraft(what: string, drafts: fc.Arbitrary<Draft>): fc.Arbitrary<Shot> {
  return fc.tuple(drafts, knownCaller).map(([draft, caller]) => ({
    kind: `nearly valid: ${what}`,
    request: toRequest(draft),
    caller,
    mustBeRefused: isAgainstDocument(draft),
  }))
}

function ofRequest(what: string, requests: fc.Arbitrary<RawRequest>): fc.Arbitrary<Shot> {
  return fc.tuple(requests, knownCaller).map(([request, caller]) => {
    return { kind: `nearly valid: ${what}`, request, caller, mustBeRefused: false }
  })
}

function byNobody(draft: Draft): fc.Arbitrary<Shot> {
  return unknownCaller.map((caller) => ({
    kind: 'nearly valid: caller',
    request: toRequest(draft),
    caller,
    mustBeRefused: !draft.operation.isPublic,
  }))
}

function spoiltBody(draft: Draft, world: World): fc.Arbitrary<Draft> {
  const { body } = draft.operation
  if (!body) return spoiltQuery(draft, world)
  return nearlyFitting(body, world).map((spoilt) => ({ ...draft, body: spoilt }))
}

function spoiltPath(draft: Draft, world: World): fc.Arbitrary<Draft> {
  const { path } = draft.operation
  if (path.length === 0) return spoiltQuery(draft, world)
  return fc.constantFrom(...path).chain(({ name, schema }) =>
    nearlyFitting(schema, world).map((spoilt) => ({
      ...draft,
      // An empty part of a path is another path.
      path: { ...draft.path, [name]: String(spoilt) || ' ' },
    })),
  )
}

function spoiltQuery(draft: Draft, world: World): fc.Arbitrary<Draft> {
  const withPair = (name: string, value: unknown): Draft => {
    return { ...draft, query: [...draft.query, [name, value]] }
  }
  const unknown = fc
    .constantFrom('extra', 'Limit', 'limit[]', '__proto__', 'constructor', 'access_token', '')
    .map((name) => withPair(name, '1'))
  const spoilt = draft.operation.query.map(({ name, schema }) =>
    nearlyFitting(schema, world).map((value) => ({
      ...draft,
      query: [...draft.query.filter(([given]) => given !== name), [name, String(value)] as const],
    })),
  )
  const twice = draft.query.map(([name, value]) => fc.constant(withPair(name, value)))
  const none = draft.query.length > 0 ? [fc.constant({ ...draft, query: [] })] : []
  return fc.oneof(unknown, ...spoilt, ...twice, ...none)
}

/** JSON as people write it who do not use a library, and libraries that are not ours. */
const SPELLINGS: readonly ((text: string) => string)[] = [
  (text) => `\ufeff${text}`,
  (text) => `${text}\n\n`,
  (text) => `${text}${text}`,
  (text) => `${text},`,
  (text) => `[${text}]`,
  (text) => text.slice(0, -1),
  (text) => text.slice(0, text.length / 2),
  (text) => text.replace('}', ',}'),
  (text) => text.replaceAll('"', "'"),
  (text) => text.replace(/^\{/, '{/* new */'),
  (text) => text.replace(/"(\w+)":/, '$1:'),
  (text) => text.replace(/^\{("\w+":[^,}]+)/, '{$1,$1'),
  (text) => text.replace(/:(\d+)/, ':$1.0'),
  (text) => text.replace(/:(\d+)/, ':$1e0'),
  (text) => text.replace(/:(\d+)/, ':0$1'),
  (text) => text.replace(/:(\d+)/, ':+$1'),
  (text) => text.replace(/:(\d+)/, ':"$1"'),
  (text) => text.replace(/:(\d+)/, ':0.99999999999999999'),
  (text) => text.replace(/:(\d+)/, ':NaN'),
  (text) => text.replace(/:(\d+)/, ':Infinity'),
  (text) => text.replace(/"(\w)/, (_, letter) => `"\\u${hex(letter)}`),
  () => '',
  () => ' ',
  () => 'null',
  () => 'asset=GOLD_COINS&amount=1',
]

function hex(letter: string): string {
  return letter.charCodeAt(0).toString(16).padStart(4, '0')
}

function spoiltText(request: RawRequest): fc.Arbitrary<RawRequest> {
  const text = String(request.body)
  const asUtf16 = Buffer.from(text, 'utf16le')
  return fc.oneof(
    fc.constantFrom(...SPELLINGS).map((spell) => ({ ...request, body: spell(text) })),
    fc.constant({ ...request, body: asUtf16 }),
  )
}

type HeaderChanges = Parameters<typeof change>[1]['headers']

function spoiltHeader(request: RawRequest): fc.Arbitrary<RawRequest> {
  const key = String(request.headers['idempotency-key'] ?? 'fuzz-key')
  const changes: HeaderChanges[] = [
    { 'idempotency-key': undefined },
    { 'idempotency-key': '' },
    { 'idempotency-key': ' ' },
    { 'idempotency-key': `"${key}"` },
    { 'idempotency-key': `"${key}` },
    { 'idempotency-key': `"${key}\\x"` },
    { 'idempotency-key': `${key} ${key}` },
    { 'idempotency-key': 'k'.repeat(255) },
    { 'idempotency-key': 'k'.repeat(256) },
    { 'idempotency-key': 'clé' },
    { 'idempotency-key': [key, key] },
    { 'idempotency-key': [key, 'another'] },
    { 'content-type': undefined },
    { 'content-type': '' },
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'multipart/form-data; boundary=x' },
    { 'content-type': 'application/xml' },
    { 'content-type': 'application/jsonp' },
    { 'content-type': 'application/problem+json' },
    { 'content-type': 'APPLICATION/JSON ; charset=utf-8' },
    { 'content-type': 'application/json; charset=utf-16' },
    { 'content-type': ['application/json', 'application/json'] },
    { 'content-type': ['application/json', 'text/plain'] },
    { 'content-type': ['text/plain', 'application/json'] },
    { 'content-encoding': 'gzip' },
    { 'content-encoding': 'identity' },
    { accept: 'text/html' },
    { accept: 'nothing' },
    { 'accept-encoding': 'gzip;q=0, *' },
    { 'if-none-match': '"' },
    { 'if-none-match': Array.from({ length: 50 }, (_, index) => `"${index}"`) },
    { 'x-http-method-override': 'DELETE' },
    { range: 'bytes=0-1' },
  ]
  const gzipped = {
    ...change(request, { headers: { 'content-encoding': 'gzip' } }),
    body: gzipSync(request.body),
  }
  return fc.oneof(
    {
      weight: 20,
      arbitrary: fc.constantFrom(...changes).map((headers) => change(request, { headers })),
    },
    fc.constant(gzipped),
  )
}
