import type { KeptKey } from './kept-key.ts'
import { sign } from './sign.ts'

/** Who a walk says that it is. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string; readonly usagePlanKey?: string | undefined }
  | { readonly kind: 'key'; readonly key: KeptKey }

export interface DoorOptions {
  /** Where it stands, as the deployment says it: routes are below it. */
  readonly url: string
  readonly credentials: Credentials
  /** For one answer, to its last byte. */
  readonly timeoutMs: number
  /** When there is no time left for any. */
  readonly deadline: AbortSignal
}

export interface DoorRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** With its query, as it is sent. */
  readonly path: string
  readonly body?: object
  readonly key?: string
  /** Without credentials. */
  readonly isStranger?: boolean
}

/** Whatever came back. That nothing did is a reply, too: what it means is for the step to say. */
export type Reply = Answer | { readonly kind: 'silence'; readonly reason: string }

export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined where it is no JSON. */
  readonly json: unknown
}

export interface Door {
  readonly send: (request: DoorRequest) => Promise<Reply>
}

/** More than any answer to a step; who sends without end is not listened to. */
const MAX_ANSWER_BYTES = 1_000_000

/** One request, one answer, and nothing is tried twice: a walk tells of what happened to it. */
export function openDoor({ url, credentials, timeoutMs, deadline }: DoorOptions): Door {
  const base = url.replace(/\/+$/, '')
  return {
    async send(request) {
      const { method, body, path } = request
      const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
      try {
        const response = await fetch(`${base}${path}`, {
          method,
          headers: headersOf(new URL(`${base}${path}`), request, bytes, credentials),
          // Somewhere else is not where the credentials are for.
          redirect: 'manual',
          signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), deadline]),
          ...(bytes.byteLength > 0 && { body: bytes }),
        })
        return await toReply(response)
      } catch (error) {
        return { kind: 'silence', reason: deadline.aborted ? OUT_OF_TIME : why(error, timeoutMs) }
      }
    },
  }
}

const OUT_OF_TIME = 'no answer, and the time for the whole walk is over'

function headersOf(
  { pathname, search }: URL,
  { method, key, isStranger = false }: DoorRequest,
  body: Buffer,
  credentials: Credentials,
): Record<string, string> {
  const usagePlanKey =
    credentials.kind === 'key' ? credentials.key.usagePlanKey : credentials.usagePlanKey
  const headers = {
    ...(body.byteLength > 0 && { 'content-type': 'application/json' }),
    ...(key !== undefined && { 'idempotency-key': key }),
    // It says whose requests are counted, and proves nothing.
    ...(usagePlanKey !== undefined && { 'x-api-key': usagePlanKey }),
  }
  if (isStranger) return headers
  if (credentials.kind === 'token') {
    return { ...headers, authorization: `Bearer ${credentials.token}` }
  }
  const target = { path: pathname, query: search.slice(1) }
  return sign({ method, target, headers, body }, credentials.key, Math.floor(Date.now() / 1000))
}

async function toReply(response: Response): Promise<Reply> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_ANSWER_BYTES) {
      return { kind: 'silence', reason: `an answer of more than ${MAX_ANSWER_BYTES} bytes` }
    }
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  const { status, headers } = response
  return { kind: 'answer', status, headers, text, json: parsed(text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** By the name of what went wrong and no more: its message could quote what was sent. */
function why(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'no answer'
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`
  const { cause } = error
  const isNamed = cause instanceof Error && 'code' in cause && typeof cause.code === 'string'
  return `no answer: ${isNamed ? cause.code : error.name}`
}
