import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { consistentReadUnits, itemBytes, transactionalWriteUnits } from '../../lib/store/sizes.ts'

/** What a piece of work cost, by AWS's published rules. */
export interface Bill {
  requests: number
  readUnits: number
  writeUnits: number
  largestItemBytes: number
}

type Key = Record<string, AttributeValue>

/** A client that writes its bill: it reads each item before and after the write, and sizes what it finds. */
export function meteredClient(client: DynamoDBClient, tableName: string) {
  const bill: Bill = { requests: 0, readUnits: 0, writeUnits: 0, largestItemBytes: 0 }
  const read = async (Key: Key) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }),
    )
    return Item
  }

  async function meterWrite(command: TransactWriteItemsCommand): Promise<unknown> {
    const keys = keysOf(command)
    const before = await Promise.all(keys.map(read))
    const output = await client.send(command)
    const after = await Promise.all(keys.map(read))
    for (const [index, item] of after.entries()) {
      if (!item) throw new Error('a write left no item')
      bill.writeUnits += transactionalWriteUnits(before[index], item)
      bill.largestItemBytes = Math.max(bill.largestItemBytes, itemBytes(item))
    }
    return output
  }

  async function meterRead(command: BatchGetItemCommand): Promise<unknown> {
    const keys = command.input.RequestItems?.[tableName]?.Keys ?? []
    const items = await Promise.all(keys.map(read))
    for (const item of items) bill.readUnits += consistentReadUnits(item)
    return client.send(command)
  }

  async function meterGet(command: GetItemCommand): Promise<unknown> {
    const output = await client.send(command)
    const { Item } = output
    bill.readUnits += consistentReadUnits(Item) / (command.input.ConsistentRead ? 1 : 2)
    return output
  }

  /** What a query reads cannot be seen in what it gives, but here DynamoDB Local counts right. */
  async function meterQuery(command: QueryCommand): Promise<unknown> {
    const input = { ...command.input, ReturnConsumedCapacity: 'TOTAL' as const }
    const output = await client.send(new QueryCommand(input))
    bill.readUnits += output.ConsumedCapacity?.CapacityUnits ?? Number.NaN
    return output
  }

  const metered: Pick<DynamoDBClient, 'send'> = new Proxy(client, {
    get(target, name) {
      if (name !== 'send') return Reflect.get(target, name)
      return async (command: unknown) => {
        bill.requests += 1
        if (command instanceof TransactWriteItemsCommand) return meterWrite(command)
        if (command instanceof BatchGetItemCommand) return meterRead(command)
        if (command instanceof GetItemCommand) return meterGet(command)
        if (command instanceof QueryCommand) return meterQuery(command)
        throw new Error('the meter does not know this command')
      }
    },
  })
  return { client: metered, bill }
}

function keysOf({ input }: TransactWriteItemsCommand): Key[] {
  return (input.TransactItems ?? []).map(({ Put, Update }) => {
    const key = Update?.Key ?? Put?.Item
    const { pk, sk } = key ?? {}
    if (!pk || !sk) throw new Error('the meter does not know this write')
    return { pk, sk }
  })
}
