import type { Logger } from '@aws-lambda-powertools/logger'
import type { MiddlewareObj } from '@middy/core'
import { StoreUnavailable } from '../store/failures.ts'
import type { ApiResponse } from './api.ts'
import { busy, Problem } from './problem.ts'
import type { ApiEvent } from './request.ts'

const REQUEST_ID = 'x-request-id'

/** Every answer carries the request's id, and every error is a problem that the client can read. */
export function answerProblems(logger: Logger): MiddlewareObj<ApiEvent, ApiResponse> {
  return {
    after: ({ context, response }) => {
      if (response) response.headers[REQUEST_ID] = context.awsRequestId
    },
    onError: (request) => {
      const requestId = request.context.awsRequestId
      const problem = toProblem(request.error)
      if (problem.code === 'INTERNAL_ERROR')
        logger.error('unexpected error', { error: request.error })
      request.response = {
        statusCode: problem.status,
        headers: {
          'content-type': 'application/problem+json',
          [REQUEST_ID]: requestId,
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
