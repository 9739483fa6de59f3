import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams'
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda'
import { inject } from 'vitest'
import { LOCAL_AWS_ENVIRONMENT } from '../../local/dynamodb.ts'
import type { TestLedger } from './ledger.ts'

/** What the table's stream has to tell about balances, oldest first, as Lambda would hand it over. */
export async function readStream({ tableName }: TestLedger): Promise<DynamoDBRecord[]> {
  const client = new DynamoDBStreamsClient({
    endpoint: inject('dynamoDbEndpoint'),
    region: LOCAL_AWS_ENVIRONMENT.AWS_REGION,
    credentials: {
      accessKeyId: LOCAL_AWS_ENVIRONMENT.AWS_ACCESS_KEY_ID,
      secretAccessKey: LOCAL_AWS_ENVIRONMENT.AWS_SECRET_ACCESS_KEY,
    },
  })
  const { Streams = [] } = await client.send(new ListStreamsCommand({ TableName: tableName }))
  const StreamArn = Streams[0]?.StreamArn
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }))
  const records: StreamRecord[] = []
  for (const { ShardId } of StreamDescription?.Shards ?? []) {
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    )
    let iterator = ShardIterator
    while (iterator) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator }))
      records.push(...(page.Records ?? []))
      // An open shard has no end; an empty page is as far as it goes.
      iterator = page.Records?.length ? page.NextShardIterator : undefined
    }
  }
  client.destroy()
  return records.map(toEvent).filter(isAboutBalance)
}

function isAboutBalance({ dynamodb }: DynamoDBRecord): boolean {
  return dynamodb?.Keys?.['sk']?.S?.startsWith('B#') === true
}

/** As in an event: bytes in base64, times in seconds. */
function toEvent({ dynamodb, eventID, eventName }: StreamRecord): DynamoDBRecord {
  const { Keys, NewImage, OldImage, SequenceNumber, ApproximateCreationDateTime } = dynamodb ?? {}
  return {
    ...(eventID && { eventID }),
    ...(eventName && { eventName }),
    dynamodb: {
      ...(Keys && { Keys: withBase64(Keys) }),
      ...(NewImage && { NewImage: withBase64(NewImage) }),
      ...(OldImage && { OldImage: withBase64(OldImage) }),
      ...(SequenceNumber && { SequenceNumber }),
      ApproximateCreationDateTime: (ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
    },
  }
}

function withBase64(image: object): Record<string, AttributeValue> {
  return JSON.parse(
    JSON.stringify(image, (_, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ),
  )
}
