import type { WalletId } from './account.ts'
import { invariant } from './invariant.ts'
import type { Metadata } from './transaction.ts'

/** FROZEN: money comes in, and only captures and reversals take it out. CLOSED: nothing moves. */
export const WALLET_STATUSES = ['ACTIVE', 'FROZEN', 'CLOSED'] as const
export type WalletStatus = (typeof WALLET_STATUSES)[number]

/** So that freezing or closing a wallet, which writes all its balances, fits one DynamoDB transaction. */
export const MAX_BALANCES = 90

export interface Wallet {
  readonly id: WalletId
  readonly status: WalletStatus
  /** Why, by whom and when the status was last changed; undefined for a wallet whose status never changed. */
  readonly reason: string | undefined
  readonly changedBy: string | undefined
  readonly changedAt: number | undefined
  readonly metadata: Metadata
  readonly createdAt: number
  /** How many balances it has. Opening another one counts it here, in the same transaction. */
  readonly balanceCount: number
  /** How often its status has changed. A change that arrives late does not match it, and is refused. */
  readonly statusChanges: number
  /** The same for its metadata, and when the request began that wrote it. */
  readonly metadataChanges: number
  readonly metadataAt: number | undefined
}

/** One entry of a wallet's status history. */
export interface StatusRecord {
  readonly walletId: WalletId
  /** 1 for the first change. */
  readonly number: number
  readonly status: WalletStatus
  readonly reason: string | undefined
  readonly by: string | undefined
  readonly at: number
}

/** The record of the last change; a wallet that never changed has none. */
export function statusRecordOf(wallet: Wallet): StatusRecord {
  const { id: walletId, statusChanges: number, status, reason, changedBy: by, changedAt } = wallet
  invariant(changedAt !== undefined && number > 0, 'a change of status has a number and a time')
  return { walletId, number, status, reason, by, at: changedAt }
}

export function newWallet(id: WalletId, createdAt: number): Wallet {
  return {
    id,
    status: 'ACTIVE',
    reason: undefined,
    changedBy: undefined,
    changedAt: undefined,
    metadata: {},
    createdAt,
    balanceCount: 0,
    statusChanges: 0,
    metadataChanges: 0,
    metadataAt: undefined,
  }
}
