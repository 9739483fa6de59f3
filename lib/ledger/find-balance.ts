import { type Balance, type Entry, unopenedBalance } from '../money/balance.ts'
import type { BalanceId } from '../money/posting.ts'
import { StoreUnavailable } from '../store/failures.ts'
import { MAX_AT, MAX_SEQ } from '../store/keys.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import { readUntilWhole } from '../store/read-until-whole.ts'
import type { Decline } from './decline.ts'
import { isSettled } from './settled.ts'

export type BalanceFound = Pick<
  Balance,
  'walletId' | 'asset' | 'available' | 'held' | 'seq' | 'at'
> & {
  /** Of a balance at a time: whether it can no longer change. */
  readonly settled?: boolean
}

export type FoundBalance =
  | { readonly kind: 'found'; readonly balance: BalanceFound }
  | { readonly kind: 'declined'; readonly decline: Decline }

export interface BalanceQuery {
  readonly at?: number | undefined
  readonly consistent: boolean
  readonly nowMs: number
}

/** A balance now, or as it was at a time. A wallet that never had the asset has none of it. */
export async function findBalance(
  store: LedgerStore,
  id: BalanceId,
  query: BalanceQuery,
): Promise<FoundBalance> {
  const { balance, ...settled } = await readBalance(store, id, query)
  if (balance) return { kind: 'found', balance: { ...balance, ...settled } }

  const { walletId, asset } = id
  const { wallets, assets } = await store.readState({ wallets: [walletId], assets: [asset] })
  const [wallet] = wallets
  if (assets.length === 0) return { kind: 'declined', decline: { code: 'ASSET_NOT_FOUND', asset } }
  if (!wallet) return { kind: 'declined', decline: { code: 'WALLET_NOT_FOUND', walletId } }
  const unopened = { ...unopenedBalance(id), at: wallet.createdAt }
  return { kind: 'found', balance: { ...unopened, ...settled } }
}

interface Read {
  readonly balance: BalanceFound | undefined
  readonly settled?: boolean
}

async function readBalance(
  store: LedgerStore,
  id: BalanceId,
  { at, consistent, nowMs }: BalanceQuery,
): Promise<Read> {
  if (at === undefined) return { balance: await store.readBalance(id, consistent) }
  if (isSettled(at, nowMs)) {
    // A replica can be behind, and an answer that says that it is final has to be.
    return { balance: await readUntil(store, id, at, true), settled: true }
  }
  const { entry, next } = await readUntilWhole(
    store,
    consistent,
    (isConsistent) => readAround(store, id, at, isConsistent),
    isWithoutGap,
  )
  if (!isWithoutGap({ entry, next })) throw new StoreUnavailable('an entry is not visible yet')
  // What follows settles what was before: the times of a balance never go back.
  return { balance: entry, settled: next !== undefined }
}

interface Around {
  readonly entry: Entry | undefined
  readonly next: Entry | undefined
}

/** The last entry until a time, and the first one after it. */
async function readAround(
  store: LedgerStore,
  id: BalanceId,
  at: number,
  consistent: boolean,
): Promise<Around> {
  const [entry, next] = await Promise.all([
    readUntil(store, id, at, consistent),
    readAfter(store, id, at, consistent),
  ])
  return { entry, next }
}

async function readUntil(store: LedgerStore, id: BalanceId, at: number, consistent: boolean) {
  if (at < 0) return undefined
  const newest = { at: Math.min(at, MAX_AT), seq: MAX_SEQ }
  const range = { ...id, oldest: { at: 0, seq: 0 }, newest, order: 'desc', limit: 1 } as const
  const { entries } = await store.readEntries({ ...range, consistent })
  return entries[0]
}

async function readAfter(store: LedgerStore, id: BalanceId, at: number, consistent: boolean) {
  if (at >= MAX_AT) return undefined
  const oldest = { at: Math.max(at + 1, 0), seq: 0 }
  const newest = { at: MAX_AT, seq: MAX_SEQ }
  const range = { ...id, oldest, newest, order: 'asc', limit: 1 } as const
  const { entries } = await store.readEntries({ ...range, consistent })
  return entries[0]
}

/** An entry can become visible after the one that follows it. */
function isWithoutGap({ entry, next }: Around): boolean {
  return next === undefined || next.seq === (entry?.seq ?? 0) + 1
}
