// Signs one request as a server does, and sends it. Needs nothing but Node:
//
//   node docs/examples/signed-request.mjs                       alice's daily bonus, from what `npm start` runs
//   node docs/examples/signed-request.mjs METHOD PATH [JSON]    any other request
//
//   --idempotency-key KEY      the same as before, to send a request again: it happens once (default: a new one)
//   --credentials FILE         what `npm start` has written (default: .local/dev-credentials.json)
//   --url URL --key-file FILE  another Strongbox, with a key as `npm run keys -- create NAME --into FILE` writes it
//
// Behind a usage plan, STRONGBOX_USAGE_PLAN_KEY is sent as x-api-key.

import { createHash, createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'idempotency-key': { type: 'string', default: randomUUID() },
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
url.search = written(url.searchParams)

const covered = { '@method': method, '@path': url.pathname }
if (url.search) covered['@query'] = url.search
if (body) {
  const sha256 = createHash('sha256').update(body).digest('base64')
  covered['content-digest'] = `sha-256=:${sha256}:`
}
if (method !== 'GET') covered['idempotency-key'] = values['idempotency-key']

// RFC 9421, section 2.5: a line for each part, and one that says which parts there are.
const names = Object.keys(covered).map((name) => `"${name}"`)
const created = Math.floor(Date.now() / 1000)
const parameters = `(${names.join(' ')});created=${created};keyid="${key.id}"`
const lines = Object.entries(covered).map(([name, value]) => `"${name}": ${value}`)
const base = [...lines, `"@signature-params": ${parameters}`].join('\n')
const signature = createHmac('sha256', Buffer.from(key.secret, 'base64')).update(base)

const headers = Object.fromEntries(Object.entries(covered).filter(([name]) => name[0] !== '@'))
const usagePlanKey = process.env['STRONGBOX_USAGE_PLAN_KEY']
const answer = await fetch(url, {
  method,
  headers: {
    ...headers,
    ...(body && { 'content-type': 'application/json' }),
    ...(usagePlanKey && { 'x-api-key': usagePlanKey }),
    'signature-input': `sig=${parameters}`,
    signature: `sig=:${signature.digest('base64')}:`,
  },
  ...(body && { body }),
})
console.log(answer.status, await answer.text())

// A REST API hands the query on decoded, so it is signed in the one spelling that can be made of that again.
function written(query) {
  return Array.from(query)
    .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&')
}

function readKey({ credentials, url: baseUrl, 'key-file': keyFile }) {
  if (keyFile) return { baseUrl, key: JSON.parse(readFileSync(keyFile, 'utf8')) }
  // What signs for this machine is good nowhere else.
  if (baseUrl) throw new Error('--url needs --key-file')
  const { hmac, ...known } = JSON.parse(readFileSync(credentials, 'utf8'))
  return { baseUrl: known.baseUrl, key: { id: hmac.keyId, secret: hmac.secret } }
}
