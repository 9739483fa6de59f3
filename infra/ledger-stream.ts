import { Duration } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import {
  EventSourceMapping,
  type IFunction,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { STREAM_MAPPING } from '../lib/audit/stream-mapping.ts'

/** As Lambda writes it. */
const WITHOUT_END = -1

export interface LedgerStream {
  readonly ledger: TableV2
  readonly failedRecords: Bucket
}

/** Wakes a function when the ledger has changed. */
export function followLedger(
  scope: Construct,
  target: IFunction,
  { ledger, failedRecords }: LedgerStream,
): EventSourceMapping {
  return new EventSourceMapping(scope, 'LedgerStream', {
    target,
    eventSourceArn: streamArnOf(ledger),
    startingPosition: StartingPosition[STREAM_MAPPING.startingPosition],
    filters: STREAM_MAPPING.filters.map((pattern) => ({ pattern: JSON.stringify(pattern) })),
    batchSize: STREAM_MAPPING.batchSize,
    maxBatchingWindow: Duration.seconds(STREAM_MAPPING.batchWindowSeconds),
    parallelizationFactor: STREAM_MAPPING.parallelizationFactor,
    reportBatchItemFailures: STREAM_MAPPING.reportBatchItemFailures,
    bisectBatchOnError: STREAM_MAPPING.bisectBatchOnError,
    retryAttempts: Number.isFinite(STREAM_MAPPING.maxRetryAttempts)
      ? STREAM_MAPPING.maxRetryAttempts
      : WITHOUT_END,
    maxRecordAge: Duration.seconds(STREAM_MAPPING.maxRecordAgeSeconds),
    // Not the CDK's own destination, which would let the function read the bucket, and delete what is in it.
    onFailure: { bind: () => ({ destination: failedRecords.bucketArn }) },
    // Without them, nobody can tell that records were given up.
    metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
  })
}

/** Lambda reads the stream, and keeps what is given up, with the rights of the function that it calls. */
export function streamAccess({ ledger, failedRecords }: LedgerStream): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      resources: [streamArnOf(ledger)],
    }),
    // IAM knows nothing smaller to list streams of.
    new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }),
    new PolicyStatement({
      actions: ['s3:PutObject'],
      resources: [failedRecords.arnForObjects('*')],
    }),
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [failedRecords.bucketArn] }),
  ]
}

function streamArnOf({ tableStreamArn }: TableV2): string {
  if (tableStreamArn === undefined) throw new Error('the table has no stream')
  return tableStreamArn
}
