import type { MiddlewareObj } from '@middy/core'
import httpCors from '@middy/http-cors'
import type { ApiResponse } from './api.ts'
import type { ApiEvent } from './request.ts'

const PREFLIGHT_IS_GOOD_FOR_SECONDS = 3_600

export const CORS_METHODS = ['GET', 'POST', 'PUT'] as const
export const CORS_REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
] as const
export const CORS_ANSWER_HEADERS = [
  'etag',
  'idempotency-replayed',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'x-request-id',
] as const

/** Lets pages of these origins read our answers. Of no others, and of none unless some are named. */
export function cors(origins: readonly string[]): MiddlewareObj<ApiEvent, ApiResponse>[] {
  if (origins.length === 0) return []
  const middleware = httpCors({
    origins: [...origins],
    methods: CORS_METHODS.join(', '),
    headers: CORS_REQUEST_HEADERS.join(', '),
    exposeHeaders: CORS_ANSWER_HEADERS.join(', '),
    maxAge: PREFLIGHT_IS_GOOD_FOR_SECONDS,
  })
  // It takes any event and any response, so it takes ours.
  return [middleware as MiddlewareObj<ApiEvent, ApiResponse>]
}
