/** What an error from DynamoDB or from the way to it means for somebody who waits for an answer. */

/** A read or write that DynamoDB could not take now. The caller may come again. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}

const THROTTLES = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TransactionConflictException',
])

const INTERRUPTIONS = new Set([
  'TimeoutError',
  'AbortError',
  'InternalServerError',
  'ServiceUnavailable',
  // Our own request, sent again by the SDK, is still running.
  'TransactionInProgressException',
])

const NETWORK_CODES = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTUNREACH',
])

const SERVER_ERROR = 500

/** It was refused before it did anything. */
export function isThrottle(error: unknown): boolean {
  return error instanceof Error && THROTTLES.has(error.name)
}

/** The request may have been carried out, and the answer lost. */
export function isInterruption(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return INTERRUPTIONS.has(error.name) || hasNetworkCode(error) || hasServerErrorStatus(error)
}

function hasNetworkCode(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && NETWORK_CODES.has(error.code)
}

function hasServerErrorStatus(error: Error): boolean {
  if (!('$metadata' in error)) return false
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata))
    return false
  return Number(metadata.httpStatusCode) >= SERVER_ERROR
}
