import type { MiddlewareObj } from '@middy/core'
import type { ApiResponse } from './api.ts'
import type { ApiEvent, HttpRequest } from './request.ts'
import { type Trail, trailOf } from './trail.ts'

/** Who tried to change what, and what came of it. */
export interface AccessRecord {
  readonly at: string
  readonly requestId: string
  readonly method: string
  /** Undefined for a path that is not ours. */
  readonly operation: string | undefined
  readonly path: string
  readonly caller: string | undefined
  /** The API key that signed, where the caller is its owner; undefined where the caller says it all. */
  readonly keyId: string | undefined
  readonly clientIp: string
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
  /** `OK`, or the code of the problem. */
  readonly outcome: string
  /** Of the transaction that was made, or that would have been: all tries with one key have one id. */
  readonly transactionId: string | undefined
  /** Why, in the caller's words: of a freeze, an unfreeze or a close. */
  readonly reason: string | undefined
  readonly replayed: boolean
  readonly durationMs: number
}

export type AccessLog = (record: AccessRecord) => void

/** What is known to be harmless keeps its value; of everything else, only the name is kept. */
const SHOWN_HEADERS = new Set([
  'accept',
  'content-length',
  'content-type',
  'host',
  'idempotency-key',
  'origin',
  'user-agent',
])
const MAX_SHOWN_LENGTH = 256
const MAX_HEADERS = 64
const REDACTED = '[redacted]'

const CHANGES_NOTHING = new Set(['GET', 'HEAD', 'OPTIONS'])

/** One record for each request that would change something, the refused ones too. */
export function recordAccess(log: AccessLog): MiddlewareObj<ApiEvent, ApiResponse> {
  const record: MiddlewareObj<ApiEvent, ApiResponse>['after'] = ({ event, context, response }) => {
    const trail = trailOf(context, event)
    if (!response || CHANGES_NOTHING.has(trail.request.method)) return
    log(toRecord(trail, context.awsRequestId, response))
  }
  return { after: record, onError: record }
}

function toRecord(trail: Trail, requestId: string, response: ApiResponse): AccessRecord {
  const { request, operation, caller, transactionId, reason, code, startedAt } = trail
  return {
    at: new Date().toISOString(),
    requestId,
    method: request.method,
    operation,
    path: request.path.slice(0, MAX_SHOWN_LENGTH),
    caller: caller?.client,
    keyId: caller?.keyId,
    clientIp: request.clientIp,
    headers: redacted(request.headers),
    status: response.statusCode,
    outcome: code ?? 'OK',
    transactionId,
    reason,
    replayed: response.headers['idempotency-replayed'] === 'true',
    durationMs: Math.round(performance.now() - startedAt),
  }
}

function redacted(headers: HttpRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .slice(0, MAX_HEADERS)
      .map(([name, value]) => [
        name.slice(0, MAX_SHOWN_LENGTH),
        SHOWN_HEADERS.has(name) ? value.slice(0, MAX_SHOWN_LENGTH) : REDACTED,
      ]),
  )
}
