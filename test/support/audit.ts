import { randomUUID } from 'node:crypto'
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import { type AuditOptions, auditRecords } from '../../lib/audit/audit-records.ts'
import type { Projector } from '../../lib/audit/projector.ts'
import { allRules, DEFAULT_THRESHOLDS } from '../../lib/audit/rules/all.ts'
import { type AuditTable, openAuditTable } from '../../lib/audit/table/audit-table.ts'
import { AUDIT_TABLE } from '../../lib/store/tables.ts'
import { createTable } from '../../local/tables.ts'
import type { TestLedger } from './ledger.ts'

/** The audit of a test ledger, in a table of its own. */
export interface TestAudit {
  readonly table: AuditTable
  readonly projector: Projector
  readonly options: AuditOptions
  readonly audit: (records: readonly DynamoDBRecord[]) => ReturnType<typeof auditRecords>
  readonly drop: () => Promise<void>
}

export async function openTestAudit(
  { client, store }: TestLedger,
  overrides: Partial<Projector> = {},
  sender: Pick<TestLedger['client'], 'send'> = client,
): Promise<TestAudit> {
  const tableName = `Audit-${randomUUID()}`
  await createTable(client, AUDIT_TABLE, tableName)
  const table = openAuditTable({ client: sender, tableName })
  const projector: Projector = {
    ledger: store,
    table,
    rules: allRules(DEFAULT_THRESHOLDS),
    tell: async () => {},
    tellOfWallet: async () => {},
    ...overrides,
  }
  const options: AuditOptions = {
    projector,
    now: Date.now,
    sleep: async () => {},
    onParked: () => {},
  }
  return {
    table,
    projector,
    options,
    audit: (records) => auditRecords(options, records),
    async drop() {
      await client.send(new DeleteTableCommand({ TableName: tableName }))
    },
  }
}

/** All projections, to be compared: everything in the table but how far the stream was read. */
export async function readProjections(table: AuditTable): Promise<string> {
  const lines: string[] = []
  for await (const page of table.scan()) {
    lines.push(...page.filter(({ pk }) => pk !== 'L').map(inOrder))
  }
  return lines.sort((a, b) => (a < b ? -1 : 1)).join('\n')
}

/** DynamoDB gives the attributes of an item in any order. */
function inOrder(item: object): string {
  return JSON.stringify(item, (_, value) => {
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
