/** What AWS says, and which page of its documentation says it. Compared on 2026-11-21, for us-east-1. */

const DYNAMODB_QUOTAS = 'Quotas in Amazon DynamoDB'
const ON_DEMAND = 'DynamoDB on-demand capacity mode'
const PARTITIONS = 'Best practices for designing and using partition keys effectively in DynamoDB'
const LAMBDA_QUOTAS = 'Lambda quotas'
const LAMBDA_SCALING = 'Lambda scaling behavior'

export interface AwsLimit {
  readonly value: number
  readonly page: string
}

export const AWS = {
  gatewayRequests: { value: 10_000, page: 'Amazon API Gateway quotas' },
  gatewayBurst: { value: 5_000, page: 'Amazon API Gateway quotas' },
  functionsAtOnce: { value: 1_000, page: LAMBDA_QUOTAS },
  /** Times the concurrency of the account: requests a second of one function, however short they are. */
  requestsOfInstance: { value: 10, page: LAMBDA_QUOTAS },
  /** In ten seconds, of one function. */
  newInstances: { value: 1_000, page: LAMBDA_SCALING },
  tableWriteUnits: { value: 40_000, page: DYNAMODB_QUOTAS },
  tableReadUnits: { value: 40_000, page: DYNAMODB_QUOTAS },
  /** Of a table that was never busier. */
  newTableWriteUnits: { value: 4_000, page: ON_DEMAND },
  newTableReadUnits: { value: 12_000, page: ON_DEMAND },
  /** As much of the busiest it has ever been is there at once; more takes up to half an hour. */
  ofPreviousPeak: { value: 2, page: ON_DEMAND },
  partitionWriteUnits: { value: 1_000, page: PARTITIONS },
  partitionReadUnits: { value: 3_000, page: PARTITIONS },
  partitionGb: { value: 10, page: 'Partitions and data distribution in DynamoDB' },
  putEvents: { value: 10_000, page: 'Amazon EventBridge quotas' },
} as const satisfies Record<string, AwsLimit>
