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
function isInterruption(error: unknown): boolean {
  if (!(error instanceof Error) || isRefusal(error)) return false
  const isOfTheNetwork = 'code' in error && typeof error.code === 'string'
  const isOfTheSdk =
    '$metadata' in error || error.name === 'TimeoutError' || error.name === 'AbortError'
  return isOfTheNetwork || isOfTheSdk
}

/** The SDK has sent it twice, and this is the answer to the second. */
export function isSentAgain(error: unknown): boolean {
  const attempts = error instanceof Error ? metadataOf(error)['attempts'] : undefined
  return typeof attempts === 'number' && attempts > 1
}

function httpStatus(error: Error): number | undefined {
  const status = metadataOf(error)['httpStatusCode']
  return typeof status === 'number' ? status : undefined
}

function metadataOf(error: Error): Readonly<Record<string, unknown>> {
  const metadata = '$metadata' in error ? error.$metadata : undefined
  return typeof metadata === 'object' && metadata !== null ? { ...metadata } : {}
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
