import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { thresholdsFromEnvironment } from '../functions/projector.ts'
import { walletFrozen } from '../lib/audit/events-of-wallet.ts'
import type { Projector } from '../lib/audit/projector.ts'
import { type Publisher, publishNothing, tellPublisher } from '../lib/audit/publish.ts'
import { openEventBridge, publishToEventBridge } from '../lib/audit/publish-to-eventbridge.ts'
import { allRules } from '../lib/audit/rules/all.ts'
import { type AuditTable, openAuditTable } from '../lib/audit/table/audit-table.ts'
import { type LedgerStore, openLedgerStore } from '../lib/store/ledger-store.ts'
import { AUDIT_TABLE, LEDGER_TABLE } from '../lib/store/tables.ts'
import { LOCAL_AWS_ENVIRONMENT, openLocalClient, startDynamoDb } from './dynamodb.ts'
import { LOCAL_BUS, LOCAL_SOURCE } from './events.ts'
import { StartFailure } from './failure.ts'
import { findRunning, lockFolder } from './lock.ts'
import { createTable } from './tables.ts'

/** The tables that a command works on, wherever they are. */
export interface AuditSource {
  readonly store: LedgerStore
  readonly table: AuditTable
  /** What tells of what it projects, or a sentence on what to do where nobody would hear of it. */
  readonly projector: () => Projector
  readonly isTelling: boolean
  /** Whether functions may be projecting at the same time. */
  readonly isLive: boolean
  readonly close: () => Promise<void>
}

export const SOURCE_OPTIONS = {
  folder: { type: 'string', default: '.local' },
  'ledger-table': { type: 'string' },
  'audit-table': { type: 'string' },
  'event-bus': { type: 'string' },
  'event-source': { type: 'string' },
  silent: { type: 'boolean', default: false },
} as const

export interface SourceOptions {
  readonly folder: string
  readonly 'ledger-table'?: string | undefined
  readonly 'audit-table'?: string | undefined
  readonly 'event-bus'?: string | undefined
  readonly 'event-source'?: string | undefined
  readonly silent: boolean
}

export const SOURCE_HELP = `  --folder DIR                                 of the stack on DIR (default: .local)
  --ledger-table NAME --audit-table NAME       of tables in your AWS account
  --event-bus NAME --event-source SOURCE       where to tell what nobody has been told of (running stacks know it)
  --silent                                     tell nobody`

export async function openAuditSource(options: SourceOptions): Promise<AuditSource> {
  const { 'ledger-table': ledgerTable, 'audit-table': auditTable } = options
  if (ledgerTable && auditTable) {
    const client = new DynamoDBClient({})
    const busName = options['event-bus']
    if (busName && !options['event-source']) {
      throw new StartFailure(
        '--event-bus needs --event-source, such as strongbox/prod: rules pass by what another stage tells.',
      )
    }
    const publish = busName && publishToEventBridge({ client: openEventBridge(), busName })
    return {
      ...onTables(client, { ledgerTable, auditTable }, options, publish || undefined),
      isLive: true,
      close: closing(client),
    }
  }
  if (ledgerTable || auditTable) throw new StartFailure('Name both tables, or none.')

  const folder = resolve(options.folder)
  const dataDir = resolve(folder, 'dynamodb')
  if (!existsSync(dataDir)) {
    throw new StartFailure(`There is no ledger in ${folder}. \`npm start\` makes one.`)
  }
  const names = { ledgerTable: LEDGER_TABLE.name, auditTable: AUDIT_TABLE.name }
  const running = findRunning(folder)
  if (running?.endpoint) {
    const client = openLocalClient(running.endpoint)
    const publish = running.eventBus && publishLocally(running.eventBus)
    const local = { ...options, 'event-source': LOCAL_SOURCE }
    return {
      ...onTables(client, names, local, publish || undefined),
      isLive: true,
      close: closing(client),
    }
  }
  const lock = lockFolder(folder)
  const dynamoDb = await startDynamoDb({ dataDir })
  await createTable(dynamoDb.client, AUDIT_TABLE)
  return {
    ...onTables(dynamoDb.client, names, options, undefined),
    isLive: false,
    async close() {
      await dynamoDb.stop()
      lock.release()
    },
  }
}

function onTables(
  client: DynamoDBClient,
  { ledgerTable, auditTable }: { readonly ledgerTable: string; readonly auditTable: string },
  { silent, 'event-source': source = LOCAL_SOURCE }: SourceOptions,
  publish: Publisher | undefined,
) {
  const store = openLedgerStore({ client, tableName: ledgerTable })
  const table = openAuditTable({ client, tableName: auditTable })
  const projector = (): Projector => {
    if (!publish && !silent) {
      throw new StartFailure(
        'What nobody has been told of yet, nobody would ever hear of. Start the stack first, name --event-bus, or say --silent.',
      )
    }
    const teller = silent || !publish ? publishNothing : publish
    return {
      ledger: store,
      table,
      rules: allRules(thresholdsFromEnvironment()),
      tell: tellPublisher(source, teller),
      tellOfWallet: async (record) => {
        const event = walletFrozen(source, record)
        if (event) await teller([event])
      },
    }
  }
  return { store, table, projector, isTelling: publish !== undefined && !silent }
}

/** The bus of a running stack, which asks for no credentials and gets some. */
function publishLocally(endpoint: string): Publisher {
  Object.assign(process.env, LOCAL_AWS_ENVIRONMENT, { AWS_ENDPOINT_URL_EVENTBRIDGE: endpoint })
  return publishToEventBridge({ client: openEventBridge(), busName: LOCAL_BUS })
}

function closing(client: DynamoDBClient) {
  return async () => client.destroy()
}
