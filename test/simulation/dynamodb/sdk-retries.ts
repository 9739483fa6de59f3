/** What the SDK's client sends again, by its standard rules; a test compares them with the SDK's own. */

export interface RetryClass {
  /** It waits for a random time below this. */
  readonly longestWaitMs: number
  readonly cost: number
}

const THROTTLING: RetryClass = { longestWaitMs: 1_000, cost: 5 }
const TRANSIENT: RetryClass = { longestWaitMs: 25, cost: 14 }

const THROTTLES = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionInProgressException',
])
const BROKEN_CONNECTIONS = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT'])
const TRANSIENT_STATUS_CODES = new Set([500, 502, 503, 504])

/** Undefined for what is not sent again. */
export function retryClassOf(error: Error): RetryClass | undefined {
  if (THROTTLES.has(error.name)) return THROTTLING
  const code = 'code' in error ? String(error.code) : ''
  if (error.name === 'TimeoutError' || BROKEN_CONNECTIONS.has(code)) return TRANSIENT
  return TRANSIENT_STATUS_CODES.has(statusOf(error)) ? TRANSIENT : undefined
}

function statusOf(error: Error): number {
  if (!('$metadata' in error)) return 0
  const metadata = error.$metadata
  const hasStatus =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
  return hasStatus ? Number(metadata.httpStatusCode) : 0
}

/** A client that fails all the time stops sending again, until some of its requests succeed. */
export interface RetryQuota {
  readonly take: (retryClass: RetryClass) => boolean
  readonly giveBack: (attempts: number) => void
}

const FULL = 500
const GAIN = 1

export function createRetryQuota(): RetryQuota {
  let left = FULL
  let lastCost = 0
  return {
    take({ cost }) {
      if (left < cost) return false
      left -= cost
      lastCost = cost
      return true
    },
    giveBack(attempts) {
      left = Math.min(FULL, left + (attempts > 1 ? lastCost : GAIN))
    },
  }
}
