import { type ResponseType, type RestApi, ResponseType as Types } from 'aws-cdk-lib/aws-apigateway'
import { Problem, type ProblemCode } from '../../lib/http/problem.ts'

interface OwnAnswer {
  readonly id: string
  readonly type: ResponseType
  readonly code: ProblemCode
  readonly detail: string
  readonly retryAfterSeconds?: number
}

const SAME_KEY = 'Send it again with the same Idempotency-Key: it happens once.'

/** What API Gateway says by itself, in the words of the API. What is not listed falls to the last two. */
const OWN_ANSWERS: readonly OwnAnswer[] = [
  {
    id: 'Throttled',
    type: Types.THROTTLED,
    code: 'RATE_LIMITED',
    detail: 'More requests come than this route takes from all callers together.',
    retryAfterSeconds: 1,
  },
  {
    id: 'QuotaExceeded',
    type: Types.QUOTA_EXCEEDED,
    code: 'RATE_LIMITED',
    detail: 'The x-api-key has made as many requests as its usage plan allows in a day.',
  },
  {
    id: 'InvalidApiKey',
    type: Types.INVALID_API_KEY,
    code: 'FORBIDDEN',
    detail: 'The header x-api-key is missing, or names no key of the usage plan.',
  },
  {
    id: 'WafFiltered',
    type: Types.WAF_FILTERED,
    code: 'FORBIDDEN',
    detail: 'The firewall does not let this request in.',
  },
  {
    id: 'RequestTooLarge',
    type: Types.REQUEST_TOO_LARGE,
    code: 'PAYLOAD_TOO_LARGE',
    detail: 'The request is larger than API Gateway takes.',
  },
  {
    id: 'UnsupportedMediaType',
    type: Types.UNSUPPORTED_MEDIA_TYPE,
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: 'Content-Type must be application/json.',
  },
  {
    id: 'MissingAuthenticationToken',
    type: Types.MISSING_AUTHENTICATION_TOKEN,
    code: 'NOT_FOUND',
    detail: 'There is nothing at this path.',
  },
  {
    id: 'IntegrationFailure',
    type: Types.INTEGRATION_FAILURE,
    code: 'WALLET_BUSY',
    detail: SAME_KEY,
    retryAfterSeconds: 1,
  },
  {
    id: 'IntegrationTimeout',
    type: Types.INTEGRATION_TIMEOUT,
    code: 'WALLET_BUSY',
    detail: SAME_KEY,
    retryAfterSeconds: 1,
  },
  {
    id: 'Default4xx',
    type: Types.DEFAULT_4XX,
    code: 'INVALID_REQUEST',
    detail: 'API Gateway cannot read this request.',
  },
  {
    id: 'Default5xx',
    type: Types.DEFAULT_5XX,
    code: 'INTERNAL_ERROR',
    detail: `API Gateway could not answer. ${SAME_KEY}`,
  },
]

/** Whether anything was done, API Gateway does not know; so what it says about a failure is how to find out. */
export function answerForGateway(api: RestApi, readByBrowsers: boolean): void {
  for (const { id, type, code, detail, retryAfterSeconds } of OWN_ANSWERS) {
    const problem = new Problem(code, detail)
    api.addGatewayResponse(id, {
      type,
      statusCode: String(problem.status),
      templates: { 'application/json': JSON.stringify(problem.body('$context.requestId')) },
      responseHeaders: {
        ...(retryAfterSeconds !== undefined && { 'Retry-After': `'${retryAfterSeconds}'` }),
        // Nothing in them is anybody's, and whoever may not read them cannot tell what went wrong.
        ...(readByBrowsers && { 'Access-Control-Allow-Origin': "'*'" }),
      },
    })
  }
}
