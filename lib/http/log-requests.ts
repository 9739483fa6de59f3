import type { Logger } from '@aws-lambda-powertools/logger'
import type { MiddlewareObj } from '@middy/core'
import type { ApiResponse } from './api.ts'
import { type ApiEvent, routeKeyOf } from './request.ts'

/** One line for each request, without its path: that would put wallet ids into the log. */
export function logRequests(logger: Logger): MiddlewareObj<ApiEvent, ApiResponse> {
  const startedAt = new WeakMap<object, number>()
  const log = ({
    event,
    response,
  }: {
    event: ApiEvent
    response: ApiResponse | null | undefined
  }) => {
    logger.info('request', {
      route: routeKeyOf(event),
      status: response?.statusCode,
      durationMs: Math.round(performance.now() - (startedAt.get(event) ?? 0)),
    })
  }
  return {
    before: ({ event }) => {
      startedAt.set(event, performance.now())
    },
    after: log,
    onError: log,
  }
}
