import type { Logger } from '@aws-lambda-powertools/logger'
import type { MiddlewareObj } from '@middy/core'
import { StoreUnavailable } from '../store/failures.ts'
import type { ApiResponse } from './api.ts'
import { busy, Problem } from './problem.ts'
import type { ApiEvent } from './request.ts'
import { trailOf } from './trail.ts'

/** For the answer to an API, which is no page: nothing may be guessed, framed or kept by others on the way. */
const EVERYWHERE = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/** Every answer carries the request's id, and every error is a problem that the client can read. */
export function answerProblems(logger: Logger): MiddlewareObj<ApiEvent, ApiResponse> {
  return {
    after: ({ event, context, response }) => {
      if (!response) return
      const { headers } = trailOf(context, event)
      response.headers = { ...EVERYWHERE, ...headers, ...response.headers }
      response.headers['x-request-id'] = context.awsRequestId
    },
    onError: (request) => {
      const { event, context, error } = request
      const requestId = context.awsRequestId
      const trail = trailOf(context, event)
      const problem = toProblem(error)
      trail.code = problem.code
      if (problem.code === 'INTERNAL_ERROR') logger.error('unexpected error', { error })
      request.response = {
        statusCode: problem.status,
        headers: {
          ...EVERYWHERE,
          ...trail.headers,
          'content-type': 'application/problem+json',
          'x-request-id': requestId,
          ...problem.extras.headers,
        },
        body: JSON.stringify(problem.body(requestId)),
      }
    },
  }
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof StoreUnavailable) return busy(error)
  return new Problem('INTERNAL_ERROR', 'It is logged under the request id.', { cause: error })
}
