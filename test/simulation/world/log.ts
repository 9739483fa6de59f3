import type { FoundBalance } from '../../../lib/ledger/find-balance.ts'
import type { WalletFound } from '../../../lib/ledger/find-wallet.ts'
import type { PostResult } from '../../../lib/ledger/post.ts'
import type { MetadataResult } from '../../../lib/ledger/wallet-metadata.ts'
import type { StatusResult } from '../../../lib/ledger/wallet-status.ts'
import type { Entry } from '../../../lib/money/balance.ts'
import type { TransactionId } from '../../../lib/money/transaction.ts'
import type {
  MetadataAction,
  PostAction,
  ReadAction,
  StatusAction,
  WalkAction,
  WalletAction,
} from './step.ts'

/** What the clients asked, and what they were told: all that anybody outside can know. */
export interface Log {
  readonly posts: AskedPost[]
  readonly reads: Asked<ReadAction, BalanceRead>[]
  readonly wallets: Asked<WalletAction, WalletFound | undefined>[]
  readonly metadata: Asked<MetadataAction, MetadataWritten>[]
  readonly walks: Asked<WalkAction, Walked>[]
  readonly statuses: Asked<StatusAction, StatusResult>[]
}

/** A balance, as it was at a time or is now. */
export type BalanceRead = FoundBalance & { readonly asOfMs: number | undefined }

/** What came of a write of metadata, and the version that it was to replace, if it named one. */
export interface MetadataWritten {
  readonly outcome: MetadataResult
  readonly ifMatch: number | undefined
}

export type AskedPost = Asked<PostAction, PostResult>

export interface Asked<Action, Result> {
  /** Of the step. */
  readonly number: number
  readonly action: Action
  readonly fromUs: number
  /** Nothing, where nobody heard an answer. */
  heard: { readonly atUs: number; readonly result: Result } | undefined
}

/** What a client saw who followed the cursors to their end; nothing, where a page never came. */
export interface Walked {
  readonly entries: readonly Pick<Entry, 'asset' | 'seq' | 'at' | 'transactionId'>[]
  readonly ids: readonly TransactionId[]
}

export function createLog(): Log {
  return { posts: [], reads: [], wallets: [], metadata: [], walks: [], statuses: [] }
}
