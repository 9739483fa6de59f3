import { isDeepStrictEqual } from 'node:util'
import type { WalletId } from '../money/account.ts'
import type { Balance } from '../money/balance.ts'
import { type Metadata, sortMetadata } from '../money/transaction.ts'
import { newWallet, type Wallet } from '../money/wallet.ts'
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

/** What this request knows of its own writes. */
interface Attempts {
  /** The version that it found first. */
  first: number | undefined
  /** Whether a write has been sent that may have replaced it. */
  isInDoubt: boolean
}

/**
 * Replaces the metadata of a wallet, and creates the wallet if it is new. Each write is conditioned on the version that
 * was found first: so one that arrives late changes nothing, and one that is retried does not replace what is newer.
 */
export async function putWalletMetadata(
  ledger: Ledger,
  walletId: WalletId,
  { metadata, ifMatch }: MetadataRequest,
): Promise<MetadataResult> {
  const { store, effects } = ledger
  const request = { metadata: sortMetadata(metadata), ifMatch }
  const attempts: Attempts = { first: undefined, isInDoubt: false }
  const result = await retryOnConflict<Found, MetadataResult>(effects, {
    deadline: effects.now() + RETRY_BUDGET_MS,
    load: async () => (await store.readWallet(walletId, true)) ?? NOT_FOUND,
    attempt: async (found) => {
      const before = found.wallet ?? newWallet(walletId, effects.now())
      attempts.first ??= before.metadataChanges
      return (
        decide(found, request, attempts) ?? write(ledger, found, before, request.metadata, attempts)
      )
    },
  })
  return result ?? { kind: 'busy' }
}

/** The answer, where nothing is to be written. */
function decide(
  { wallet, balances }: Found,
  { metadata, ifMatch }: MetadataRequest,
  { first = 0, isInDoubt }: Attempts,
): MetadataResult | undefined {
  const version = wallet?.metadataChanges ?? 0
  // With these contents it is our own write, or one that is equal to it.
  const isWritten =
    isInDoubt && version === first + 1 && isDeepStrictEqual(wallet?.metadata, metadata)
  if (wallet && isWritten) return { kind: 'done', wallet, balances }
  const isMatch = wallet !== undefined && (ifMatch === '*' || ifMatch === version)
  if (ifMatch !== undefined && !isMatch) return { kind: 'precondition-failed' }
  // Another client has written since this request began, and what it wrote is newer.
  return version === first ? undefined : { kind: 'busy' }
}

async function write(
  { store }: Ledger,
  { wallet, balances }: Found,
  before: Wallet,
  metadata: Metadata,
  attempts: Attempts,
): Promise<MetadataResult | Conflict<Found>> {
  const after = { ...before, metadata, metadataChanges: before.metadataChanges + 1 }
  const outcome = await store.commitMetadata({ before: wallet, after })
  if (outcome.kind === 'committed') return { kind: 'done', wallet: after, balances }
  const mayStillCommit = 'mayStillCommit' in outcome && outcome.mayStillCommit === true
  if (outcome.kind === 'unknown' || mayStillCommit) attempts.isInDoubt = true
  return { kind: 'conflict' }
}
