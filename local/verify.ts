import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createContentsReader } from '../lib/audit/contents.ts'
import { findViolations } from '../lib/audit/invariants.ts'
import { openLedgerStore } from '../lib/store/ledger-store.ts'
import { LEDGER_TABLE } from '../lib/store/tables.ts'
import { openLocalClient, startDynamoDb } from './dynamodb.ts'
import { readOptions, runCommand, StartFailure } from './failure.ts'
import { findRunning, lockFolder } from './lock.ts'
import { endProgress, showProgress } from './progress.ts'

const HELP = `Reads the whole ledger and checks what must be true of it: docs/invariants.md says what.
Ends with 1, and names what is wrong, if anything is.

  npm run verify                             the ledger that \`npm start\` keeps in .local/
  npm run verify -- --folder DIR             the one that is kept in DIR
  npm run verify -- --table NAME             a table in your AWS account: of AWS_PROFILE, in AWS_REGION
  npm run verify -- --endpoint URL           a table of another DynamoDB (with --table, or "${LEDGER_TABLE.name}")

What it holds in memory grows with the ledger: about 1 GB for a million transactions. Writes that go on
meanwhile can look like faults, so verify a busy table from a restored backup.
`

const SHOWN_VIOLATIONS = 20

interface Source {
  readonly client: DynamoDBClient
  readonly tableName: string
  readonly close: () => Promise<void>
}

await runCommand(async () => {
  const options = readOptions(HELP, {
    folder: { type: 'string', default: '.local' },
    table: { type: 'string' },
    endpoint: { type: 'string' },
  })
  if (!options) return
  const source = await openSource(options)
  try {
    process.exitCode = (await verify(source)) ? 0 : 1
  } finally {
    await source.close()
  }
})

async function openSource(options: {
  readonly folder: string
  readonly table?: string | undefined
  readonly endpoint?: string | undefined
}): Promise<Source> {
  const { table = LEDGER_TABLE.name, endpoint } = options
  if (endpoint) return toSource(openLocalClient(endpoint), table)
  if (options.table) return toSource(new DynamoDBClient({}), table)

  const folder = resolve(options.folder)
  const dataDir = resolve(folder, 'dynamodb')
  if (!existsSync(dataDir)) {
    throw new StartFailure(`There is no ledger in ${folder}. \`npm start\` makes one.`)
  }
  const running = findRunning(folder)
  if (running?.endpoint) return toSource(openLocalClient(running.endpoint), table)
  const lock = lockFolder(folder)
  const dynamoDb = await startDynamoDb({ dataDir })
  const close = async () => {
    await dynamoDb.stop()
    lock.release()
  }
  return { client: dynamoDb.client, tableName: table, close }
}

function toSource(client: DynamoDBClient, tableName: string): Source {
  return { client, tableName, close: async () => client.destroy() }
}

/** Whether all is well. */
async function verify({ client, tableName }: Source): Promise<boolean> {
  const expected = await countItems(client, tableName)
  const reader = createContentsReader()
  let items = 0
  for await (const page of openLedgerStore({ client, tableName }).scan()) {
    reader.add(page)
    items += page.length
    showProgress(items, expected, 'items')
  }
  endProgress()

  const { contents, unreadable } = reader
  const violations = [...unreadable, ...findViolations(contents)]
  const { transactions, entries, balances, wallets } = contents
  console.log(
    `${wallets.length} wallets, ${balances.length} balances, ${transactions.length} transactions, ${entries.length} entries.`,
  )
  for (const { invariant, where, reason } of violations.slice(0, SHOWN_VIOLATIONS)) {
    console.log(`invariant ${invariant}: ${where} ${reason}`)
  }
  if (violations.length > SHOWN_VIOLATIONS) {
    console.log(`and ${violations.length - SHOWN_VIOLATIONS} more.`)
  }
  console.log(violations.length === 0 ? 'All invariants hold.' : `${violations.length} faults.`)
  return violations.length === 0
}

/** Roughly: DynamoDB counts every six hours. It is for the bar only. */
async function countItems(client: DynamoDBClient, tableName: string): Promise<number> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }))
    return Table?.ItemCount ?? 0
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartFailure(`The table ${tableName} cannot be read: ${reason}`)
  }
}
