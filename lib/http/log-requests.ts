import type { Logger } from '@aws-lambda-powertools/logger'
import type { MiddlewareObj } from '@middy/core'
import type { ApiResponse } from './api.ts'
import { type ApiEvent, routeKeyOf } from './request.ts'
import { trailOf } from './trail.ts'

/** One line for each request, without its path: that would put wallet ids into the log. */
export function logRequests(logger: Logger): MiddlewareObj<ApiEvent, ApiResponse> {
  const log: MiddlewareObj<ApiEvent, ApiResponse>['after'] = ({ event, context, response }) => {
    const { code, startedAt } = trailOf(context, event)
    logger.info('request', {
      route: routeKeyOf(event),
      status: response?.statusCode,
      code,
      durationMs: Math.round(performance.now() - startedAt),
    })
  }
  return {
    before: ({ event }) => {
      // API Gateway's own id, by which its access log and ours are found together.
      logger.setCorrelationId(event.requestContext.requestId)
    },
    after: log,
    onError: log,
  }
}
