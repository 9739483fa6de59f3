import { startStack } from '../../local/stack.ts'
import type { Address } from './stack.ts'

/** Nobody gets tired here of what one caller sends. */
const RATE_FACTOR = 1_000_000

Object.assign(process.env, { POWERTOOLS_LOG_LEVEL: 'ERROR', POWERTOOLS_METRICS_DISABLED: 'true' })

// From the first, so that who asked for it can end it while it still starts.
const disconnected = new Promise<void>((resolve) => process.once('disconnect', resolve))

const stack = await startStack({
  ...{ port: 0, callerRateFactor: RATE_FACTOR },
  onTrouble: (what, error) => console.error(`${what}:`, error),
})
const address: Address = {
  url: stack.url,
  token: stack.credentials.adminToken,
  endpoint: stack.dynamoDb.endpoint,
  tableName: stack.tableName,
}
process.send?.(address)
await disconnected
await stack.stop()
