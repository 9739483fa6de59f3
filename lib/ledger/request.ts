import { createHash } from 'node:crypto'
import type { Posting } from '../money/posting.ts'
import { type Metadata, sortMetadata, type TransactionType } from '../money/transaction.ts'

/** Who asks, and under which key: together they name the transaction. */
export interface Origin {
  readonly client: string
  readonly idempotencyKey: string
  readonly requestId: string
}

/** What somebody wants to happen to money. Every verb becomes one of these. */
export interface PostRequest {
  readonly type: TransactionType
  readonly postings: readonly Posting[]
  readonly reference?: string | undefined
  readonly metadata?: Metadata | undefined
}

/** 128 bits: enough that no caller meets itself by accident, and 16 bytes that the record need not hold. */
const FINGERPRINT_HEX_DIGITS = 32

/** Two requests with the same fingerprint ask for the same thing, however their JSON was written. */
export function fingerprint({ type, postings, reference, metadata = {} }: PostRequest): string {
  const rows = postings.map(({ from, to, asset, amount }) => [from, to, asset, amount])
  return createHash('sha256')
    .update(JSON.stringify([type, rows, reference ?? null, Object.entries(sortMetadata(metadata))]))
    .digest('hex')
    .slice(0, FINGERPRINT_HEX_DIGITS)
}
