import { gunzipSync } from 'node:zlib'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { expect, test } from 'vitest'
import type { ApiResponse } from './api.ts'
import { gzip } from './gzip.ts'
import type { ApiEvent } from './request.ts'

const LONG = 'a wallet '.repeat(1_000)

/** What a client gets that asks like this, when a function answers like that. */
async function ask(acceptEncoding: string | undefined, body = LONG, statusCode = 200) {
  const handler = middy<ApiEvent, ApiResponse, Error, Context>(async () => {
    return { statusCode, headers: {}, body }
  }).use(gzip())
  const event = {
    headers: acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding },
    requestContext: { http: { method: 'GET', path: '/docs' } },
  }
  return handler(event as unknown as ApiEvent, {} as Context)
}

test('a client that takes gzip gets the same text, compressed', async () => {
  const { headers, body, isBase64Encoded } = await ask('gzip, deflate, br')

  const bytes = Buffer.from(body, 'base64')
  expect(isBase64Encoded).toBe(true)
  expect(headers['content-encoding']).toBe('gzip')
  expect(bytes.length).toBeLessThan(LONG.length / 10)
  expect(gunzipSync(bytes).toString()).toBe(LONG)
})

test.each(['gzip', 'br,gzip', 'deflate , GZIP;q=0.5', 'gzip;q=1.0', 'gzip; q=0.001'])(
  'accept-encoding %s takes gzip',
  async (acceptEncoding) => {
    const { headers } = await ask(acceptEncoding)

    expect(headers['content-encoding']).toBe('gzip')
  },
)

test.each([undefined, '', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0', 'gzippy', 'not-gzip'])(
  'accept-encoding %s does not take gzip',
  async (acceptEncoding) => {
    const { headers, body, isBase64Encoded } = await ask(acceptEncoding)

    expect({ body, isBase64Encoded }).toEqual({ body: LONG })
    expect(headers['content-encoding']).toBeUndefined()
  },
)

test('whoever keeps an answer hears that it depends on what a client takes', async () => {
  const answers = await Promise.all([ask('gzip'), ask('identity')])

  expect(answers.map(({ headers }) => headers['Vary'])).toEqual([
    'Accept-Encoding',
    'Accept-Encoding',
  ])
})

test('what is short, or no success, is left as it is', async () => {
  const short = await ask('gzip', '{}')
  const failed = await ask('gzip', LONG, 503)

  expect([short, failed]).toEqual([
    { statusCode: 200, headers: {}, body: '{}' },
    { statusCode: 503, headers: {}, body: LONG },
  ])
})

test('behind a REST API, which compresses by itself, an answer is left as it is', async () => {
  const handler = middy<ApiEvent, ApiResponse, Error, Context>(async () => {
    return { statusCode: 200, headers: {}, body: LONG }
  }).use(gzip())
  const event = {
    httpMethod: 'GET',
    resource: '/docs',
    path: '/docs',
    multiValueHeaders: { 'Accept-Encoding': ['gzip'] },
    requestContext: { path: '/dev/docs', identity: { sourceIp: '192.0.2.1' } },
  }

  const answer = await handler(event as unknown as ApiEvent, {} as Context)

  expect(answer).toEqual({ statusCode: 200, headers: { Vary: 'Accept-Encoding' }, body: LONG })
})
