import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Entry } from '../money/balance.ts'
import type { Transaction, TransactionId, TransactionType } from '../money/transaction.ts'
import { type EntryPosition, MAX_AT, MAX_SEQ } from '../store/keys.ts'
import type { EntryPage, LedgerStore } from '../store/ledger-store.ts'

/** The order of a wallet's history over all its assets: newest first, then by asset, then by number. */
export interface HistoryPosition extends EntryPosition {
  readonly asset: AssetCode
}

export interface HistoryQuery {
  readonly walletId: WalletId
  readonly asset?: AssetCode | undefined
  readonly type?: TransactionType | undefined
  /** Inside the range. */
  readonly fromMs?: number | undefined
  /** Just outside of it, so that the months of a year neither overlap nor leave a gap. */
  readonly toMs?: number | undefined
  readonly limit: number
  readonly after?: HistoryPosition | undefined
  readonly consistent: boolean
}

export interface HistoryPage {
  readonly transactions: readonly Transaction[]
  readonly next: HistoryPosition | undefined
}

/** How many entries one page looks at, for each asset, to find those of one type. */
const MAX_SCANNED_ENTRIES = 1_000

/** What happened to a wallet; undefined for a wallet that never was. A page can be short and yet have a next one. */
export async function listTransactions(
  store: LedgerStore,
  query: HistoryQuery,
): Promise<HistoryPage | undefined> {
  const assets = query.asset ? [query.asset] : await assetsOf(store, query)
  const pages = await Promise.all(assets.map((asset) => readAssetPage(store, query, asset)))
  const { entries, next } = mergePages(assets, pages, query.limit)
  if (entries.length === 0 && !next && !query.after && !(await exists(store, query.walletId))) {
    return undefined
  }
  const records = await readRecords(store, entries, query.consistent)
  const transactions = entries.flatMap((entry) => {
    const record = records.get(entry.transactionId)
    return record && isFirstOf(record, entry, query) ? [record] : []
  })
  return { transactions, next }
}

async function assetsOf(
  store: LedgerStore,
  { walletId, consistent }: HistoryQuery,
): Promise<AssetCode[]> {
  const balances = await store.readBalances(walletId, consistent)
  return balances.map(({ asset }) => asset)
}

async function exists(store: LedgerStore, walletId: WalletId): Promise<boolean> {
  const wallets = await store.readWallets([walletId])
  return wallets.length > 0
}

async function readAssetPage(
  store: LedgerStore,
  query: HistoryQuery,
  asset: AssetCode,
): Promise<EntryPage> {
  const { walletId, type, consistent } = query
  const oldest = { at: query.fromMs ?? 0, seq: 0 }
  const newest = newestPosition(query, asset)
  if (newest.at < oldest.at) return { entries: [], scannedTo: undefined }
  // One more than the page, to know whether there is a next one. A filter runs after the limit, so it needs room.
  const limit = type ? MAX_SCANNED_ENTRIES : query.limit + 1
  return store.readEntries({ walletId, asset, oldest, newest, limit, type, consistent })
}

function newestPosition({ toMs, after }: HistoryQuery, asset: AssetCode): EntryPosition {
  const end = { at: Math.min((toMs ?? MAX_AT + 1) - 1, MAX_AT), seq: MAX_SEQ }
  if (!after) return end
  if (asset === after.asset) return { at: after.at, seq: after.seq - 1 }
  // At one time the assets come by name: those before the cursor's have been shown, those after it have not.
  return { at: asset < after.asset ? after.at - 1 : after.at, seq: MAX_SEQ }
}

function mergePages(
  assets: readonly AssetCode[],
  pages: readonly EntryPage[],
  limit: number,
): { entries: Entry[]; next: HistoryPosition | undefined } {
  // Beyond the place where the first asset stopped reading, the others may not be shown yet.
  const stops = pages.flatMap(({ scannedTo }, index) => {
    const asset = assets[index]
    return scannedTo && asset ? [{ ...scannedTo, asset }] : []
  })
  const stop = stops.sort(newestFirst)[0]
  const merged = pages.flatMap(({ entries }) => entries).sort(newestFirst)
  const shown = stop ? merged.filter((entry) => newestFirst(entry, stop) <= 0) : merged
  const entries = shown.slice(0, limit)
  const last = entries.at(-1)
  if (shown.length > limit && last) return { entries, next: positionOf(last) }
  return { entries, next: stop }
}

function positionOf({ at, asset, seq }: HistoryPosition): HistoryPosition {
  return { at, asset, seq }
}

function newestFirst(a: HistoryPosition, b: HistoryPosition): number {
  if (a.at !== b.at) return b.at - a.at
  if (a.asset !== b.asset) return a.asset < b.asset ? -1 : 1
  return b.seq - a.seq
}

async function readRecords(
  store: LedgerStore,
  entries: readonly Entry[],
  consistent: boolean,
): Promise<Map<TransactionId, Transaction>> {
  const ids = Array.from(new Set(entries.map(({ transactionId }) => transactionId)))
  const found = await store.readTransactions(ids, consistent)
  const records = new Map(found.map((record) => [record.id, record]))
  // An entry may be seen a moment before its record: they are copied to a replica one by one.
  const late = ids.filter((id) => !records.has(id))
  if (late.length === 0) return records
  const caughtUp = await store.readTransactions(late, true)
  return new Map([...records, ...caughtUp.map((record) => [record.id, record] as const)])
}

/** A transaction that moved several assets of the wallet has an entry in each, and is shown at the first. */
function isFirstOf(record: Transaction, entry: Entry, { walletId, asset }: HistoryQuery): boolean {
  if (asset) return true
  const first = record.balances.find((balance) => balance.walletId === walletId)
  return first?.asset === entry.asset
}
