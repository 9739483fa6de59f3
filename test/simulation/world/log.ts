import type { FoundBalance } from '../../../lib/ledger/find-balance.ts'
import type { PostResult } from '../../../lib/ledger/post.ts'
import type { StatusResult } from '../../../lib/ledger/wallet-status.ts'
import type { Entry } from '../../../lib/money/balance.ts'
import type { TransactionId } from '../../../lib/money/transaction.ts'
import type { PostAction, ReadAction, StatusAction, WalkAction } from './step.ts'

/** What the clients asked, and what they were told: all that anybody outside can know. */
export interface Log {
  readonly posts: AskedPost[]
  readonly reads: Asked<ReadAction, FoundBalance>[]
  readonly walks: Asked<WalkAction, Walked>[]
  readonly statuses: Asked<StatusAction, StatusResult>[]
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
  return { posts: [], reads: [], walks: [], statuses: [] }
}
