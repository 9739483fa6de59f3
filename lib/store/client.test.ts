import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, expect, test, vi } from 'vitest'
import { openDynamoDb } from './client.ts'

afterEach(() => vi.unstubAllEnvs())

test('each request is signed as AWS wants it', async ({ onTestFinished }) => {
  const { received, stop, url } = await listen()
  onTestFinished(stop)
  for (const secret of ['the first secret', 'the second secret', 'the first secret']) {
    const credentials = { id: 'ASIAEXAMPLE', secret, token: 'of the session' }
    stubEnvironment(url, credentials)
    const client = openDynamoDb()
    for (const wallet of ['alice', 'bob']) {
      const key = { pk: { S: wallet }, sk: { S: 'B' } }
      await client.send(new GetItemCommand({ TableName: 'Ledger', Key: key }))
    }
    client.destroy()
    for (const { headers, body } of received.splice(0)) {
      expect(headers.authorization).toBe(authorizationOf({ headers, body }, credentials))
    }
  }
})

test('a request that is never answered fails after its second attempt', async ({
  onTestFinished,
}) => {
  const { received, stop, url } = await listen(() => {})
  onTestFinished(stop)
  stubEnvironment(url, { id: 'ASIAEXAMPLE', secret: 'a secret', token: 'of the session' })
  const client = openDynamoDb(REQUEST_TIMEOUT_MS)
  const key = { pk: { S: 'alice' }, sk: { S: 'B' } }

  const answer = client.send(new GetItemCommand({ TableName: 'Ledger', Key: key }))

  await expect(answer).rejects.toMatchObject({ name: 'TimeoutError' })
  expect(received).toHaveLength(2)
  client.destroy()
})

const REQUEST_TIMEOUT_MS = 200

interface Received {
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

interface Credentials {
  readonly id: string
  readonly secret: string
  readonly token: string
}

async function listen(answer = (outgoing: ServerResponse): unknown => outgoing.end('{}')) {
  const received: Received[] = []
  const server = createServer(async (incoming, outgoing) => {
    received.push({ headers: incoming.headers, body: await text(incoming) })
    answer(outgoing)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port }: AddressInfo = Object(server.address())
  const stop = async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { received, stop, url: `http://127.0.0.1:${port}` }
}

function stubEnvironment(url: string, { id, secret, token }: Credentials): void {
  vi.stubEnv('AWS_ENDPOINT_URL', url)
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', id)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret)
  vi.stubEnv('AWS_SESSION_TOKEN', token)
}

/** Signature Version 4, as AWS describes it, of a POST to `/`. */
function authorizationOf({ headers, body }: Received, { id, secret, token }: Credentials): string {
  const time = String(headers['x-amz-date'])
  const names = /SignedHeaders=([^,]+)/.exec(String(headers.authorization))?.[1] ?? ''
  expect(names.split(';')).toEqual(expect.arrayContaining(['host', 'x-amz-date', 'x-amz-target']))
  expect(headers['x-amz-security-token']).toBe(token)
  const lines = names.split(';').map((name) => `${name}:${headers[name]}\n`)
  const canonical = ['POST', '/', '', lines.join(''), names, sha256(body)].join('\n')
  const parts = [time.slice(0, 8), 'eu-central-1', 'dynamodb', 'aws4_request']
  const key = parts.reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${secret}`)
  const toSign = ['AWS4-HMAC-SHA256', time, parts.join('/'), sha256(canonical)].join('\n')
  const signature = hmac(key, toSign).toString('hex')
  return `AWS4-HMAC-SHA256 Credential=${id}/${parts.join('/')}, SignedHeaders=${names}, Signature=${signature}`
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

function hmac(key: string | Buffer, content: string): Buffer {
  return createHmac('sha256', key).update(content).digest()
}
