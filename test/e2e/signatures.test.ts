import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRest } from '../../lib/http/request.ts'
import { createGateway, type Handler } from '../../local/gateway.ts'
import { lambdaContext } from '../../local/lambda-context.ts'
import { newWallet, openStack, type StackApi } from '../support/api.ts'
import { change, type RawRequest, SIGNED_HEADERS, sendRaw, sign } from '../support/sign.ts'

/** What a signature is for, bit by bit: of what was signed, nobody can change anything on its way. */

const GOLD = 'GOLD_COINS'
const HAS = 1_000

let api: StackApi
let wallet: string

beforeAll(async () => {
  api = await openStack()
  wallet = newWallet()
  await api.post(`/v1/wallets/${wallet}/topup`, { asset: GOLD, amount: HAS })
})

afterAll(async () => {
  await api.stop()
})

function signed(request: Omit<RawRequest, 'headers'> & Partial<RawRequest>): Promise<RawRequest> {
  return sign({ headers: {}, ...request }, api.credentials.hmac)
}

async function ledger(): Promise<unknown> {
  return api.books.read()
}

/** The texts of a request that are signed, or that sign it, and the same request with another one. */
function signedTexts(request: RawRequest) {
  const [path = '', query] = request.target.split('?')
  const headers = SIGNED_HEADERS.flatMap((name) => {
    const value = request.headers[name]
    if (typeof value !== 'string') return []
    return [{ name, value, put: (text: string) => change(request, { headers: { [name]: text } }) }]
  })
  return [
    {
      name: 'method',
      value: request.method,
      put: (text: string) => change(request, { method: text }),
    },
    {
      name: 'path',
      value: path,
      put: (text: string) => change(request, { target: joined(text, query) }),
    },
    {
      name: 'query',
      value: query ?? '',
      put: (text: string) => change(request, { target: joined(path, text) }),
    },
    {
      name: 'body',
      value: request.body.toString('latin1'),
      put: (text: string) => change(request, { body: Buffer.from(text, 'latin1') }),
    },
    ...headers,
  ]
}

function joined(path: string, query: string | undefined): string {
  return query === undefined ? path : `${path}?${query}`
}

interface Variant {
  readonly what: string
  readonly request: RawRequest
}

/** Every request that differs from a signed one in one bit of one byte, or in one byte more or less. */
function variantsOf(request: RawRequest): Variant[] {
  return signedTexts(request).flatMap(({ name, value, put }) => {
    const bytes = Buffer.from(value, 'latin1')
    return Array.from(bytes.keys()).flatMap((index) => {
      const [before, after] = [bytes.subarray(0, index), bytes.subarray(index + 1)]
      const byte = bytes[index] ?? 0
      const variant = (what: string, ...middle: number[]) => ({
        what: `${what} of byte ${index} of the ${name}`,
        request: put(Buffer.concat([before, Buffer.from(middle), after]).toString('latin1')),
      })
      const flipped = Array.from({ length: 8 }, (_, bit) =>
        variant(`bit ${bit}`, byte ^ (1 << bit)),
      )
      return [...flipped, variant('none'), variant('two', byte, byte)]
    })
  })
}

type Handlers = Record<'write' | 'read' | 'admin', Handler>

/** The ones that the stack serves: a module is loaded once. */
async function loadHandlers(): Promise<Handlers> {
  const [write, read, admin] = await Promise.all([
    import('../../functions/write/handler.ts'),
    import('../../functions/read/handler.ts'),
    import('../../functions/admin/handler.ts'),
  ])
  return { write: write.handler, read: read.handler, admin: admin.handler }
}

/** The event that the gateway makes of a request. */
async function eventOf(request: RawRequest): Promise<APIGatewayProxyEventV2> {
  const seen: APIGatewayProxyEventV2[] = []
  const remember: Handler = async (event) => {
    if (!isRest(event)) seen.push(event)
    return { statusCode: 200, headers: {}, body: '' }
  }
  const gateway = createGateway({
    handlers: { write: remember, read: remember, admin: remember, ops: remember, docs: remember },
  })
  gateway.listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  const address = gateway.address()
  const port = typeof address === 'object' ? address?.port : 0
  await sendRaw(`http://127.0.0.1:${port}`, request)
  gateway.closeAllConnections()
  gateway.close()
  const [event] = seen
  if (!event) throw new Error('the gateway made no event')
  return event
}

/**
 * The event of a changed request, which still comes to the route, and with the parameters, that it had: so it is
 * the signature alone that can refuse it. It can have bytes that no HTTP client and no gateway lets through.
 */
function changedEvent(
  template: APIGatewayProxyEventV2,
  { method, target, headers, body }: RawRequest,
): APIGatewayProxyEventV2 {
  const [path = '', query = ''] = target.split(/\?(.*)/s)
  const { requestContext } = template
  return {
    ...template,
    rawQueryString: query,
    headers: {
      ...template.headers,
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}`])),
    },
    requestContext: { ...requestContext, http: { ...requestContext.http, method, path } },
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  }
}

const spendOf = (walletId: string): Promise<RawRequest> =>
  signed({
    method: 'POST',
    target: `/v1/wallets/${walletId}/spend`,
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ asset: GOLD, amount: 30 }),
  })

const REQUESTS: readonly {
  readonly what: string
  readonly by: keyof Handlers
  readonly make: () => Promise<RawRequest>
}[] = [
  { what: 'that spends', by: 'write', make: () => spendOf(wallet) },
  {
    what: 'with a query, that reads',
    by: 'read',
    make: () =>
      signed({
        method: 'GET',
        target: `/v1/wallets/${wallet}/balances/${GOLD}?consistent=true&at=2030-01-01`,
        body: '',
      }),
  },
  {
    what: 'that administers',
    by: 'admin',
    make: () =>
      signed({
        method: 'PUT',
        target: `/v1/wallets/${wallet}`,
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: '{"metadata":{"vip":"yes"}}',
      }),
  },
]

describe.each(REQUESTS)('a signed request $what', ({ by, make }) => {
  test('is refused with any bit of it changed, and with any byte more or less', async () => {
    const [handlers, request] = [await loadHandlers(), await make()]
    const template = await eventOf(request)
    const variants = variantsOf(request)
    const before = await ledger()

    const wrong: string[] = []
    for (const { what, request: variant } of variants) {
      const event = changedEvent(template, variant)
      const { statusCode } = await handlers[by](event, lambdaContext(by, 29_000))
      if (statusCode !== 401) wrong.push(`${what}: ${statusCode}`)
    }

    expect(variants.length).toBeGreaterThan(2_000)
    expect(wrong).toEqual([])
    expect(await ledger()).toEqual(before)
  })

  test('is refused on its way through HTTP, too', async () => {
    const sample = variantsOf(await make()).filter((_, index) => index % 23 === 0)
    const before = await ledger()

    const outcomes = await Promise.all(sample.map(({ request }) => httpOutcome(request)))

    const passed = sample.filter((_, index) => !REFUSED.has(outcomes[index] ?? ''))
    expect(passed.map(({ what }) => what)).toEqual([])
    // Most of them do get there.
    expect(outcomes.filter((outcome) => outcome === '401').length).toBeGreaterThan(50)
    expect(await ledger()).toEqual(before)
  })
})

const REFUSED = new Set(['401', 'not sent', 'not HTTP'])

/** Some bytes cannot stand where they were put: the client refuses to send them, or the server to read them. */
async function httpOutcome(request: RawRequest): Promise<string> {
  try {
    const { status, headers } = await sendRaw(api.url, request)
    const isOurs = headers['x-request-id'] !== undefined
    return isOurs ? String(status) : 'not HTTP'
  } catch {
    return 'not sent'
  }
}

test('a path is signed as it is read: nobody behind API Gateway knows how it was written', async () => {
  const written = `/v1/wallets/${wallet.replace(/^p/, '%70')}`
  const asWritten = await signed({ method: 'GET', target: written, body: '' })
  const asRead = await signed({ method: 'GET', target: `/v1/wallets/${wallet}`, body: '' })

  const replies = [
    await sendRaw(api.url, asWritten),
    await sendRaw(api.url, change(asRead, { target: written })),
  ]

  expect(replies.map(({ status }) => status)).toEqual([401, 200])
})

test('a query is signed as it is written, and not as it is read', async () => {
  const path = `/v1/wallets/${wallet}/transactions`
  const request = await signed({ method: 'GET', target: `${path}?limit=5&order=asc`, body: '' })

  const replies = await Promise.all(
    ['limit=5&order=asc', 'order=asc&limit=5', 'limit=%35&order=asc', 'limit=5&order=asc&'].map(
      (query) => sendRaw(api.url, change(request, { target: `${path}?${query}` })),
    ),
  )

  expect(replies.map(({ status }) => status)).toEqual([200, 401, 401, 401])
})
