// Signs one request as a server does, and sends it. Needs nothing but Node:
//
//   node docs/examples/signed-request.mjs [dev-credentials.json]

import { createHash, createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'

const file = process.argv[2] ?? '.local/dev-credentials.json'
const { baseUrl, hmac } = JSON.parse(readFileSync(file, 'utf8'))

const method = 'POST'
const url = new URL(`${baseUrl}/v1/wallets/alice/bonus`)
const body = JSON.stringify({ asset: 'GOLD_COINS', amount: 5, reference: 'daily-login' })

const sha256 = createHash('sha256').update(body).digest('base64')
const covered = {
  '@method': method,
  // All of it: a REST API has its stage in it.
  '@path': url.pathname,
  'content-digest': `sha-256=:${sha256}:`,
  'idempotency-key': randomUUID(),
}

// RFC 9421, section 2.5: a line for each part, and one that says which parts there are.
const names = Object.keys(covered).map((name) => `"${name}"`)
const created = Math.floor(Date.now() / 1000)
const parameters = `(${names.join(' ')});created=${created};keyid="${hmac.keyId}"`
const lines = Object.entries(covered).map(([name, value]) => `"${name}": ${value}`)
const base = [...lines, `"@signature-params": ${parameters}`].join('\n')
const signature = createHmac('sha256', Buffer.from(hmac.secret, 'base64')).update(base)

const answer = await fetch(url, {
  method,
  headers: {
    'content-type': 'application/json',
    'content-digest': covered['content-digest'],
    'idempotency-key': covered['idempotency-key'],
    'signature-input': `sig=${parameters}`,
    signature: `sig=:${signature.digest('base64')}:`,
  },
  body,
})
console.log(answer.status, await answer.text())
