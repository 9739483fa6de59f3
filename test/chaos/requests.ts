import { z } from 'zod'
import { LEDGER_TABLE } from '../../lib/store/tables.ts'

const writes = z.object({
  TransactItems: z.array(
    z.object({
      Put: z.optional(
        z.object({
          TableName: z.string(),
          Item: z.record(z.string(), z.record(z.string(), z.unknown())),
        }),
      ),
    }),
  ),
})

const RECORD = /^T#(txn_.+)$/

/** The transaction that a TransactWriteItems would make; undefined where it makes none, as the audit's do. */
export function transactionIn(body: Buffer): string | undefined {
  const { TransactItems } = writes.parse(JSON.parse(body.toString()))
  for (const { Put } of TransactItems) {
    if (Put?.TableName !== LEDGER_TABLE.name) continue
    const id = RECORD.exec(String(Put.Item[LEDGER_TABLE.partitionKey]?.['S']))?.[1]
    if (id !== undefined) return id
  }
  return undefined
}

/** How many items it writes. */
export function sizeOf(body: Buffer): number {
  return writes.parse(JSON.parse(body.toString())).TransactItems.length
}
