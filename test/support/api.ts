import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { DevCredentials } from '../../local/credentials.ts'
import { SEED_ASSETS } from '../../local/seed.ts'
import { type Stack, type StackOptions, startStack } from '../../local/stack.ts'
import { checkAnswer } from './contract.ts'
import { keepSecret } from './logs.ts'

/**
 * A client of the API under test: the embedded stack, or the one that STRONGBOX_URL names, with the credentials in
 * the file that STRONGBOX_CREDENTIALS names. It is an operator with all scopes, unless a call says otherwise.
 */
export interface Api {
  readonly url: string
  readonly credentials: DevCredentials
  /** Undefined for a service that runs elsewhere. */
  readonly stack: Stack | undefined
  readonly send: (method: string, path: string, options?: SendOptions) => Promise<Reply>
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Reply>
  readonly post: (path: string, body: unknown, key?: string) => Promise<Reply>
  readonly stop: () => Promise<void>
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
  /** The parsed body. */
  readonly body: Record<string, unknown>
}

export async function openApi(options: Partial<StackOptions> = {}): Promise<Api> {
  const elsewhere = process.env['STRONGBOX_URL']
  const stack = elsewhere ? undefined : await startStack({ port: 0, ...options })
  const credentials = stack?.credentials ?? credentialsElsewhere()
  const url = elsewhere ?? credentials.baseUrl
  for (const secret of secretsOf(credentials)) keepSecret(secret)
  const send: Api['send'] = async (
    method,
    path,
    { headers = {}, body, token = credentials.adminToken } = {},
  ) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { body }),
    })
    const reply = await toReply(answer)
    checkAnswer({ method, path }, reply)
    return reply
  }
  const api: Api = {
    url,
    credentials,
    stack,
    send,
    get: (path, headers = {}) => send('GET', path, { headers }),
    post: (path, body, key = randomUUID()) =>
      send('POST', path, {
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      }),
    stop: async () => stack?.stop(),
  }
  for (const { code, name } of SEED_ASSETS) {
    await send('PUT', `/v1/assets/${code}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, scale: 0 }),
    })
  }
  return api
}

function secretsOf({ adminToken, players, hmac }: DevCredentials): string[] {
  return [adminToken, players.alice, players.bob, hmac.secret]
}

function credentialsElsewhere(): DevCredentials {
  return JSON.parse(readFileSync(process.env['STRONGBOX_CREDENTIALS'] ?? '', 'utf8'))
}

/** The table that an embedded stack writes: its client and its name. */
export function ledgerBehind({ stack }: Api) {
  if (!stack) {
    throw new Error('the ledger behind a URL cannot be scanned: run `npm run verify` there')
  }
  return [stack.dynamoDb.client, stack.tableName] as const
}

/** A wallet that no other test knows. */
export function newWallet(): string {
  return `player-${randomUUID()}`
}

async function toReply(answer: Response): Promise<Reply> {
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: text === '' ? {} : JSON.parse(text),
  }
}
