import { isDeepStrictEqual } from 'node:util'
import type { WalletId } from '../money/account.ts'
import type { Balance } from '../money/balance.ts'
import { type Metadata, sortMetadata } from '../money/transaction.ts'
import { newWallet, type Wallet } from '../money/wallet.ts'
import type { Ledger } from './ledger.ts'
import { type Lost, TRY_FOR_MS, untilWon } from './retry.ts'

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

/** The version that a write without an answer would have made. */
interface Doubt {
  version: number | undefined
}

/**
 * Replaces the metadata of a wallet, and creates the wallet if it is new. Each write is conditioned on the version that
 * it replaces, so one that arrives late changes nothing.
 */
export async function putWalletMetadata(
  ledger: Ledger,
  walletId: WalletId,
  { metadata, ifMatch }: MetadataRequest,
): Promise<MetadataResult> {
  const { store, effects } = ledger
  const request = { metadata: sortMetadata(metadata), ifMatch }
  const doubt: Doubt = { version: undefined }
  const result = await untilWon<Found, MetadataResult>(effects, {
    giveUpAt: effects.now() + TRY_FOR_MS,
    load: async () => (await store.readWallet(walletId, true)) ?? NOT_FOUND,
    attempt: async (found) => {
      const before = found.wallet ?? newWallet(walletId, effects.now())
      return decide(found, request, doubt) ?? write(ledger, found, before, request.metadata, doubt)
    },
  })
  return result ?? { kind: 'busy' }
}

/** The answer, where nothing is to be written. */
function decide(
  { wallet, balances }: Found,
  { metadata, ifMatch }: MetadataRequest,
  { version: uncertain }: Doubt,
): MetadataResult | undefined {
  const version = wallet?.metadataChanges ?? 0
  if (wallet && uncertain !== undefined && version >= uncertain) {
    // With these contents it is that write, or one that cannot be told from it. Otherwise another client has written,
    // and writing again could replace something newer than this request.
    const isWritten = version === uncertain && isDeepStrictEqual(wallet.metadata, metadata)
    return isWritten ? { kind: 'done', wallet, balances } : { kind: 'busy' }
  }
  if (ifMatch === undefined) return undefined
  const isMatch = wallet !== undefined && (ifMatch === '*' || ifMatch === version)
  return isMatch ? undefined : { kind: 'precondition-failed' }
}

async function write(
  { store }: Ledger,
  { wallet, balances }: Found,
  before: Wallet,
  metadata: Metadata,
  doubt: Doubt,
): Promise<MetadataResult | Lost<Found>> {
  const after = { ...before, metadata, metadataChanges: before.metadataChanges + 1 }
  const outcome = await store.commitMetadata({ before: wallet, after })
  if (outcome.kind === 'committed') return { kind: 'done', wallet: after, balances }
  const mayStillCommit = 'mayStillCome' in outcome && outcome.mayStillCome === true
  if (outcome.kind === 'unknown' || mayStillCommit) doubt.version = after.metadataChanges
  return { kind: 'lost' }
}
