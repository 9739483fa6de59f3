import type { CancellationReason } from '@aws-sdk/client-dynamodb'

/** What transactions of both kinds have in common. */

export const MOST_ITEMS = 100
export const MOST_TRANSACTION_BYTES = 4 * 1024 * 1024

export const NONE: CancellationReason = { Code: 'None' }
export const CONFLICT: CancellationReason = {
  Code: 'TransactionConflict',
  Message: 'Transaction is ongoing for the item',
}
export const THROTTLED: CancellationReason = {
  Code: 'ThrottlingError',
  Message: 'Throughput exceeds the current capacity of a key range.',
}
export const EXCEEDED: CancellationReason = {
  Code: 'ProvisionedThroughputExceeded',
  Message: 'The level of configured provisioned throughput for the table was exceeded.',
}
