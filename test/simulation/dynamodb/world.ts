import {
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { LEDGER_TABLE } from '../../../lib/store/tables.ts'
import type { Process } from '../process.ts'
import { createScheduler, type Scheduler, type Spawned, type SpawnOptions } from '../scheduler.ts'
import type { SimulatedClient } from './client.ts'
import { createDatabase, type Database } from './database.ts'
import { CALM, type Faults } from './faults.ts'

/** A simulated table, and functions that use it, for a test. */
export interface World {
  readonly scheduler: Scheduler
  readonly database: Database
  /** A function that does this, and what it answers; it fails the test if it fails. */
  readonly call: <Result>(work: Work<Result>, options?: SpawnOptions) => Promise<Result>
  /** The same, side by side with others, to be run later. */
  readonly begin: <Result>(work: Work<Result>, options?: SpawnOptions) => Spawned<Result>
}

export type Work<Result> = (client: SimulatedClient, process: Process) => Promise<Result>

export const TABLE = 'Ledger'

export function openWorld(
  faults: Partial<Faults> = {},
  options: { readonly seed?: number; readonly keepsHistory?: boolean } = {},
): World {
  const { seed = 1, keepsHistory = false } = options
  const scheduler = createScheduler({ seed })
  const database = createDatabase({ scheduler, keepsHistory, faults: { ...CALM, ...faults } })
  database.createTable(LEDGER_TABLE, TABLE)
  let calls = 0

  const begin: World['begin'] = (work, spawnOptions) => {
    calls += 1
    return scheduler.spawn(
      `call ${calls}`,
      (process) => work(database.clientOf(process), process),
      spawnOptions,
    )
  }
  return {
    scheduler,
    database,
    begin,
    async call(work, spawnOptions) {
      const { ending } = begin(work, spawnOptions)
      await scheduler.run()
      const how = ending()
      if (how?.kind !== 'done') throw new Error(`the call ended otherwise: ${how?.kind}`)
      return how.result
    },
  }
}

/** Seeds to look for something in that happens now and then. */
export function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, seed) => seed)
}

export function keyOf(name: string) {
  return { pk: { S: `W#${name}` }, sk: { S: 'B#GOLD' } }
}

export function put(name: string, value: number): PutItemCommand {
  return new PutItemCommand(putInput(name, value))
}

export function putInput(name: string, value: number): PutItemCommandInput & { TableName: string } {
  return { TableName: TABLE, Item: { ...keyOf(name), value: { N: String(value) } } }
}

/** All of these get one value, at once. */
export function putTogether(
  names: readonly string[],
  value: number,
  more: { ClientRequestToken?: string } = {},
): TransactWriteItemsCommand {
  const TransactItems = names.map(
    (name): TransactWriteItem => ({
      Update: {
        TableName: TABLE,
        Key: keyOf(name),
        UpdateExpression: 'SET #value = :value',
        ExpressionAttributeNames: { '#value': 'value' },
        ExpressionAttributeValues: { ':value': { N: String(value) } },
      },
    }),
  )
  return new TransactWriteItemsCommand({ TransactItems, ...more })
}

export async function readValue(
  client: SimulatedClient,
  name: string,
  ConsistentRead = true,
): Promise<number | undefined> {
  const input = { TableName: TABLE, Key: keyOf(name), ConsistentRead }
  const { Item } = await client.send(new GetItemCommand(input))
  return Item && Number(Item['value']?.N)
}

/** What came of it: `done`, or the name of the error, and the reasons where there are some. */
export async function outcomeOf(sent: Promise<unknown>): Promise<string> {
  try {
    await sent
    return 'done'
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (!(error instanceof TransactionCanceledException)) return error.name
    return (error.CancellationReasons ?? []).map(({ Code }) => Code).join(' ')
  }
}
