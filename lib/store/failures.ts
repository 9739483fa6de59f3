/** What an error from DynamoDB, or from the way to it, means for somebody who waits for an answer. */

/** DynamoDB could not serve a read or write now. The caller may come again. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}

const THROTTLES = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TransactionConflictException',
])

/** Our own request, sent again by the SDK, is still running. */
const IN_PROGRESS = 'TransactionInProgressException'

const CLIENT_ERROR = 400
const SERVER_ERROR = 500

/** DynamoDB has too much to do, for this item or for us. */
export function isThrottle(error: unknown): boolean {
  return error instanceof Error && THROTTLES.has(error.name)
}

/** DynamoDB understood the request and said no: it did nothing, and will not. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || isThrottle(error) || error.name === IN_PROGRESS) return false
  const status = httpStatus(error)
  return status !== undefined && status >= CLIENT_ERROR && status < SERVER_ERROR
}

/** Nobody can say what became of the request: a time-out, a broken connection, a server error. */
export function isInterruption(error: unknown): boolean {
  if (!(error instanceof Error) || isRefusal(error)) return false
  const isOfTheNetwork = 'code' in error && typeof error.code === 'string'
  const isOfTheSdk =
    '$metadata' in error || error.name === 'TimeoutError' || error.name === 'AbortError'
  return isOfTheNetwork || isOfTheSdk
}

function httpStatus(error: Error): number | undefined {
  if (!('$metadata' in error)) return undefined
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) {
    return undefined
  }
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}

/** What DynamoDB could not serve is an outage, not a bug: whoever asked may come again. */
export async function whileAvailable<Result>(send: () => Promise<Result>): Promise<Result> {
  try {
    return await send()
  } catch (error) {
    throw unavailableOr(error)
  }
}

export function unavailableOr(error: unknown): unknown {
  return isThrottle(error) || isInterruption(error)
    ? new StoreUnavailable('DynamoDB did not answer', { cause: error })
    : error
}
