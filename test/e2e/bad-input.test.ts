import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, newWallet, openApi, type Reply, type SendOptions } from '../support/api.ts'
import { withToken } from '../support/forgeries.ts'
import { sendRaw } from '../support/sign.ts'

const GOLD = 'GOLD_COINS'
const GOOD_BODY = `{"asset":"${GOLD}","amount":250}`
const MAX_BODY_BYTES = 32 * 1024
const STACK_TRACE = /node_modules|\.ts:\d+|\bat \w+ \(/

let api: Api
/** A wallet that the good form of every bad request would change. */
let wallet: string
let topup: string

beforeAll(async () => {
  api = await openApi()
  wallet = newWallet()
  topup = `/v1/wallets/${wallet}/topup`
  await api.post(topup, { asset: GOLD, amount: 1000 })
})

afterAll(async () => {
  await api.stop()
})

/** All that is written down. */
async function ledger(): Promise<unknown> {
  return api.books.read()
}

function postHeaders(headers: Record<string, string> = {}): Record<string, string> {
  return { 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers }
}

async function postText(body: SendOptions['body'] = GOOD_BODY, path = topup): Promise<Reply> {
  return api.send('POST', path, { headers: postHeaders(), ...(body !== undefined && { body }) })
}

function movement(fields: Record<string, unknown>): string {
  return JSON.stringify({ asset: GOLD, amount: 250, ...fields })
}

/** What every refusal has in common, beside what `openApi` checks of every answer. */
function expectProblem({ status, body, text: words }: Reply, wanted: number, code: string): void {
  expect([status, body['code']]).toEqual([wanted, code])
  expect(words).not.toMatch(STACK_TRACE)
}

function expectFault(reply: Reply, path: string): void {
  expectProblem(reply, 400, 'INVALID_REQUEST')
  expect(reply.body['errors']).toContainEqual({ path, message: expect.any(String) })
}

describe('an amount is a whole number from 1 to 2^53-1', () => {
  test.each([
    ...['1.5', '0.1', '1e-3', '250.5', '1.0000000000000001'],
    // What a double would round to a whole number is still a fraction, or not written as a whole one.
    ...['0.99999999999999999999', '250.0', '2.5e2', '1E2', '250.00000000000000000001'],
    ...['"250"', '""', '"1e2"', '"0x10"'],
    ...['0', '-0', '-1', '-250', '0.0', '-0.0'],
    ...['9007199254740992', '9007199254740993', '18446744073709551616', '1e400', '-1e400'],
    ...['null', 'true', 'false', '[]', '[250]', '{}', '{"value":250}'],
  ])('%s is refused and changes nothing', async (amount) => {
    const before = await ledger()

    const reply = await postText(`{"asset":"${GOLD}","amount":${amount}}`)

    expectFault(reply, 'amount')
    expect(await ledger()).toEqual(before)
  })

  test.each([
    'NaN',
    'Infinity',
    '-Infinity',
    '+1',
    '0x10',
    '010',
    '1.',
    '.5',
    '1_000',
    '1n',
    'abc',
  ])('%s is not JSON, and changes nothing', async (amount) => {
    const before = await ledger()

    const reply = await postText(`{"asset":"${GOLD}","amount":${amount}}`)

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test.each(['topup', 'bonus', 'deposit', 'spend', 'withdraw'])(
    'a %s without an amount, or of a part of a coin, is refused and changes nothing',
    async (verb) => {
      const before = await ledger()
      const path = `/v1/wallets/${wallet}/${verb}`

      const replies = [
        await postText(`{"asset":"${GOLD}"}`, path),
        await postText(movement({ amount: 0.5 }), path),
        await postText(movement({ amount: -5 }), path),
      ]

      for (const reply of replies) expectFault(reply, 'amount')
      expect(await ledger()).toEqual(before)
    },
  )
})

describe('a body is one JSON object', () => {
  test.each([
    { body: '', what: 'nothing' },
    { body: '   \n', what: 'white space' },
    { body: 'amount=250&asset=GOLD_COINS', what: 'a form' },
    { body: '<amount>250</amount>', what: 'XML' },
    { body: `[${GOOD_BODY}]`, what: 'an array' },
    { body: '[]', what: 'an empty array' },
    { body: JSON.stringify(GOOD_BODY), what: 'a string' },
    { body: '250', what: 'a number' },
    { body: 'null', what: 'null' },
    { body: 'true', what: 'true' },
    { body: '{}', what: 'an empty object' },
    { body: GOOD_BODY.slice(0, -1), what: 'an object without its end' },
    { body: GOOD_BODY.slice(0, 12), what: 'an object that ends in a string' },
    { body: `{"asset":"${GOLD}","amount":250,}`, what: 'a trailing comma' },
    { body: `${GOOD_BODY}${GOOD_BODY}`, what: 'two objects' },
    { body: `${GOOD_BODY} // please`, what: 'a comment' },
    { body: `{'asset':'${GOLD}','amount':250}`, what: 'single quotes' },
    { body: `{asset:"${GOLD}",amount:250}`, what: 'bare names' },
    { body: `{"asset":"GOLD\n_COINS","amount":250}`, what: 'a line break in a string' },
    { body: `\u{feff}${GOOD_BODY}`, what: 'a byte order mark' },
  ])('$what is refused and changes nothing', async ({ body }) => {
    const before = await ledger()

    const reply = await postText(body)

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test.each([
    { open: '[', inner: '', close: ']', what: 'arrays' },
    { open: '{"a":', inner: '1', close: '}', what: 'objects' },
    { open: '[{"a":', inner: '1', close: '}]', what: 'both' },
  ])('$what in each other are refused at any depth and change nothing', async (shape) => {
    const before = await ledger()
    const nest = (levels: number) =>
      `{"asset":"${GOLD}","amount":250,"metadata":${shape.open.repeat(levels)}${shape.inner}${shape.close.repeat(levels)}}`

    const replies = [
      await postText(nest(2)),
      await postText(nest(8)),
      await postText(nest(9)),
      await postText(nest(3_000)),
      await postText('['.repeat(10_000)),
      await postText(`${'['.repeat(10_000)}${']'.repeat(10_000)}`),
      await postText('{"a":'.repeat(5_000)),
    ]

    for (const reply of replies) expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test('10,000 levels of objects are more than 32 KB, and so too large', async () => {
    const before = await ledger()

    const reply = await postText(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)

    expectProblem(reply, 413, 'PAYLOAD_TOO_LARGE')
    expect(await ledger()).toEqual(before)
  })
})

describe('a body has up to 32 KB', () => {
  test('32 KB are accepted', async () => {
    const reply = await postText(GOOD_BODY.padEnd(MAX_BODY_BYTES))

    expect(reply.status).toBe(201)
  })

  test.each([
    { body: GOOD_BODY.padEnd(MAX_BODY_BYTES + 1), what: 'one byte more' },
    { body: movement({ reference: 'é'.repeat(MAX_BODY_BYTES / 2) }), what: 'fewer characters' },
    { body: ' '.repeat(1024 * 1024), what: '1 MB of nothing' },
    { body: '['.repeat(5 * 1024 * 1024), what: '5 MB of brackets' },
  ])('$what of more than 32 KB is refused and changes nothing', async ({ body }) => {
    const before = await ledger()

    const reply = await postText(body)

    expectProblem(reply, 413, 'PAYLOAD_TOO_LARGE')
    expect(await ledger()).toEqual(before)
  })
})

describe('a name says one thing', () => {
  const object = (fields: string) => `{"asset":"${GOLD}","amount":250,${fields}}`

  test.each([
    object('"__proto__":{"amount":1}'),
    object('"__proto__":null'),
    object('"\\u005f_proto__":{}'),
    object('"\\u005f\\u005fproto\\u005f\\u005f":{}'),
    object('"metadata":{"__proto__":{"a":"b"}}'),
    object('"metadata":{"__proto__":"b"}'),
    object('"metadata":{"\\u005f_proto_\\u005f":"b"}'),
    object('"metadata":{"a":{"__proto__":"b"}}'),
    object('"constructor":{"prototype":{"isAdmin":true}}'),
    object('"constructor":"x"'),
    object('"prototype":{}'),
    object('"toString":"x"'),
    object('"hasOwnProperty":1'),
    `{"__proto__":${GOOD_BODY}}`,
  ])('%s is refused and changes nothing', async (body) => {
    const before = await ledger()

    const reply = await postText(body)

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(Reflect.has({}, 'isAdmin')).toBe(false)
    expect(await ledger()).toEqual(before)
  })

  test.each([
    object('"amount":250'),
    object('"amount":1'),
    object('"asset":"DIAMONDS"'),
    object('"amo\\u0075nt":250'),
    object('"\\u0061mount":1'),
    object('"metadata":{"a":"b","a":"b"}'),
    object('"metadata":{"a":"b","a":"c"}'),
    object('"metadata":{"a":"b","\\u0061":"c"}'),
    object('"metadata":{"a:b":"{}","a\\u003ab":"c"}'),
    object('"metadata":{},"metadata":{}'),
    object('"metadata":{"a":"b"},"metadata":{"a":"b"}'),
  ])('%s gives a name twice, and changes nothing', async (body) => {
    const before = await ledger()

    const reply = await postText(body)

    expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(reply.body['detail']).toContain('twice')
    expect(await ledger()).toEqual(before)
  })

  test.each([
    ['walletId', 'alice'],
    ['Amount', 250],
    ['amount ', 250],
    ['currency', 'EUR'],
    ['type', 'TOPUP'],
    ['from', '@treasury'],
    ['', ''],
  ])('the field "%s" is not known, and changes nothing', async (name, value) => {
    const before = await ledger()

    const reply = await postText(movement({ [name]: value }))

    expectFault(reply, name)
    expect(await ledger()).toEqual(before)
  })
})

describe('a wallet id in a path', () => {
  test.each([
    ...['@treasury', '@external', '-a', '.a', '_a', ':a', '~a', "a'b", 'a,b', 'a+b', 'a*b'],
    ...['a%20b', 'a%2Bb', 'al%C3%ADce', '%F0%9F%92%B0', 'a'.repeat(65)],
  ])('%s is refused and changes nothing', async (id) => {
    const before = await ledger()

    const replies = [
      await postText(GOOD_BODY, `/v1/wallets/${id}/topup`),
      await api.get(`/v1/wallets/${id}`),
    ]

    for (const reply of replies) expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test('nothing where the id should be is an unknown path, and changes nothing', async () => {
    const before = await ledger()

    const topped = await postText(GOOD_BODY, '/v1/wallets//topup')
    const read = await api.get('/v1/wallets/')

    expectProblem(topped, 404, 'NOT_FOUND')
    expectProblem(read, 404, 'NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })
})

describe('an asset code', () => {
  const malformed = [
    'gold_coins',
    'Gold',
    'gOLD',
    'G',
    '',
    '1GOLD',
    '_GOLD',
    'GOLD-COINS',
    'GOLD COINS',
  ]
  const forged = ['GOLD#', '#', `${GOLD}#1`, `${GOLD}\n`, `${GOLD}\u0000`, 'GÖLD', 'A'.repeat(33)]

  test.each([...malformed, ...forged])(
    '%j is refused in a body and changes nothing',
    async (asset) => {
      const before = await ledger()

      const reply = await postText(movement({ asset }))

      expectFault(reply, 'asset')
      expect(await ledger()).toEqual(before)
    },
  )

  test.each([null, 7, true, [GOLD], { code: GOLD }])(
    '%j is no code, and changes nothing',
    async (asset) => {
      const before = await ledger()

      const reply = await postText(movement({ asset }))

      expectFault(reply, 'asset')
      expect(await ledger()).toEqual(before)
    },
  )

  test.each(['topup', 'bonus', 'deposit', 'spend', 'withdraw'])(
    'that nobody registered is not found by a %s, and changes nothing',
    async (verb) => {
      const before = await ledger()

      const reply = await postText(movement({ asset: 'SILVER' }), `/v1/wallets/${wallet}/${verb}`)

      expectProblem(reply, 404, 'ASSET_NOT_FOUND')
      expect(await ledger()).toEqual(before)
    },
  )

  test.each(['gold', 'G', 'A'.repeat(33), 'G%C3%96LD'])(
    '%s is refused in a path and changes nothing',
    async (code) => {
      const before = await ledger()

      const replies = [
        await api.get(`/v1/assets/${code}`),
        await api.get(`/v1/wallets/${wallet}/balances/${code}`),
        await api.send('PUT', `/v1/assets/${code}`, {
          headers: { 'content-type': 'application/json' },
          body: '{"name":"x","scale":0}',
        }),
      ]

      for (const reply of replies) expectProblem(reply, 400, 'INVALID_REQUEST')
      expect(await ledger()).toEqual(before)
    },
  )

  test('that nobody registered is not found', async () => {
    const replies = [
      await api.get('/v1/assets/SILVER'),
      await api.get(`/v1/wallets/${wallet}/balances/SILVER`),
    ]

    for (const reply of replies) expectProblem(reply, 404, 'ASSET_NOT_FOUND')
  })

  test.each([
    { path: 'name', body: { scale: 0 } },
    { path: 'name', body: { name: '', scale: 0 } },
    { path: 'name', body: { name: 7, scale: 0 } },
    { path: 'name', body: { name: '\ud800', scale: 0 } },
    { path: 'scale', body: { name: 'Silver' } },
    { path: 'scale', body: { name: 'Silver', scale: -1 } },
    { path: 'scale', body: { name: 'Silver', scale: 9 } },
    { path: 'scale', body: { name: 'Silver', scale: 0.5 } },
    { path: 'scale', body: { name: 'Silver', scale: '0' } },
    { path: 'active', body: { name: 'Silver', scale: 0, active: false } },
  ])('is not registered with $body', async ({ path, body }) => {
    const before = await ledger()

    const reply = await api.send('PUT', '/v1/assets/SILVER', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

    expectFault(reply, path)
    expect(await ledger()).toEqual(before)
  })
})

describe('reference and metadata', () => {
  const entries = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`name-${index}`, 'value']))

  test.each([
    { what: '129 characters', reference: 'r'.repeat(129) },
    { what: '129 bytes of fewer characters', reference: '€'.repeat(43) },
    { what: 'a lone high surrogate', reference: 'order \ud800' },
    { what: 'a lone low surrogate', reference: '\udc00 order' },
    { what: 'a number', reference: 7 },
    { what: 'null', reference: null },
    { what: 'true', reference: true },
    { what: 'an array', reference: ['order-7'] },
    { what: 'an object', reference: { id: 'order-7' } },
  ])('a reference that is $what is refused and changes nothing', async ({ reference }) => {
    const before = await ledger()

    const reply = await postText(movement({ reference }))

    expectFault(reply, 'reference')
    expect(await ledger()).toEqual(before)
  })

  test.each([
    { what: '17 entries', metadata: entries(17), path: 'metadata' },
    { what: '513 bytes', metadata: { a: 'x'.repeat(512) }, path: 'metadata' },
    { what: '513 bytes in names', metadata: { ['n'.repeat(513)]: '' }, path: 'metadata' },
    {
      what: '513 bytes in two',
      metadata: { a: 'x'.repeat(255), b: 'é'.repeat(128) },
      path: 'metadata',
    },
    { what: 'a number', metadata: { level: 9 }, path: 'metadata.level' },
    { what: 'null', metadata: { level: null }, path: 'metadata.level' },
    { what: 'an object', metadata: { level: { boss: 'hydra' } }, path: 'metadata.level' },
    { what: 'an array', metadata: { levels: ['9'] }, path: 'metadata.levels' },
    { what: 'a lone surrogate', metadata: { level: '\ud800' }, path: 'metadata' },
    { what: 'a lone surrogate in a name', metadata: { '\udfff': '9' }, path: 'metadata' },
    { what: 'an empty name', metadata: { '': 'x' }, path: 'metadata.' },
  ])('metadata with $what is refused and changes nothing', async ({ metadata, path }) => {
    const before = await ledger()

    const reply = await postText(movement({ metadata }))

    expectFault(reply, path)
    expect(await ledger()).toEqual(before)
  })

  test.each([['text'], [7], [null], [true], [['a', 'b']]])(
    'metadata that is %j is refused and changes nothing',
    async (metadata) => {
      const before = await ledger()

      const reply = await postText(movement({ metadata }))

      expectFault(reply, 'metadata')
      expect(await ledger()).toEqual(before)
    },
  )
})

describe('a content type', () => {
  test.each([
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json-patch+json',
    'application/xml',
    'application/*',
    'json',
    'text/plain; application/json',
  ])('%s is refused and changes nothing', async (contentType) => {
    const before = await ledger()

    const reply = await api.send('POST', topup, {
      headers: postHeaders({ 'content-type': contentType }),
      body: GOOD_BODY,
    })

    expectProblem(reply, 415, 'UNSUPPORTED_MEDIA_TYPE')
    expect(await ledger()).toEqual(before)
  })

  test('that is missing is refused and changes nothing', async () => {
    const before = await ledger()

    const reply = await api.send('POST', topup, {
      headers: { 'idempotency-key': randomUUID() },
      body: Uint8Array.from(Buffer.from(GOOD_BODY)),
    })

    expectProblem(reply, 415, 'UNSUPPORTED_MEDIA_TYPE')
    expect(await ledger()).toEqual(before)
  })

  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json;charset=utf-8',
    'application/json ; x=y',
  ])('%s is accepted', async (contentType) => {
    const reply = await api.send('POST', topup, {
      headers: postHeaders({ 'content-type': contentType }),
      body: GOOD_BODY,
    })

    expect(reply.status).toBe(201)
  })
})

describe('an Idempotency-Key', () => {
  test.each(['topup', 'bonus', 'deposit', 'spend', 'withdraw'])(
    'is required for a %s, and without it nothing changes',
    async (verb) => {
      const before = await ledger()

      const reply = await api.send('POST', `/v1/wallets/${wallet}/${verb}`, {
        headers: { 'content-type': 'application/json' },
        body: GOOD_BODY,
      })

      expectProblem(reply, 400, 'IDEMPOTENCY_KEY_REQUIRED')
      expect(await ledger()).toEqual(before)
    },
  )

  test.each([
    { what: 'empty', key: '' },
    { what: 'only spaces', key: '   ' },
  ])('that is $what is missing, and changes nothing', async ({ key }) => {
    const before = await ledger()

    const headers = postHeaders({ 'idempotency-key': key })
    const request = { method: 'POST', target: topup, headers, body: GOOD_BODY }
    const reply = await sendRaw(api.url, withToken(request, api.credentials.adminToken))

    expect(reply).toMatchObject({ status: 400, body: { code: 'IDEMPOTENCY_KEY_REQUIRED' } })
    expect(await ledger()).toEqual(before)
  })

  test.each([
    { what: '256 characters', key: 'k'.repeat(256) },
    { what: '256 characters in quotes', key: `"${'k'.repeat(256)}"` },
    { what: 'a space inside', key: 'my key' },
    { what: 'a space inside quotes', key: '" key"' },
    { what: 'a tab inside', key: 'my\tkey' },
    { what: 'a character beyond ASCII', key: 'clé' },
    { what: 'a pair of quotes with nothing between', key: '""' },
  ])('with $what is refused and changes nothing', async ({ key }) => {
    const before = await ledger()

    const reply = await api.send('POST', topup, {
      headers: postHeaders({ 'idempotency-key': key }),
      body: GOOD_BODY,
    })

    expectFault(reply, 'Idempotency-Key')
    expect(await ledger()).toEqual(before)
  })

  test('of a refused request is still free for the right one', async () => {
    const headers = postHeaders()
    const refused = await api.send('POST', topup, { headers, body: movement({ amount: 1.5 }) })

    const accepted = await api.send('POST', topup, { headers, body: movement({ amount: 1 }) })

    expectFault(refused, 'amount')
    expect(accepted.status).toBe(201)
    expect(accepted.headers.has('idempotency-replayed')).toBe(false)
  })
})

describe('a query', () => {
  test.each([
    { query: 'limit=0', path: 'limit' },
    { query: 'limit=101', path: 'limit' },
    { query: 'limit=1000', path: 'limit' },
    { query: 'limit=-1', path: 'limit' },
    { query: 'limit=abc', path: 'limit' },
    { query: 'limit=1.5', path: 'limit' },
    { query: 'limit=1e1', path: 'limit' },
    { query: 'limit=0x10', path: 'limit' },
    { query: 'limit=010', path: 'limit' },
    { query: 'limit=%201', path: 'limit' },
    { query: 'limit=', path: 'limit' },
    { query: 'limit', path: 'limit' },
    { query: 'limit=1&limit=2', path: 'limit' },
    { query: 'limit=1&limit=1', path: 'limit' },
    { query: 'from=2026-02-01&to=2026-01-01', path: 'to' },
    { query: 'from=2026-01-01T00:00:01Z&to=2026-01-01T01:00:00%2B01:00', path: 'to' },
    { query: 'from=yesterday', path: 'from' },
    { query: 'from=', path: 'from' },
    { query: 'from=1767225600000', path: 'from' },
    { query: 'from=2026-13-01', path: 'from' },
    { query: 'from=2026-02-30', path: 'from' },
    { query: 'from=2026-01-01&from=2026-01-02', path: 'from' },
    { query: 'to=01/02/2026', path: 'to' },
    { query: 'to=2026-01-01T25:00:00Z', path: 'to' },
    { query: 'type=GIFT', path: 'type' },
    { query: 'type=topup', path: 'type' },
    { query: 'type=TOPUP&type=SPEND', path: 'type' },
    { query: 'asset=gold', path: 'asset' },
    { query: `asset=${GOLD}%23`, path: 'asset' },
    { query: 'consistent=maybe', path: 'consistent' },
    { query: 'consistent=1', path: 'consistent' },
    { query: 'consistent=TRUE', path: 'consistent' },
    { query: 'consistent=true&consistent=true', path: 'consistent' },
    { query: 'offset=10', path: 'offset' },
    { query: 'Limit=10', path: 'Limit' },
    { query: 'a[b]=1', path: 'a[b]' },
    { query: 'constructor=1', path: 'constructor' },
  ])('?$query of the history is refused and changes nothing', async ({ query, path }) => {
    const before = await ledger()

    const reply = await api.get(`/v1/wallets/${wallet}/transactions?${query}`)

    expectFault(reply, path)
    expect(await ledger()).toEqual(before)
  })

  test('?__proto__=1 is refused and changes nothing', async () => {
    const before = await ledger()

    const replies = [
      await api.get(`/v1/wallets/${wallet}?__proto__=1`),
      await api.get(`/v1/wallets/${wallet}/transactions?__proto__=1`),
      await postText(GOOD_BODY, `${topup}?__proto__=1`),
    ]

    for (const reply of replies) expectProblem(reply, 400, 'INVALID_REQUEST')
    expect(await ledger()).toEqual(before)
  })

  test.each(['/v1/wallets/{id}', '/v1/wallets/{id}/balances/GOLD_COINS', '/v1/assets', '/health'])(
    'of %s is refused when it is not known',
    async (path) => {
      const before = await ledger()

      const reply = await api.get(`${path.replace('{id}', wallet)}?debug=true`)

      expectFault(reply, 'debug')
      expect(await ledger()).toEqual(before)
    },
  )

  test.each(['dryRun=true', 'amount=1', 'consistent=true'])(
    '?%s of a topup is refused and changes nothing',
    async (query) => {
      const before = await ledger()

      const reply = await postText(GOOD_BODY, `${topup}?${query}`)

      expectProblem(reply, 400, 'INVALID_REQUEST')
      expect(await ledger()).toEqual(before)
    },
  )
})

describe('a cursor', () => {
  let cursor: string
  const history = (query: string, id = wallet) => api.get(`/v1/wallets/${id}/transactions?${query}`)

  beforeAll(async () => {
    await postText()
    await postText()
    const { body } = await history('limit=1&consistent=true')
    cursor = String(body['nextCursor'])
  })

  test('goes on where the page before it ended', async () => {
    const [first, second] = [
      await history('limit=1&consistent=true'),
      await history(`limit=1&consistent=true&cursor=${cursor}`),
    ]

    expect(second.status).toBe(200)
    expect(second.body['items']).toHaveLength(1)
    expect(second.body['items']).not.toEqual(first.body['items'])
  })

  test.each([
    ...['', 'abc', 'null', '0', '{}', 'AAAA', '%00', '%F0%9F%92%B0', '..%2F..%2Fetc'],
    Buffer.from('{"at":1,"asset":"GOLD_COINS","seq":1}').toString('base64url'),
    Buffer.alloc(64).toString('base64url'),
    'A'.repeat(1000),
  ])('that reads "%s" is refused and changes nothing', async (forged) => {
    const before = await ledger()

    const reply = await history(`limit=1&cursor=${forged}`)

    expectProblem(reply, 400, 'INVALID_CURSOR')
    expect(await ledger()).toEqual(before)
  })

  test('with one character changed is refused, whichever it is', async () => {
    const changes = Array.from({ length: Math.ceil(cursor.length / 10) }, (_, tenth) => tenth * 10)
    const changed = [...changes, cursor.length - 1].map((at) => {
      const other = cursor[at] === 'A' ? 'B' : 'A'
      return cursor.slice(0, at) + other + cursor.slice(at + 1)
    })

    const replies = await Promise.all(changed.map((forged) => history(`limit=1&cursor=${forged}`)))

    expect(replies.length).toBeGreaterThan(5)
    for (const reply of replies) expectProblem(reply, 400, 'INVALID_CURSOR')
  })

  test('is one string, and not what base64 reads as the same', async () => {
    const variants = [
      `${cursor}=`,
      `${cursor}%3D%3D`,
      `${cursor}%20`,
      `%20${cursor}`,
      `${cursor}A`,
      `${cursor}!`,
      cursor.slice(0, -1),
      cursor.slice(4),
    ]

    const replies = await Promise.all(variants.map((forged) => history(`limit=1&cursor=${forged}`)))

    for (const reply of replies) expectProblem(reply, 400, 'INVALID_CURSOR')
  })

  test.each([
    'asset=GOLD_COINS',
    'type=TOPUP',
    'from=2020-01-01',
    'to=2100-01-01',
    'from=2020-01-01&to=2100-01-01',
  ])('is worth nothing with the filter %s, which it was not made for', async (filter) => {
    const reply = await history(`limit=1&cursor=${cursor}&${filter}`)

    expectProblem(reply, 400, 'INVALID_CURSOR')
  })

  test('is worth nothing with another wallet', async () => {
    const other = newWallet()
    await postText(GOOD_BODY, `/v1/wallets/${other}/topup`)

    const reply = await history(`limit=1&cursor=${cursor}`, other)

    expectProblem(reply, 400, 'INVALID_CURSOR')
  })

  test('given twice is refused', async () => {
    const reply = await history(`limit=1&cursor=${cursor}&cursor=${cursor}`)

    expectProblem(reply, 400, 'INVALID_CURSOR')
  })
})

describe('a path or a method', () => {
  const wrongMethods = [
    { path: '/v1/wallets/alice/topup', allow: 'POST', methods: ['GET', 'PUT', 'DELETE', 'PATCH'] },
    { path: '/v1/wallets/alice/spend', allow: 'POST', methods: ['GET', 'DELETE', 'OPTIONS'] },
    { path: '/v1/wallets/alice', allow: 'GET', methods: ['POST', 'DELETE', 'PATCH'] },
    { path: '/v1/wallets/alice/balances/GOLD_COINS', allow: 'GET', methods: ['PUT', 'DELETE'] },
    { path: '/v1/wallets/alice/transactions', allow: 'GET', methods: ['POST', 'DELETE'] },
    { path: '/v1/assets/GOLD_COINS', allow: 'PUT, GET', methods: ['POST', 'DELETE', 'PATCH'] },
    { path: '/v1/assets', allow: 'GET', methods: ['POST', 'DELETE'] },
    { path: '/health', allow: 'GET', methods: ['POST', 'DELETE'] },
  ]

  test.each(
    wrongMethods.flatMap(({ methods, ...rest }) => methods.map((method) => ({ method, ...rest }))),
  )('$method $path is not allowed and changes nothing', async ({ method, path, allow }) => {
    const before = await ledger()

    const reply = await api.send(method, path, { headers: postHeaders() })

    expectProblem(reply, 405, 'METHOD_NOT_ALLOWED')
    expect(reply.headers.get('allow')?.split(', ')).toEqual(
      expect.arrayContaining(allow.split(', ')),
    )
    expect(reply.headers.get('allow')).not.toContain(method)
    expect(await ledger()).toEqual(before)
  })

  test.each(wrongMethods)('HEAD $path is not allowed and changes nothing', async ({ path }) => {
    const before = await ledger()

    const { status, headers, text } = await api.send('HEAD', path)

    expect([status, text]).toEqual([405, ''])
    expect(headers.get('allow')).toMatch(/GET|POST/)
    expect(headers.get('x-request-id')).toMatch(/./)
    expect(await ledger()).toEqual(before)
  })

  test.each([
    ...['/v1', '/v2/wallets/alice', '/v1/wallets', '/v1/wallet/alice/topup', '/favicon.ico'],
    ...['/V1/wallets/alice/topup', '/v1/wallets/alice/TOPUP', '/v1/wallets/alice/topup/now'],
    ...['/constructor', '/__proto__', '/v1/wallets/alice/__proto__'],
  ])('%s is not there and changes nothing', async (path) => {
    const before = await ledger()

    const replies = [await api.get(path), await postText(GOOD_BODY, path)]

    for (const reply of replies) expectProblem(reply, 404, 'NOT_FOUND')
    expect(await ledger()).toEqual(before)
  })
})

describe('the longest legal value is accepted', () => {
  const funded = async (id: string, fields: Record<string, unknown> = {}) => {
    const reply = await postText(movement(fields), `/v1/wallets/${id}/topup`)
    expect(reply.status).toBe(201)
    return reply.body
  }

  test.each([
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01234.5_6:7@',
    `0${'._:@-'.repeat(12)}789`,
    'a',
    '0',
    'constructor',
  ])('of a wallet id: %s', async (id) => {
    await funded(id)

    const { status, body } = await api.get(`/v1/wallets/${id}?consistent=true`)

    expect([status, body['id']]).toEqual([200, id])
  })

  test('of a wallet id, however the path escapes it', async () => {
    const id = `a@${newWallet()}`
    await funded(encodeURIComponent(id))

    const { body } = await api.get(`/v1/wallets/${id}?consistent=true`)

    expect(body).toMatchObject({ id, balances: [{ asset: GOLD, available: 250 }] })
  })

  test.each(['A2345678901234567890123456789_32', 'AB', 'Z_'])('of an asset: %s', async (asset) => {
    const id = newWallet()

    const { status } = await api.send('PUT', `/v1/assets/${asset}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'n'.repeat(64), scale: 8 }),
    })

    expect(status).toBe(200)
    expect(await funded(id, { asset })).toMatchObject({ postings: [{ asset, amount: 250 }] })
  })

  test.each(['r'.repeat(128), `${'€'.repeat(42)}ab`, '💰', ' ', '#', '__proto__', '', '\u0000'])(
    'of a reference: %j',
    async (reference) => {
      const body = await funded(newWallet(), { reference })

      expect(body).toMatchObject({ reference })
    },
  )

  test.each([
    {
      what: '16 entries, 512 bytes',
      metadata: Object.fromEntries(
        Array.from('abcdefghijklmnop', (letter) => [`${letter}.`, letter.repeat(30)]),
      ),
    },
    { what: 'one entry of 512 bytes', metadata: { é: 'x'.repeat(510) } },
    { what: 'none', metadata: {} },
    {
      what: 'odd names',
      metadata: { constructor: 'a', prototype: 'b', toString: 'c', ' ': '', '#': '' },
    },
  ])('of metadata: $what', async ({ metadata }) => {
    const body = await funded(newWallet(), { metadata })

    expect(body['metadata']).toEqual(metadata)
  })

  test.each([
    { what: '255 signs', keyOf: (id: string) => id.padEnd(254, '!').concat('~') },
    { what: '255 signs in quotes', keyOf: (id: string) => `"${id.padEnd(255, 'k')}"` },
    // Somebody may have sent it before, and then just this.
    { what: 'one sign', keyOf: () => 'k', id: 'one-sign' },
  ])('of a key: $what', async ({ keyOf, id = newWallet() }) => {
    const [path, key] = [`/v1/wallets/${id}/topup`, keyOf(id)]

    const first = await api.post(path, { asset: GOLD, amount: 1 }, key)
    const again = await api.post(path, { asset: GOLD, amount: 1 }, key)

    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.headers.get('idempotency-replayed')).toBe('true')
  })

  test('of an amount: 2^53-1', async () => {
    const id = newWallet()

    await funded(id, { amount: Number.MAX_SAFE_INTEGER })

    const { text: words } = await api.get(`/v1/wallets/${id}/balances/${GOLD}?consistent=true`)
    expect(words).toContain('"available":9007199254740991,')
  })

  test.each(['limit=100', 'limit=1', 'from=2026-01-01&to=2026-01-02', 'from=1970-01-01T00:00:00Z'])(
    'of a query: %s',
    async (query) => {
      const { status } = await api.get(`/v1/wallets/${wallet}/transactions?${query}`)

      expect(status).toBe(200)
    },
  )
})

test('after all of that, the ledger keeps every invariant', async () => {
  const { entries, faults } = await api.books.check()

  expect(entries).toBeGreaterThan(20)
  expect(faults).toEqual([])
})
