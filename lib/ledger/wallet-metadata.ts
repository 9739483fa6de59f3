import { isDeepStrictEqual } from 'node:util'
import type { WalletId } from '../money/account.ts'
import type { Balance } from '../money/balance.ts'
import { type Metadata, sortMetadata } from '../money/transaction.ts'
import { newWallet, type Wallet } from '../money/wallet.ts'
import { isInDoubt } from '../store/commit.ts'
import type { Ledger } from './ledger.ts'
import { type Conflict, RETRY_BUDGET_MS, retryOnConflict } from './retry.ts'

export type MetadataResult =
  | { readonly kind: 'done'; readonly wallet: Wallet; readonly balances: readonly Balance[] }
  | { readonly kind: 'precondition-failed' }
  | { readonly kind: 'busy' }

export interface MetadataRequest {
  readonly metadata: Metadata
  /** The version that it replaces, or `*` for any version of a wallet that exists. Undefined: whatever there is. */
  readonly ifMatch?: number | '*' | undefined
}

interface Found {
  readonly wallet: Wallet | undefined
  readonly balances: readonly Balance[]
}

const NOT_FOUND: Found = { wallet: undefined, balances: [] }

/** What a request knows of itself, beside what it is to write. */
interface Attempts {
  readonly startedAt: number
  /** The version that it found first. */
  first: number | undefined
  /** Whether a write has been sent whose outcome is unknown. */
  outcomeUnknown: boolean
}

/**
 * Replaces the metadata of a wallet, and creates the wallet if it is new. Each write is conditioned on the version that it
 * replaces, so one that arrives late changes nothing. Of requests that overlap, the one that began last wins: the others
 * are as if they had been done before it.
 */
export async function putWalletMetadata(
  ledger: Ledger,
  walletId: WalletId,
  { metadata, ifMatch }: MetadataRequest,
): Promise<MetadataResult> {
  const { store, effects } = ledger
  const request = { metadata: sortMetadata(metadata), ifMatch }
  const startedAt = effects.now()
  const attempts: Attempts = { startedAt, first: undefined, outcomeUnknown: false }
  const result = await retryOnConflict<Found, MetadataResult>(effects, {
    deadline: startedAt + RETRY_BUDGET_MS,
    load: async () => (await store.readWallet(walletId, true)) ?? NOT_FOUND,
    attempt: async (found) => {
      const before = found.wallet ?? newWallet(walletId, startedAt)
      attempts.first ??= before.metadataChanges
      return (
        resultOf(found, request, attempts) ??
        write(ledger, found, before, request.metadata, attempts)
      )
    },
  })
  return result ?? { kind: 'busy' }
}

/** The result where nothing is to be written. */
function resultOf(
  { wallet, balances }: Found,
  { metadata, ifMatch }: MetadataRequest,
  { startedAt, first, outcomeUnknown }: Attempts,
): MetadataResult | undefined {
  const { metadataChanges: version = 0, metadataAt = 0 } = wallet ?? {}
  const isOwn =
    outcomeUnknown && metadataAt === startedAt && isDeepStrictEqual(wallet?.metadata, metadata)
  if (wallet && isOwn) return { kind: 'done', wallet, balances }
  const isMatch = wallet !== undefined && (ifMatch === '*' || ifMatch === version)
  // Our write may have been committed and then overwritten. Nothing can be said of it, and it must not be made twice.
  if (outcomeUnknown && version !== first) return { kind: 'busy' }
  if (ifMatch !== undefined && !isMatch) return { kind: 'precondition-failed' }
  const isOverwritten = version !== first && metadataAt >= startedAt
  return wallet && isOverwritten ? { kind: 'done', wallet, balances } : undefined
}

async function write(
  { store }: Ledger,
  { wallet, balances }: Found,
  before: Wallet,
  metadata: Metadata,
  attempts: Attempts,
): Promise<MetadataResult | Conflict<Found>> {
  const { startedAt: metadataAt } = attempts
  const metadataChanges = before.metadataChanges + 1
  const after = { ...before, metadata, metadataChanges, metadataAt }
  const outcome = await store.commitMetadata({ before: wallet, after })
  if (outcome.kind === 'committed') return { kind: 'done', wallet: after, balances }
  if (isInDoubt(outcome)) attempts.outcomeUnknown = true
  return { kind: 'conflict' }
}
