import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, inject } from 'vitest'
import type { DevCredentials } from '../../local/credentials.ts'
import { SEED_ASSETS } from '../../local/seed.ts'
import { type Stack, type StackOptions, startStack } from '../../local/stack.ts'
import { type Books, booksInside, booksOutside } from './books.ts'
import { checkAnswer } from './contract.ts'
import { type Elsewhere, elsewhere } from './elsewhere.ts'
import { keepSecret } from './logs.ts'
import { politely } from './politely.ts'

/** A client of the API under test. It is an operator with all scopes, unless a call says otherwise. */
export interface Api {
  readonly url: string
  readonly credentials: DevCredentials
  readonly books: Books
  readonly send: (method: string, path: string, options?: SendOptions) => Promise<Reply>
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Reply>
  readonly post: (path: string, body: unknown, key?: string) => Promise<Reply>
  readonly stop: () => Promise<void>
}

/** One that runs in this process, so that a test can reach behind it. */
export interface StackApi extends Api {
  readonly stack: Stack
}

export interface SendOptions {
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array<ArrayBuffer>
  /** A bearer token; null for a caller without credentials, or with some among the headers. */
  readonly token?: string | null
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; of what is no JSON, nothing. */
  readonly body: Record<string, unknown>
}

/** For tests that need nothing but the API: of the service that STRONGBOX_URL names, or of a stack of their own. */
export async function openApi(): Promise<Api> {
  if (!elsewhere) return openStack()
  const client = await openClient(elsewhere)
  return { ...client, books: booksOutside(client.get, named), stop: async () => {} }
}

/** For tests that reach behind the API, or start it in a way of their own. */
export async function openStack(options: Partial<StackOptions> = {}): Promise<StackApi> {
  if (elsewhere) {
    throw new Error('These tests need what is behind the API: see NEED_THE_INSIDE in test/by-url.')
  }
  const database = { dynamoDbEndpoint: inject('stacksEndpoint'), accessKeyId: newAccessKeyId() }
  const stack = await startStack({ port: 0, ...database, ...options })
  const client = await openClient(stack)
  return { ...client, stack, books: booksInside(stack), stop: stack.stop }
}

async function openClient({ url, credentials }: Pick<Elsewhere, 'url' | 'credentials'>) {
  for (const secret of secretsOf(credentials)) keepSecret(secret)
  const send: Api['send'] = async (
    method,
    path,
    { headers = {}, body, token = credentials.adminToken } = {},
  ) => {
    const ask = () =>
      fetch(`${url}${path}`, {
        method,
        headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
        ...(body !== undefined && { body }),
      })
    const answer = await (elsewhere ? politely(ask) : ask())
    const reply = await toReply(answer)
    checkAnswer({ method, path }, reply)
    return reply
  }
  for (const { code, name } of SEED_ASSETS) {
    await send('PUT', `/v1/assets/${code}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, scale: 0 }),
    })
  }
  return {
    url,
    credentials,
    send,
    get: (path: string, headers: Record<string, string> = {}) => send('GET', path, { headers }),
    post: (path: string, body: unknown, key: string = randomUUID()) =>
      send('POST', path, {
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      }),
  }
}

/** Of somebody who has no data yet. */
function newAccessKeyId(): string {
  return randomUUID().replaceAll('-', '')
}

function secretsOf({ adminToken, players, hmac }: DevCredentials): string[] {
  return [adminToken, players.alice, players.bob, hmac.secret]
}

/** Names of wallets that the tests of this file have made up; those of no test in particular; those of this one. */
const namesOfFile: string[] = []
const sharedNames: string[] = []
let namesOfTest: string[] | undefined

const named = {
  ofFile: () => namesOfFile,
  ofTest: () => [...sharedNames, ...(namesOfTest ?? [])],
}

beforeEach(() => {
  namesOfTest = []
})

afterEach(() => {
  namesOfTest = undefined
})

/** A wallet that no other test knows. */
export function newWallet(): string {
  const name = `player-${randomUUID()}`
  namesOfFile.push(name)
  const its = namesOfTest ?? sharedNames
  its.push(name)
  return name
}

async function toReply(answer: Response): Promise<Reply> {
  const text = await answer.text()
  const isJson = text !== '' && answer.headers.get('content-type')?.includes('json') === true
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: isJson ? JSON.parse(text) : {},
  }
}
