import type { WalletId } from '../../money/account.ts'
import type { Hold, HoldId, HoldShift } from '../../money/hold.ts'
import type { BalanceId, Posting } from '../../money/posting.ts'
import type { Metadata, Transaction, TransactionId } from '../../money/transaction.ts'
import type { HoldChange, ReversalChange } from '../../store/commit.ts'
import type { Decline } from '../decline.ts'

/** The item that a command is about, beside balances. It is read first, because it says which balances are touched. */
export type SubjectName =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'hold'; readonly walletId: WalletId; readonly holdId: HoldId }
  | { readonly kind: 'transaction'; readonly transactionId: TransactionId }

export interface Subject {
  readonly hold?: Hold | undefined
  readonly transaction?: Transaction | undefined
}

/** What a command does, before balances are looked at. */
export interface Resolved {
  readonly kind: 'resolved'
  readonly postings: readonly Posting[]
  readonly shift?: HoldShift
  readonly hold?: HoldChange
  readonly reversal?: ReversalChange
  /** Whether its debits may take balances below zero. */
  readonly allowOverdraft?: boolean
  /** Whether its debits succeed on frozen wallets: a freeze stops what players do, not chargebacks and captures. */
  readonly allowFrozen?: boolean
  readonly reference?: string | undefined
  readonly metadata?: Metadata | undefined
}

export type Resolution = Resolved | Declined

export interface Declined {
  readonly kind: 'declined'
  readonly decline: Decline
}

export interface Moment {
  readonly id: TransactionId
  readonly nowMs: number
}

/** One kind of command. Pure. */
export interface Operation<C> {
  readonly subject: (command: C) => SubjectName
  /** The balances that it reads and may write; none while its subject is not known. */
  readonly touched: (command: C, subject: Subject) => readonly BalanceId[]
  readonly resolve: (command: C, subject: Subject, moment: Moment) => Resolution
}

export function declined(decline: Decline): Declined {
  return { kind: 'declined', decline }
}
