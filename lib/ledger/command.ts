import { hash } from 'node:crypto'
import type { WalletId } from '../money/account.ts'
import type { Amount } from '../money/amount.ts'
import type { AssetCode } from '../money/asset.ts'
import type { HoldId } from '../money/hold.ts'
import type { Posting } from '../money/posting.ts'
import type { Metadata, TransactionId } from '../money/transaction.ts'

/** Who asks, and under which key: together they name the transaction. */
export interface Origin {
  readonly client: string
  readonly idempotencyKey: string
  readonly requestId: string
}

/** What somebody wants to happen to money. */
export type Command = PostCommand | HoldCommand | CaptureCommand | ReleaseCommand | ReverseCommand

/** Its postings say it all. */
export interface PostCommand {
  readonly type:
    | 'TOPUP'
    | 'BONUS'
    | 'SPEND'
    | 'DEPOSIT'
    | 'WITHDRAW'
    | 'TRANSFER'
    | 'EXCHANGE'
    | 'POST'
  readonly postings: readonly Posting[]
  readonly reference?: string | undefined
  readonly metadata?: Metadata | undefined
}

export interface HoldCommand {
  readonly type: 'HOLD'
  readonly walletId: WalletId
  readonly asset: AssetCode
  readonly amount: Amount
  readonly expiresInSeconds: number
}

export interface CaptureCommand {
  readonly type: 'CAPTURE'
  readonly walletId: WalletId
  readonly holdId: HoldId
  /** All that remains, unless it is given. */
  readonly amount?: Amount | undefined
  /** The treasury, unless it is given. */
  readonly to?: WalletId | undefined
}

export interface ReleaseCommand {
  readonly type: 'VOID' | 'EXPIRE'
  readonly walletId: WalletId
  readonly holdId: HoldId
}

export interface ReverseCommand {
  readonly type: 'REVERSE'
  readonly transactionId: TransactionId
  /** All that is left, unless it is given. */
  readonly amount?: Amount | undefined
  readonly allowDebt: boolean
}

/** 128 bits: enough that no caller meets itself by accident, and 16 bytes that the record need not hold. */
const FINGERPRINT_HEX_DIGITS = 32

/** Two commands with the same fingerprint ask for the same thing, however their JSON was written. */
export function fingerprint(command: Command): string {
  return hash('sha256', JSON.stringify(byName(command))).slice(0, FINGERPRINT_HEX_DIGITS)
}

/** An object's members by name; an empty object, as metadata can be, is as good as none. */
function byName(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(byName)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  if (members.length === 0) return undefined
  return Object.fromEntries(members.map(([name, member]) => [name, byName(member)]))
}
