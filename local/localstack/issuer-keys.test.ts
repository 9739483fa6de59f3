import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openIssuer, playerToken } from '../issuer.ts'
import { adviceAbout, publishIssuerKey } from './issuer-keys.ts'
import { ISSUER_KEYS } from './place.ts'

interface Received {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly body: string
}

const received: Received[] = []
const s3 = createServer(async (request, response) => {
  received.push({ method: request.method, url: request.url, body: await text(request) })
  response.end()
})
let endpoint: string
let folder: string

beforeEach(async () => {
  received.length = 0
  folder = mkdtempSync(join(tmpdir(), 'strongbox-issuer-'))
  s3.listen(0, '127.0.0.1')
  await once(s3, 'listening')
  const address = s3.address()
  if (typeof address !== 'object' || address === null) throw new Error('there is no address')
  endpoint = `http://127.0.0.1:${address.port}`
})

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  s3.closeAllConnections()
  s3.close()
  await once(s3, 'close')
})

test('what is published verifies the tokens of this machine, and could not sign any', async () => {
  const issuer = await openIssuer(join(folder, 'issuer-key.json'))

  await publishIssuerKey(issuer.publicJwk, { endpoint })

  const [, put] = received
  const published = JSON.parse(put?.body ?? '')
  const token = await playerToken(issuer, 'alice')
  const { payload } = await jwtVerify(token, createLocalJWKSet(published))
  expect(payload.sub).toBe('alice')
  expect(new Set(Object.keys(published.keys[0]))).toEqual(
    new Set(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']),
  )
})

test('it is put where the functions look for it', async () => {
  const issuer = await openIssuer(join(folder, 'issuer-key.json'))

  await publishIssuerKey(issuer.publicJwk, { endpoint })

  const { pathname } = new URL(ISSUER_KEYS.url)
  expect(received.map(({ method, url }) => `${method} ${url?.split('?')[0]}`)).toEqual([
    `PUT ${dirname(pathname)}/`,
    `PUT ${pathname}`,
  ])
})

test.each([
  { code: 'ENOTFOUND', advice: 'name server' },
  { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', advice: 'certificate' },
  { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', advice: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  { code: 'ECONNREFUSED', advice: 'ECONNREFUSED' },
])('$code is explained by "$advice"', ({ code, advice }) => {
  const error = new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) })

  expect(adviceAbout(error)).toContain(advice)
})
