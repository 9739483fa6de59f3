import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readRequest } from '../lib/http/request.ts'
import { ROUTES, type Route, routeKey } from '../lib/http/routes.ts'
import { type EmptyFront, startEmptyFront } from '../test/support/empty-front.ts'
import { EDGES, type EdgeName } from './gateway.ts'

/** What is the same in front of the functions, whichever kind of API Gateway it stands for. */

const KEYS = new Set(Object.values<Route>(ROUTES).map(routeKey))

let front: EmptyFront

afterEach(async () => {
  await front.stop()
})

const requests = () => front.seen.map(({ event }) => readRequest(event))
const handledBy = () => front.seen.map((each) => each.handledBy)

describe.each<{ edge: EdgeName }>([{ edge: 'http' }, { edge: 'rest' }])(
  'the $edge front',
  ({ edge }) => {
    const { basePath } = EDGES[edge]

    beforeEach(async () => {
      front = await startEmptyFront(edge)
    })

    test('makes an event that is the request that was sent', async () => {
      await fetch(front.url(`${basePath}/v1/wallets/a%40b/spend?a=1&a=2&b=`), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Twice': 'a, b' },
        body: '{"amount":1}',
      })

      expect(handledBy()).toEqual(['write'])
      expect(requests()).toMatchObject([
        {
          routeKey: 'POST /v1/wallets/{walletId}/spend',
          method: 'POST',
          path: '/v1/wallets/a@b/spend',
          target: { query: 'a=1&a=2&b=' },
          params: { walletId: 'a@b' },
          query: { a: '1,2', b: '' },
          headers: { 'content-type': 'application/json', 'x-twice': 'a, b' },
          body: Buffer.from('{"amount":1}'),
          clientIp: '127.0.0.1',
        },
      ])
    })

    test.each([
      '/nowhere',
      '/',
      '/v1',
      '/v1/wallets/alice/topup/now',
      '/v1/wallets/alice/spend/',
      '/v1//wallets/alice',
      '/v1/%77allets/alice',
    ])('hands %s, which is no path of ours, to the fallback', async (path) => {
      await front.ask(`${basePath}${path}`)

      expect(handledBy()).toEqual(['read'])
      expect(KEYS.has(requests()[0]?.routeKey ?? '')).toBe(false)
    })

    test('hands a method that a path does not have to the fallback', async () => {
      await front.ask(`${basePath}/v1/wallets/alice/spend`, {}, 'DELETE')

      expect(handledBy()).toEqual(['read'])
    })

    test('outlives a client that hangs up half-way', async () => {
      const socket = connect(Number(new URL(front.url('')).port), '127.0.0.1')
      await once(socket, 'connect')
      const head = `POST ${basePath}/v1/wallets/a/spend HTTP/1.1\r\nHost: x\r\nContent-Length: 100`
      socket.write(`${head}\r\n\r\n{"a"`)
      await once(front.server, 'request')
      socket.resetAndDestroy()

      const next = await front.ask(`${basePath}/health`)

      expect(next.status).toBe(200)
      expect(requests().map(({ path }) => path)).toEqual(['/health'])
    })

    test('takes no more than 10 MB', async () => {
      const body = 'x'.repeat(10 * 1024 * 1024 + 1)

      const { status } = await fetch(front.url(`${basePath}/v1/wallets/a/spend`), {
        method: 'POST',
        body,
      })

      expect([status, front.seen]).toEqual([413, []])
    })
  },
)
