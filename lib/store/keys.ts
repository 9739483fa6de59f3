import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import type { HoldId } from '../money/hold.ts'
import { invariant } from '../money/invariant.ts'
import type { TransactionId } from '../money/transaction.ts'

/** Every key of the Ledger table is built here, and nowhere else. */
export interface Key {
  readonly pk: string
  readonly sk: string
}

const AT_DIGITS = 13
const SEQ_DIGITS = 12

/** The last millisecond that 13 digits can write: in the year 2286. */
export const MAX_AT = 10 ** AT_DIGITS - 1
export const MAX_SEQ = 10 ** SEQ_DIGITS - 1

export function walletPartition(walletId: WalletId): string {
  return `W#${walletId}`
}

export const WALLET_SORT_KEY = 'P'

export function walletKey(walletId: WalletId): Key {
  return { pk: walletPartition(walletId), sk: WALLET_SORT_KEY }
}

/** One item for each change of the wallet's status. */
export const STATUS_PREFIX = 'S#'

export function statusKey(walletId: WalletId, number: number): Key {
  return { pk: walletPartition(walletId), sk: `${STATUS_PREFIX}${seqDigits(number)}` }
}

export const BALANCE_PREFIX = 'B#'

export function balanceKey(walletId: WalletId, asset: AssetCode): Key {
  return { pk: walletPartition(walletId), sk: `${BALANCE_PREFIX}${asset}` }
}

/** Where an entry stands in its balance's history; sorts by time, then by number. */
export interface EntryPosition {
  readonly at: number
  readonly seq: number
}

export function entryKey(walletId: WalletId, asset: AssetCode, position: EntryPosition): Key {
  return { pk: walletPartition(walletId), sk: entrySortKey(asset, position) }
}

export function entrySortKey(asset: AssetCode, { at, seq }: EntryPosition): string {
  return `E#${asset}#${atDigits(at)}#${seqDigits(seq)}`
}

/** Numbers as texts that sort as the numbers do. */
export function atDigits(at: number): string {
  return digits(at, AT_DIGITS)
}

export function seqDigits(seq: number): string {
  return digits(seq, SEQ_DIGITS)
}

export function holdKey(walletId: WalletId, id: HoldId): Key {
  return { pk: walletPartition(walletId), sk: `H#${id}` }
}

/** Thousands of holds may end in one minute: spread over these, they do not meet on one key of the index. */
export const EXPIRY_SHARDS = 32

export function expiryShard(id: HoldId): string {
  // The id is the base-32 text of a hash, so its last digit is as good as a random number below 32.
  return expiryShardName(Number.parseInt(id.slice(-1), EXPIRY_SHARDS))
}

export function expiryShardName(shard: number): string {
  invariant(shard >= 0 && shard < EXPIRY_SHARDS, `not a shard: ${shard}`)
  return `X#${shard}`
}

export function transactionKey(id: TransactionId): Key {
  return { pk: `T#${id}`, sk: 'T' }
}

/** All assets share one partition, so that listing them is one query. They are few and hardly ever read. */
export const ASSET_PARTITION = 'A'
export const ASSET_PREFIX = 'A#'

export function assetKey(code: AssetCode): Key {
  return { pk: ASSET_PARTITION, sk: `${ASSET_PREFIX}${code}` }
}

function digits(value: number, width: number): string {
  invariant(Number.isSafeInteger(value) && value >= 0, `not a whole number of a key: ${value}`)
  const written = String(value).padStart(width, '0')
  invariant(written.length === width, `too long for a key: ${value}`)
  return written
}
