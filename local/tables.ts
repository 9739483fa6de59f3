import {
  type AttributeDefinition,
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import type { TableDefinition } from '../lib/store/tables.ts'

const MAX_WAIT_SECONDS = 20

/** Creates the table unless it is there. */
export async function createTable(
  client: DynamoDBClient,
  definition: TableDefinition,
  tableName = definition.name,
): Promise<void> {
  const { partitionKey, sortKey, stream, indexes } = definition
  try {
    await client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: partitionKey, KeyType: 'HASH' },
          { AttributeName: sortKey, KeyType: 'RANGE' },
        ],
        AttributeDefinitions: keyAttributes(definition),
        // DynamoDB refuses a list of none.
        ...(indexes.length > 0 && {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: [
              { AttributeName: index.partitionKey, KeyType: 'HASH' },
              { AttributeName: index.sortKey, KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: index.projection },
          })),
        }),
        ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream } }),
      }),
    )
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error
  }
  await waitUntilTableExists(
    { client, maxWaitTime: MAX_WAIT_SECONDS, minDelay: 1 },
    { TableName: tableName },
  )
}

/** Each once, however many indexes it is a key of. */
function keyAttributes({ partitionKey, sortKey, indexes }: TableDefinition): AttributeDefinition[] {
  const texts = new Set([partitionKey, sortKey, ...indexes.map((index) => index.partitionKey)])
  const numbers = new Set(indexes.map((index) => index.sortKey))
  return [
    ...Array.from(texts, (name) => ({ AttributeName: name, AttributeType: 'S' as const })),
    ...Array.from(numbers, (name) => ({ AttributeName: name, AttributeType: 'N' as const })),
  ]
}
