import { randomUUID } from 'node:crypto'
import { DeleteTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  BY_KIND_INDEX,
  HOLD_EXPIRY_INDEX,
  LEDGER_TABLE,
  type TableDefinition,
} from '../../../../lib/store/tables.ts'
import { createTable } from '../../../../local/tables.ts'
import { openTestClient } from '../../../support/ledger.ts'
import { createScheduler } from '../../scheduler.ts'
import { createDatabase } from '../database.ts'
import { type Told, told } from './answers.ts'

/** One table twice: in DynamoDB Local, and simulated. */
export interface Pair {
  readonly tableName: string
  readonly ask: (question: Question) => Promise<{ readonly local: Told; readonly simulated: Told }>
  readonly close: () => Promise<void>
}

export interface Question {
  readonly send: (client: Pick<DynamoDBClient, 'send'>) => Promise<object>
  /** Whether the order of what comes back means anything. */
  readonly isOrdered: boolean
}

/** An index of keys, as the ledger's, and one of whole items, as the audit's. */
const DEFINITION: TableDefinition = {
  ...LEDGER_TABLE,
  indexes: [HOLD_EXPIRY_INDEX, BY_KIND_INDEX],
}

export async function openPair(seed = 1): Promise<Pair> {
  const tableName = `Pair-${randomUUID()}`
  const client = openTestClient()
  // Its stream is not compared, and with one each write would take as long as there is in all streams.
  await createTable(client, { ...DEFINITION, stream: undefined }, tableName)
  const scheduler = createScheduler({ seed })
  const database = createDatabase({ scheduler })
  database.createTable(DEFINITION, tableName)

  /** One after the other: simulated time is one. */
  let simulating: Promise<Told> = Promise.resolve({})

  async function simulate(question: Question): Promise<Told> {
    const { ending } = scheduler.spawn('asker', (process) =>
      told(question.send(database.clientOf(process)), question.isOrdered),
    )
    await scheduler.run()
    const how = ending()
    if (how?.kind !== 'done') throw new Error('the simulated database did not answer')
    return how.result
  }

  return {
    tableName,
    async ask(question) {
      simulating = simulating.then(() => simulate(question))
      const [local, simulated] = await Promise.all([
        told(question.send(client), question.isOrdered),
        simulating,
      ])
      return { local, simulated }
    },
    async close() {
      await client.send(new DeleteTableCommand({ TableName: tableName }))
      client.destroy()
    },
  }
}
