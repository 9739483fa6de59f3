import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createContentsReader } from '../../lib/audit/contents.ts'
import { findViolations, type LedgerContents } from '../../lib/audit/invariants.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { LEDGER_TABLE } from '../../lib/store/tables.ts'

/** The whole ledger, and in how far it is not as a ledger must be. */
export async function readLedger(client: DynamoDBClient): Promise<{
  readonly contents: LedgerContents
  readonly faults: readonly string[]
}> {
  const reader = createContentsReader()
  const store = openLedgerStore({ client, tableName: LEDGER_TABLE.name })
  for await (const page of store.scan()) reader.add(page)
  const { contents, unreadable } = reader
  const faults = [...unreadable, ...findViolations(contents)].map(
    ({ invariant, where, reason }) => `invariant ${invariant}: ${where} ${reason}`,
  )
  return { contents, faults }
}

/** What nobody of the load did. */
export function seededIn({ transactions }: LedgerContents): ReadonlySet<string> {
  return new Set(
    transactions.filter(({ reference }) => reference === 'seed').map(({ id }) => String(id)),
  )
}
