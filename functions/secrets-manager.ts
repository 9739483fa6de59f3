import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

const MAX_ATTEMPTS = 2
const CONNECTION_TIMEOUT_MS = 1_000
const REQUEST_TIMEOUT_MS = 1_500

/** One that hangs must be given up while the caller still waits. */
export function openSecretsManager(): SecretsManagerClient {
  return new SecretsManagerClient({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  })
}
