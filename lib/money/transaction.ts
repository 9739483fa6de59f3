import { hash } from 'node:crypto'
import type { WalletId } from './account.ts'
import type { AssetCode } from './asset.ts'
import type { Brand } from './brand.ts'
import type { HoldShift } from './hold.ts'
import type { Posting } from './posting.ts'

export type TransactionId = Brand<string, 'TransactionId'>
export const TRANSACTION_ID_PATTERN = /^txn_[0-9a-v]{26}$/

export const TRANSACTION_TYPES = [
  'TOPUP',
  'BONUS',
  'SPEND',
  'DEPOSIT',
  'WITHDRAW',
  'TRANSFER',
  'EXCHANGE',
  'POST',
  'HOLD',
  'CAPTURE',
  'VOID',
  'EXPIRE',
  'REVERSE',
] as const
export type TransactionType = (typeof TRANSACTION_TYPES)[number]

/** A balance as it was right after a transaction. */
export interface BalanceAfter {
  readonly walletId: WalletId
  readonly asset: AssetCode
  readonly available: number
  readonly held: number
  readonly seq: number
}

export type Metadata = Readonly<Record<string, string>>

/** DynamoDB does not keep the order of a map, and a replay must be the same bytes: so it is by name. */
export function sortMetadata(metadata: Metadata): Metadata {
  return Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** One row of the journal: what moved, and everything needed to give the same answer again. */
export interface Transaction {
  readonly id: TransactionId
  readonly type: TransactionType
  readonly postings: readonly Posting[]
  /** What it moved between available and held, for which hold. */
  readonly hold: HoldShift | undefined
  readonly balances: readonly BalanceAfter[]
  readonly reference: string | undefined
  readonly metadata: Metadata
  readonly at: number
  readonly client: string
  readonly fingerprint: string
  readonly requestId: string
  /** The transaction that this one takes back, wholly or in part. */
  readonly reverses: TransactionId | undefined
  /** How much of its first posting later reversals took back. All else here is written once. */
  readonly reversed: number
}

const ID_LENGTH = 26
/** The first digit stands for one bit of the 256, each other one for five. */
const ID_BITS = 126n
const BITS_READ = 128n
const HEX_DIGITS_READ = 32

/** The same caller and key always name the same transaction: that is what makes a retry safe for ever. */
export function transactionId(client: string, idempotencyKey: string): TransactionId {
  // A JSON array, so that no client and key can be cut differently and meet: ["a","bc"] is not ["ab","c"].
  const digest = hash('sha256', JSON.stringify([client, idempotencyKey]))
  const number = BigInt(`0x${digest.slice(0, HEX_DIGITS_READ)}`) >> (BITS_READ - ID_BITS)
  return `txn_${number.toString(32).padStart(ID_LENGTH, '0')}` as TransactionId
}
