// Signs one request as a server does, and sends it. Needs nothing but Node:
//
//   node docs/examples/signed-request.mjs                       alice's daily bonus, from what `npm start` runs
//   node docs/examples/signed-request.mjs METHOD PATH [JSON]    any other request
//
//   --credentials FILE         what `npm start` has written (default: .local/dev-credentials.json)
//   --url URL --key-file FILE  another Strongbox, with a key as `npm run keys -- create NAME --into FILE` writes it

import { createHash, createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    credentials: { type: 'string', default: '.local/dev-credentials.json' },
    url: { type: 'string' },
    'key-file': { type: 'string' },
  },
})
const bonus = JSON.stringify({ asset: 'GOLD_COINS', amount: 5, reference: 'daily-login' })
const [method, path, body = ''] =
  positionals.length > 0 ? positionals : ['POST', '/v1/wallets/alice/bonus', bonus]
const { baseUrl, key } = readKey(values)
const url = new URL(baseUrl + path)

const covered = { '@method': method, '@path': url.pathname }
if (url.search) covered['@query'] = url.search
if (body) {
  const sha256 = createHash('sha256').update(body).digest('base64')
  covered['content-digest'] = `sha-256=:${sha256}:`
}
if (method !== 'GET') covered['idempotency-key'] = randomUUID()

// RFC 9421, section 2.5: a line for each part, and one that says which parts there are.
const names = Object.keys(covered).map((name) => `"${name}"`)
const created = Math.floor(Date.now() / 1000)
const parameters = `(${names.join(' ')});created=${created};keyid="${key.id}"`
const lines = Object.entries(covered).map(([name, value]) => `"${name}": ${value}`)
const base = [...lines, `"@signature-params": ${parameters}`].join('\n')
const signature = createHmac('sha256', Buffer.from(key.secret, 'base64')).update(base)

const headers = Object.fromEntries(Object.entries(covered).filter(([name]) => name[0] !== '@'))
const answer = await fetch(url, {
  method,
  headers: {
    ...headers,
    ...(body && { 'content-type': 'application/json' }),
    'signature-input': `sig=${parameters}`,
    signature: `sig=:${signature.digest('base64')}:`,
  },
  ...(body && { body }),
})
console.log(answer.status, await answer.text())

function readKey({ credentials, url: baseUrl, 'key-file': keyFile }) {
  if (keyFile) return { baseUrl, key: JSON.parse(readFileSync(keyFile, 'utf8')) }
  const { hmac, ...known } = JSON.parse(readFileSync(credentials, 'utf8'))
  return { baseUrl: baseUrl ?? known.baseUrl, key: { id: hmac.keyId, secret: hmac.secret } }
}
