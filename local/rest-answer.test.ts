import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { HandlerResult } from './gateway.ts'
import { throughRestApi } from './rest-answer.ts'

const LONG: HandlerResult = { statusCode: 200, headers: {}, body: 'a wallet '.repeat(1_000) }

test.each(['gzip', 'gzip, deflate, br', 'br, GZIP;q=0.5', 'gzip; q=1'])(
  'what is long is compressed for who takes "%s"',
  (accepted) => {
    const { headers, body, isBase64Encoded } = throughRestApi(LONG, accepted)

    expect([headers['content-encoding'], isBase64Encoded]).toEqual(['gzip', true])
    expect(gunzipSync(Buffer.from(body, 'base64')).toString()).toBe(LONG.body)
  },
)

test.each(['', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0, br', 'gzippy'])(
  'it is left as it is for who takes "%s"',
  (accepted) => {
    expect(throughRestApi(LONG, accepted)).toEqual(LONG)
  },
)

test('what is short is left as it is', () => {
  const short = { ...LONG, body: '{}' }

  expect(throughRestApi(short, 'gzip')).toEqual(short)
})

test('what a function gives in base64 is sent as that text: nothing is known to be binary', () => {
  const binary = { ...LONG, body: 'H4sI', isBase64Encoded: true }

  expect(throughRestApi(binary, '')).toEqual({ ...LONG, body: 'H4sI' })
})

test('what a 401 asks for has another name', () => {
  const refusal = { statusCode: 401, headers: { 'www-authenticate': 'Bearer' }, body: '{}' }

  const { headers } = throughRestApi(refusal, '')

  expect(headers).toEqual({ 'x-amzn-Remapped-www-authenticate': 'Bearer' })
})
