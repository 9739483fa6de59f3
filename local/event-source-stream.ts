import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams'
import type { DynamoDBRecord } from 'aws-lambda'
import { LOCAL_AWS_ENVIRONMENT } from './dynamodb.ts'

/** A table's stream, read as DynamoDB offers it: shard by shard, page by page. */
export interface Stream {
  readonly client: DynamoDBStreamsClient
  readonly arn: string
}

export interface StreamRecord {
  readonly sequenceNumber: string
  readonly createdAt: number
  /** What the function will see of it. */
  readonly event: DynamoDBRecord
}

export interface Page {
  readonly records: readonly StreamRecord[]
  /** The shard is closed, and this was the last of it. */
  readonly isLast: boolean
}

const MAX_SHARD_PAGES = 100
const REQUEST_TIMEOUT_MS = 10_000

export function openLocalStreamsClient(
  endpoint: string,
  accessKeyId: string = LOCAL_AWS_ENVIRONMENT.AWS_ACCESS_KEY_ID,
): DynamoDBStreamsClient {
  return new DynamoDBStreamsClient({
    endpoint,
    region: LOCAL_AWS_ENVIRONMENT.AWS_REGION,
    credentials: {
      accessKeyId,
      secretAccessKey: LOCAL_AWS_ENVIRONMENT.AWS_SECRET_ACCESS_KEY,
    },
    maxAttempts: 1,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
  })
}

export async function streamArnOf(client: DynamoDBClient, tableName: string): Promise<string> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }))
  if (!Table?.LatestStreamArn) throw new Error(`the table ${tableName} has no stream`)
  return Table.LatestStreamArn
}

export async function listShards({ client, arn }: Stream): Promise<readonly Shard[]> {
  const shards: Shard[] = []
  let after: string | undefined
  for (let page = 0; page < MAX_SHARD_PAGES; page += 1) {
    const { StreamDescription } = await client.send(
      new DescribeStreamCommand({ StreamArn: arn, ExclusiveStartShardId: after }),
    )
    shards.push(...(StreamDescription?.Shards ?? []))
    after = StreamDescription?.LastEvaluatedShardId
    if (!after) return shards
  }
  throw new Error(`the stream ${arn} has more shards than one reader can follow`)
}

/** Reads a shard from where somebody stopped, or from its oldest record. */
export function openShard(
  stream: Stream,
  shardId: string,
  startAfter: string | undefined,
): () => Promise<Page> {
  let last = startAfter
  let iterator: string | undefined

  async function read(): Promise<Page> {
    const asked = iterator ?? (await iteratorAfter(stream, shardId, last))
    // After any failure, a new one, from the last record that came.
    iterator = undefined
    const page = await stream.client.send(new GetRecordsCommand({ ShardIterator: asked }))
    const records = (page.Records ?? []).map((record) => toStreamRecord(record, stream.arn))
    last = records.at(-1)?.sequenceNumber ?? last
    iterator = page.NextShardIterator
    return { records, isLast: iterator === undefined }
  }

  return async () => {
    try {
      return await read()
    } catch (error) {
      if (error instanceof ExpiredIteratorException) return read()
      if (!(error instanceof TrimmedDataAccessException)) throw error
    }
    last = undefined
    return readTrimmed(read)
  }
}

/** DynamoDB Local gives no iterator that works, oldest or newest, into a shard that only has records over 24 hours old. */
async function readTrimmed(read: () => Promise<Page>): Promise<Page> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof TrimmedDataAccessException) return { records: [], isLast: false }
    throw error
  }
}

async function iteratorAfter(
  { client, arn }: Stream,
  shardId: string,
  sequenceNumber: string | undefined,
): Promise<string | undefined> {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamArn: arn,
      ShardId: shardId,
      ...(sequenceNumber === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: sequenceNumber }),
    }),
  )
  return ShardIterator
}

function toStreamRecord(record: _Record, arn: string): StreamRecord {
  const { dynamodb, userIdentity, ...rest } = record
  const createdAt = dynamodb?.ApproximateCreationDateTime?.getTime()
  if (dynamodb?.SequenceNumber === undefined || createdAt === undefined) {
    throw new Error(`the stream ${arn} has a record without its place or time`)
  }
  const event = {
    ...rest,
    dynamodb: { ...dynamodb, ApproximateCreationDateTime: createdAt / 1000 },
    eventSourceARN: arn,
    ...(userIdentity && {
      userIdentity: { principalId: userIdentity.PrincipalId, type: userIdentity.Type },
    }),
  }
  return { sequenceNumber: dynamodb.SequenceNumber, createdAt, event: asJson(event) }
}

/** An event goes to a function as JSON, where bytes are base64. */
function asJson(event: object): DynamoDBRecord {
  return JSON.parse(
    JSON.stringify(event, (_, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ),
  )
}
