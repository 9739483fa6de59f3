import { BALANCE_PREFIX, WALLET_SORT_KEY } from '../store/keys.ts'
import { LEDGER_TABLE } from '../store/tables.ts'

/** How Lambda reads a table's stream, said once: the CDK app deploys it, the local stack does the same by itself. */
export interface StreamMapping {
  readonly startingPosition: 'TRIM_HORIZON'
  /** A record is sent if one of the patterns fits; a pattern fits if all its fields do. */
  readonly filters: readonly FilterPattern[]
  readonly batchSize: number
  readonly batchWindowSeconds: number
  readonly parallelizationFactor: number
  readonly reportBatchItemFailures: boolean
  readonly bisectBatchOnError: boolean
  /** Infinity: as often as the age of a record allows. */
  readonly maxRetryAttempts: number
  readonly maxRecordAgeSeconds: number
}

/** Lambda's own syntax: the shape of a stream record, with rules instead of values; one of the rules has to hold. */
export interface FilterPattern {
  readonly [field: string]: FilterPattern | readonly FilterRule[]
}

export type FilterRule =
  | string
  | number
  | boolean
  | null
  | { readonly prefix: string }
  | { readonly exists: boolean }
  | { readonly 'anything-but': readonly (string | number)[] }
  | { readonly numeric: readonly (NumericOperator | number)[] }

export type NumericOperator = '<' | '<=' | '=' | '>=' | '>'

const HOUR_SECONDS = 60 * 60

export const STREAM_MAPPING: StreamMapping = {
  // LATEST can miss what is written while the mapping is made or changed. What comes twice is skipped.
  startingPosition: 'TRIM_HORIZON',
  // A change of money changes a balance; of the three or four items that are written with it nobody needs to hear.
  // A wallet that is frozen says so on an item of its own.
  filters: [
    { dynamodb: { Keys: { [LEDGER_TABLE.sortKey]: { S: [{ prefix: BALANCE_PREFIX }] } } } },
    { dynamodb: { Keys: { [LEDGER_TABLE.sortKey]: { S: [WALLET_SORT_KEY] } } } },
  ],
  // What a function handles well within its time, with a transaction for each record.
  batchSize: 100,
  // Statistics and flags may be a second late; a busy lane then costs one invocation a second instead of four.
  batchWindowSeconds: 1,
  // A shard can bring 1000 changes a second, which one batch after the other would not keep up with.
  parallelizationFactor: 4,
  // One bad record is named, and the good ones before it do not come again.
  reportBatchItemFailures: true,
  // A function that dies of one record cannot name it: halving finds it.
  bisectBatchOnError: true,
  // Poison is put aside by the function itself, so what fails is an outage, of the database or of the bus. It is
  // waited out for hours; what fails for longer is kept, with its payload, and no longer blocks its lane.
  maxRetryAttempts: Number.POSITIVE_INFINITY,
  // A stream forgets after 24 hours, without a trace. An hour before that, a record is still there to be kept.
  maxRecordAgeSeconds: 23 * HOUR_SECONDS,
}
