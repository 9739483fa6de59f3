/** Every way a request can fail, said once. RFC 9457 calls the answer a problem. */
export const PROBLEMS = {
  INVALID_REQUEST: { status: 400, title: 'The request is not valid' },
  IDEMPOTENCY_KEY_REQUIRED: { status: 400, title: 'An Idempotency-Key header is required' },
  INVALID_CURSOR: { status: 400, title: 'The cursor is not valid' },
  UNAUTHENTICATED: { status: 401, title: 'The caller is not known' },
  SIGNATURE_INVALID: { status: 401, title: 'The signature is not valid' },
  SIGNATURE_EXPIRED: { status: 401, title: 'The signature is too old, or from the future' },
  INSUFFICIENT_FUNDS: { status: 402, title: 'The wallet does not hold enough' },
  FORBIDDEN: { status: 403, title: 'The caller may not do this' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  WALLET_NOT_FOUND: { status: 404, title: 'The wallet does not exist' },
  ASSET_NOT_FOUND: { status: 404, title: 'The asset does not exist' },
  TRANSACTION_NOT_FOUND: { status: 404, title: 'The transaction does not exist' },
  FLAG_NOT_FOUND: { status: 404, title: 'The flag does not exist' },
  DEAD_LETTER_NOT_FOUND: { status: 404, title: 'The dead letter does not exist' },
  HOLD_NOT_FOUND: { status: 404, title: 'The hold does not exist' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The method is not allowed here' },
  WALLET_FROZEN: { status: 409, title: 'The wallet is frozen' },
  WALLET_CLOSED: { status: 409, title: 'The wallet is closed' },
  WALLET_NOT_EMPTY: { status: 409, title: 'The wallet is not empty' },
  SAME_WALLET: { status: 409, title: 'The wallet cannot pay itself' },
  HOLD_CLOSED: { status: 409, title: 'The hold is over' },
  HOLD_EXPIRED: { status: 409, title: 'The hold has expired' },
  ALREADY_REVERSED: { status: 409, title: 'Nothing that large is left to reverse' },
  BALANCE_LIMIT: { status: 409, title: 'The balance would leave its limits' },
  PRECONDITION_FAILED: { status: 412, title: 'The wallet is not what If-Match says' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'The request body is too large' },
  URI_TOO_LONG: { status: 414, title: 'The URL is too long' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The request body must be JSON' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The key belongs to another request' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The headers are too large' },
  INTERNAL_ERROR: { status: 500, title: 'Something went wrong on our side' },
  WALLET_BUSY: { status: 503, title: 'Busy, or something that it needs does not answer' },
  NOT_READY: { status: 503, title: 'Something that the service needs does not answer' },
} as const

export type ProblemCode = keyof typeof PROBLEMS

export interface FieldError {
  readonly path: string
  readonly message: string
}

export interface ProblemExtras {
  readonly errors?: readonly FieldError[]
  /** Members beside the standard ones, such as `available` and `required`. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** Thrown at the edge only; the ledger answers with values. */
export class Problem extends Error {
  override name = 'Problem'
  readonly code: ProblemCode
  readonly extras: ProblemExtras

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail, { cause: extras.cause })
    this.code = code
    this.extras = extras
  }

  get status(): number {
    return PROBLEMS[this.code].status
  }

  body(requestId: string) {
    const { status, title } = PROBLEMS[this.code]
    return {
      type: `urn:strongbox:problem:${this.code.toLowerCase().replaceAll('_', '-')}`,
      title,
      status,
      detail: this.message,
      code: this.code,
      requestId,
      ...(this.extras.errors && { errors: this.extras.errors }),
      ...this.extras.members,
    }
  }
}

export function invalidRequest(errors: readonly FieldError[]): Problem {
  const detail = errors
    .map(({ path, message }) => (path ? `${path}: ${message}` : message))
    .join('; ')
  return new Problem('INVALID_REQUEST', detail, { errors })
}

const RETRY_AFTER_SECONDS = '1'

export function busy(cause?: unknown): Problem {
  return new Problem(
    'WALLET_BUSY',
    'Nothing is lost: send the same request with the same key again.',
    { headers: { 'retry-after': RETRY_AFTER_SECONDS }, cause },
  )
}
