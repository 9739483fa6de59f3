import {
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { Effects } from '../../lib/ledger/effects.ts'
import { type Conflict, RETRY_BUDGET_MS, retryOnConflict } from '../../lib/ledger/retry.ts'

/**
 * The textbook's top-up: the player's balance and the treasury's are items of one transaction. All else is as here: the
 * same items of the same sizes, and the same way to try again. So what differs is the one item that all write.
 */
export interface StoredTreasury {
  readonly client: Pick<DynamoDBClient, 'send'>
  readonly tableName: string
  readonly effects: Effects
}

interface Read {
  readonly available: number
  readonly seq: number
}

type Result = { readonly kind: 'posted' } | { readonly kind: 'busy' }

const AMOUNT = 250
const TREASURY = 'TREASURY'

export async function topUpFromStored(
  { client, tableName, effects }: StoredTreasury,
  wallet: string,
  key: string,
): Promise<Result> {
  const balance = { pk: `W#${wallet}`, sk: 'B#GOLD_COINS' }
  const result = await retryOnConflict<Read, { readonly kind: 'posted' }>(effects, {
    deadline: effects.now() + RETRY_BUDGET_MS,
    load: async () => {
      const command = new GetItemCommand({
        ...{ TableName: tableName, Key: marshall(balance), ConsistentRead: true },
      })
      const { Item } = await client.send(command)
      const { available = 0, seq = 0 } = Item ? unmarshall(Item) : {}
      return { available, seq }
    },
    attempt: async (read) => {
      try {
        await client.send(topUpCommand(tableName, { balance, key, read }))
        return { kind: 'posted' }
      } catch (error) {
        if (error instanceof TransactionCanceledException) return lost
        throw error
      }
    },
  })
  return result ?? { kind: 'busy' }
}

const lost: Conflict<Read> = { kind: 'conflict' }

interface TopUp {
  readonly balance: { readonly pk: string; readonly sk: string }
  readonly key: string
  readonly read: Read
}

function topUpCommand(TableName: string, { balance, key, read }: TopUp): TransactWriteItemsCommand {
  const isNew = 'attribute_not_exists(pk)'
  const entry = { amount: AMOUNT, head: new Uint8Array(32), reference: 'order-48151623' }
  return new TransactWriteItemsCommand({
    TransactItems: [
      {
        Put: {
          ...{ TableName, ConditionExpression: isNew },
          Item: marshall({ pk: `T#${key}`, sk: 'T', ...entry }),
        },
      },
      {
        Update: {
          TableName,
          Key: marshall(balance),
          UpdateExpression: 'SET available = :available, seq = :seq',
          ConditionExpression: `${isNew} OR seq = :read`,
          ExpressionAttributeValues: marshall({
            ':available': read.available + AMOUNT,
            ':seq': read.seq + 1,
            ':read': read.seq,
          }),
        },
      },
      {
        Put: {
          ...{ TableName, ConditionExpression: isNew },
          Item: marshall({ pk: balance.pk, sk: `E#${key}`, ...entry }),
        },
      },
      {
        Update: {
          TableName,
          Key: marshall({ pk: `W#${TREASURY}`, sk: balance.sk }),
          UpdateExpression: 'ADD available :amount',
          ExpressionAttributeValues: marshall({ ':amount': -AMOUNT }),
        },
      },
    ],
  })
}
