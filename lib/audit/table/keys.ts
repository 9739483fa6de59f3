import { createHash } from 'node:crypto'
import type { WalletId } from '../../money/account.ts'
import type { AssetCode } from '../../money/asset.ts'
import type { BalanceId } from '../../money/posting.ts'
import { atDigits, type EntryPosition, type Key, seqDigits } from '../../store/keys.ts'

/** Every key of the Audit table is built here, and nowhere else. */

/**
 * All projections have a generation in their keys. A rebuild makes the next one beside it, and then everybody
 * changes over at once.
 */
export type Generation = number

/** Undefined for what is not a projection. */
export function generationOf(pk: string): Generation | undefined {
  const digits = /^(\d+)#/.exec(pk)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

export const GENERATIONS_KEY: Key = { pk: 'G', sk: 'G' }
export const PROGRESS_KEY: Key = { pk: 'L', sk: 'L' }

export function projectionPartition(generation: Generation, walletId: WalletId): string {
  return `${generation}#W#${walletId}`
}

export const PROJECTION_PREFIX = 'B#'

export function projectionKey(generation: Generation, { walletId, asset }: BalanceId): Key {
  return { pk: projectionPartition(generation, walletId), sk: `${PROJECTION_PREFIX}${asset}` }
}

/** One sum over all wallets would be written by each of their transactions: so there are this many, by wallet. */
export const SUPPLY_SHARDS = 32

export function shardOf(walletId: WalletId): number {
  return createHash('sha256').update(walletId).digest().readUInt8(0) % SUPPLY_SHARDS
}

export function supplyPartition(generation: Generation, asset: AssetCode, shard: number): string {
  return `${generation}#S#${asset}#${shard}`
}

export function statementPartition(
  generation: Generation,
  account: string,
  asset: AssetCode,
  shard: number,
): string {
  return `${generation}#Y#${account}#${asset}#${shard}`
}

/** Where a line stands in the statement of a system account: by time, then by wallet, entry and posting. */
export interface LinePosition extends EntryPosition {
  readonly walletId: WalletId
  readonly index: number
}

export function lineSortKey({ at, walletId, seq, index }: LinePosition): string {
  return `${atDigits(at)}#${walletId}#${seqDigits(seq)}#${String(index).padStart(2, '0')}`
}

export function flagKey(id: string): Key {
  return { pk: `F#${id}`, sk: 'F' }
}

export function deadLetterKey(id: string): Key {
  return { pk: `D#${id}`, sk: 'D' }
}
