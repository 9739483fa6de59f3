import { randomBytes } from 'node:crypto'
import { createVerifier, httpbis } from 'http-message-signatures'
import { expect, test } from 'vitest'
import { sign } from './sign.ts'

/** Verified by a package that knows nothing of ours: so it is RFC 9421 that both sides agree on. */

const KEY = { id: 'canary', secret: randomBytes(32).toString('base64') }
const CREATED = 1_795_240_800

const POST = {
  method: 'POST',
  target: { path: '/prod/v1/wallets/alice/topup', query: '' },
  headers: { 'content-type': 'application/json', 'idempotency-key': 'once' },
  body: Buffer.from('{"asset":"SMOKE","amount":100}'),
}
const GET = {
  method: 'GET',
  target: { path: '/v1/wallets/alice/ledger', query: 'asset=SMOKE&limit=7' },
  headers: {},
  body: Buffer.alloc(0),
}

function verify(
  { method, target: { path, query } }: Pick<typeof POST, 'method' | 'target'>,
  headers: Record<string, string>,
): Promise<boolean | null> {
  const url = `https://wallet.example.com${path}${query === '' ? '' : `?${query}`}`
  const keyLookup = async () => ({
    id: KEY.id,
    algs: ['hmac-sha256' as const],
    verify: createVerifier(Buffer.from(KEY.secret, 'base64'), 'hmac-sha256'),
  })
  return httpbis.verifyMessage({ keyLookup, tolerance: Infinity }, { method, url, headers })
}

test.each([
  { request: POST, covered: '"@method" "@path" "content-digest" "idempotency-key"' },
  { request: GET, covered: '"@method" "@path" "@query"' },
])('$request.method is signed as the standard has it, with all that it means', async (row) => {
  const headers = sign(row.request, KEY, CREATED)

  expect(headers['signature-input']).toBe(`sig=(${row.covered});created=${CREATED};keyid="canary"`)
  expect(await verify(row.request, headers)).toBe(true)
})

test.each([
  { what: 'the method', change: { method: 'PUT' } },
  { what: 'the path', change: { target: { ...POST.target, path: '/v1/wallets/bob/topup' } } },
])('a request with another $what is signed by nobody', async ({ change }) => {
  const headers = sign(POST, KEY, CREATED)

  expect(await verify({ ...POST, ...change }, headers)).toBe(false)
})

test('a body has its digest, and what has none has none', () => {
  const headers = [sign(POST, KEY, CREATED), sign(GET, KEY, CREATED)]

  expect(headers.map((each) => each['content-digest'])).toEqual([
    expect.stringMatching(/^sha-256=:[\w+/]{43}=:$/),
    undefined,
  ])
})
