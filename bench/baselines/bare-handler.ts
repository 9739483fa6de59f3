import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'

/**
 * The least that a function can do: it reads its event, asks DynamoDB the very things that it is told to ask, and
 * answers. What one of ours costs beyond that is ours.
 */

type Ask = (client: DynamoDBClient, input: never) => Promise<unknown>

const ASK = {
  GetItem: (client, input) => client.send(new GetItemCommand(input)),
  BatchGetItem: (client, input) => client.send(new BatchGetItemCommand(input)),
  TransactWriteItems: (client, input) => client.send(new TransactWriteItemsCommand(input)),
} satisfies Record<string, Ask>

/** Operations and their input, with texts and numbers only, as they are on the wire. */
const requests: { operation: keyof typeof ASK; input: never }[] = JSON.parse(
  process.env['BARE_REQUESTS'] ?? '[]',
)
const client = new DynamoDBClient({})

export async function handler({ body = '{}' }: Pick<APIGatewayProxyEventV2, 'body'>) {
  const asked: unknown = JSON.parse(body)
  for (const { operation, input } of requests) await ASK[operation](client, input)
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ asked }),
  }
}
