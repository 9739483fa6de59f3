import { randomUUID } from 'node:crypto'
import type { Invocation } from './event-source-function.ts'
import type { StreamRecord } from './event-source-stream.ts'

/** What Lambda writes to a bucket about records that it gave up: an object for each batch. */
export interface FailureRecord {
  readonly requestContext: {
    readonly requestId: string
    readonly functionArn: string
    readonly condition: FailureCondition
    readonly approximateInvokeCount: number
  }
  /** Not there if the records were too old before they were sent for the first time. */
  readonly responseContext?: {
    readonly statusCode: number
    readonly executedVersion: string
    /** Not there if the function answered, and named the records. */
    readonly functionError?: 'Unhandled'
  }
  readonly version: '1.0'
  readonly timestamp: string
  readonly DDBStreamBatchInfo: {
    readonly shardId: string
    readonly startSequenceNumber: string
    readonly endSequenceNumber: string
    readonly approximateArrivalOfFirstRecord: string
    readonly approximateArrivalOfLastRecord: string
    readonly batchSize: number
    readonly streamArn: string
  }
  /** The event, as the function was or would have been given it: JSON within JSON. */
  readonly payload: string
}

export type FailureCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded'

export type Records = readonly [StreamRecord, ...StreamRecord[]]

export interface GivenUp {
  readonly records: Records
  readonly condition: FailureCondition
  readonly invocations: number
  readonly last: Invocation | undefined
}

export interface Source {
  readonly streamArn: string
  readonly shardId: string
  readonly functionArn: string
}

export function toFailureRecord(givenUp: GivenUp, source: Source, now: number): FailureRecord {
  const { records, condition, invocations, last } = givenUp
  const newest = records.at(-1) ?? records[0]
  return {
    requestContext: {
      requestId: last?.requestId ?? randomUUID(),
      functionArn: source.functionArn,
      condition,
      approximateInvokeCount: invocations,
    },
    ...(last && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        ...('thrown' in last && { functionError: 'Unhandled' as const }),
      },
    }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId: source.shardId,
      startSequenceNumber: records[0].sequenceNumber,
      endSequenceNumber: newest.sequenceNumber,
      approximateArrivalOfFirstRecord: toSeconds(records[0].createdAt),
      approximateArrivalOfLastRecord: toSeconds(newest.createdAt),
      batchSize: records.length,
      streamArn: source.streamArn,
    },
    payload: JSON.stringify({ Records: records.map(({ event }) => event) }),
  }
}

function toSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}
