import type { Logger } from '@aws-lambda-powertools/logger'
import type { MiddlewareObj } from '@middy/core'
import { StoreUnavailable } from '../store/failures.ts'
import type { ApiResponse } from './api.ts'
import { Problem } from './problem.ts'
import { type ApiEvent, readRequest } from './request.ts'

const REQUEST_ID = 'x-request-id'
export const RETRY_AFTER_SECONDS = '1'

/** Every answer carries the request's id, and every error is a problem that the client can read. */
export function answerProblems(logger: Logger): MiddlewareObj<ApiEvent, ApiResponse> {
  return {
    after: ({ event, response }) => {
      if (response) response.headers[REQUEST_ID] = event.requestContext.requestId
    },
    onError: (request) => {
      const { requestId } = readRequest(request.event)
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

export function busy(cause?: unknown): Problem {
  return new Problem(
    'WALLET_BUSY',
    'Nothing is lost: send the same request with the same key again.',
    {
      headers: { 'retry-after': RETRY_AFTER_SECONDS },
      cause,
    },
  )
}
