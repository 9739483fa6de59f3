import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { Sha256 } from './sha256.ts'

/**
 * A request that hangs must fail while the caller still waits, so that the ledger can find out whether it
 * committed. The SDK sends a time-out or a 500 again by itself, with the same ClientRequestToken.
 */
const CONNECTION_TIMEOUT_MS = 2_000
const REQUEST_TIMEOUT_MS = 4_000
const MAX_ATTEMPTS = 2
const MAX_SOCKETS = 256

/** Endpoint, region and credentials come from the environment, on Lambda as on a laptop. */
export function openDynamoDb(requestTimeout = REQUEST_TIMEOUT_MS): DynamoDBClient {
  const client = new DynamoDBClient({
    maxAttempts: MAX_ATTEMPTS,
    // The endpoint is that of the region, and need not be made out of the account for each request.
    accountIdEndpointMode: 'disabled',
    // What a request passes through is the same each time.
    cacheMiddleware: true,
    sha256: Sha256,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
  })
  // It copies all that goes out and comes in, for a logger that is not there.
  client.middlewareStack.remove('loggerMiddleware')
  return client
}
