import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { thresholdsFromEnvironment } from '../functions/projector.ts'
import type { Projector } from '../lib/audit/projector.ts'
import { allRules } from '../lib/audit/rules/all.ts'
import { openAuditTable } from '../lib/audit/table/audit-table.ts'
import { type LedgerStore, openLedgerStore } from '../lib/store/ledger-store.ts'
import { AUDIT_TABLE, LEDGER_TABLE } from '../lib/store/tables.ts'
import { openLocalClient, startDynamoDb } from './dynamodb.ts'
import { StartFailure } from './failure.ts'
import { findRunning, lockFolder } from './lock.ts'
import { createTable } from './tables.ts'

/** The tables that a command works on, wherever they are. */
export interface AuditSource {
  readonly store: LedgerStore
  readonly projector: Projector
  /** Whether functions may be projecting at the same time. */
  readonly isLive: boolean
  readonly close: () => Promise<void>
}

export const SOURCE_OPTIONS = {
  folder: { type: 'string', default: '.local' },
  'ledger-table': { type: 'string' },
  'audit-table': { type: 'string' },
} as const

export interface SourceOptions {
  readonly folder: string
  readonly 'ledger-table'?: string | undefined
  readonly 'audit-table'?: string | undefined
}

export async function openAuditSource(options: SourceOptions): Promise<AuditSource> {
  const { 'ledger-table': ledgerTable, 'audit-table': auditTable } = options
  if (ledgerTable && auditTable) {
    const client = new DynamoDBClient({})
    return { ...onTables(client, ledgerTable, auditTable), isLive: true, close: closing(client) }
  }
  if (ledgerTable || auditTable) throw new StartFailure('Name both tables, or none.')

  const folder = resolve(options.folder)
  const dataDir = resolve(folder, 'dynamodb')
  if (!existsSync(dataDir)) {
    throw new StartFailure(`There is no ledger in ${folder}. \`npm start\` makes one.`)
  }
  const running = findRunning(folder)
  if (running?.endpoint) {
    const client = openLocalClient(running.endpoint)
    return { ...onTables(client), isLive: true, close: closing(client) }
  }
  const lock = lockFolder(folder)
  const dynamoDb = await startDynamoDb({ dataDir })
  await createTable(dynamoDb.client, AUDIT_TABLE)
  return {
    ...onTables(dynamoDb.client),
    isLive: false,
    async close() {
      await dynamoDb.stop()
      lock.release()
    },
  }
}

function onTables(
  client: DynamoDBClient,
  ledgerTable = LEDGER_TABLE.name,
  auditTable = AUDIT_TABLE.name,
) {
  const store = openLedgerStore({ client, tableName: ledgerTable })
  const projector: Projector = {
    ledger: store,
    table: openAuditTable({ client, tableName: auditTable }),
    rules: allRules(thresholdsFromEnvironment()),
    // What is projected by hand was told when it happened, or is told by whoever replays it over the API.
    tell: async () => {},
    tellOfWallet: async () => {},
  }
  return { store, projector }
}

function closing(client: DynamoDBClient) {
  return async () => client.destroy()
}
