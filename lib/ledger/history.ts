import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Entry } from '../money/balance.ts'
import { type Hold, holdIdOf } from '../money/hold.ts'
import type { Transaction, TransactionId, TransactionType } from '../money/transaction.ts'
import { StoreUnavailable } from '../store/failures.ts'
import { type EntryPosition, MAX_AT, MAX_SEQ } from '../store/keys.ts'
import type { EntryPage, LedgerStore } from '../store/ledger-store.ts'
import type { Decline } from './decline.ts'

/** The order of a wallet's history over all its assets: by time, then by asset, then by number. */
export interface HistoryPosition extends EntryPosition {
  readonly asset: AssetCode
}

export interface HistoryQuery {
  readonly walletId: WalletId
  readonly asset?: AssetCode | undefined
  readonly type?: TransactionType | undefined
  /** Inside the range. */
  readonly from?: number | undefined
  /** Just outside of it, so that the months of a year neither overlap nor leave a gap. */
  readonly to?: number | undefined
  /** Newest first, or oldest first. */
  readonly order: 'desc' | 'asc'
  readonly limit: number
  readonly after?: HistoryPosition | undefined
  readonly consistent: boolean
}

/** A page can be short, and yet have a next one. */
export interface HistoryPage<Item> {
  readonly kind: 'page'
  readonly items: readonly Item[]
  readonly next: HistoryPosition | undefined
}

export type History<Item> =
  | HistoryPage<Item>
  | { readonly kind: 'declined'; readonly decline: Decline }

/** How many entries one page looks at, for each asset, to find those of one type. */
const SCANNED_AT_ONCE = 500
const MAX_SCANS = 10

/** What changed the balances of a wallet. One query for each asset, however long the history is. */
export async function listEntries(
  store: LedgerStore,
  query: HistoryQuery,
): Promise<History<Entry>> {
  const assets = query.asset ? [query.asset] : await assetsOf(store, query.walletId)
  // Of several assets, one that lags behind the others would fall out between two pages.
  const consistent = query.consistent || assets.length > 1
  const pages = await Promise.all(
    assets.map((asset) => readAssetPage(store, { ...query, consistent }, asset)),
  )
  const { entries, next } = mergePages(assets, pages, query)
  const mayBeNothing = entries.length === 0 && !next && !query.after
  const decline = mayBeNothing ? await findMissing(store, query) : undefined
  return decline ? { kind: 'declined', decline } : { kind: 'page', items: entries, next }
}

/** What happened to a wallet: a transaction that moved several of its assets is one. */
export async function listTransactions(
  store: LedgerStore,
  query: HistoryQuery,
): Promise<History<Transaction>> {
  const found = await listEntries(store, query)
  if (found.kind === 'declined') return found
  const records = await readRecords(store, found.items, query.consistent)
  const transactions = found.items.flatMap((entry) => {
    const record = records.get(entry.transactionId)
    if (!record) throw new StoreUnavailable(`${entry.transactionId} has an entry and no record`)
    return isFirstOf(record, entry, query) ? [record] : []
  })
  return { ...found, items: transactions }
}

/** The holds of a wallet, in the order in which they were made. */
export async function listHolds(
  store: LedgerStore,
  query: Omit<HistoryQuery, 'type'>,
): Promise<History<Hold>> {
  const found = await listEntries(store, { ...query, type: 'HOLD' })
  if (found.kind === 'declined') return found
  const { walletId } = query
  const names = found.items.map(({ transactionId }) => {
    return { walletId, holdId: holdIdOf(transactionId) }
  })
  const { holds } = await store.readState({ holds: names })
  const byId = new Map(holds.map((hold) => [hold.id, hold]))
  const items = names.flatMap(({ holdId }) => byId.get(holdId) ?? [])
  return { ...found, items }
}

/** The entry that was the newest at a time, the moment itself included. */
export async function findEntryAt(
  store: LedgerStore,
  id: { readonly walletId: WalletId; readonly asset: AssetCode },
  atMs: number,
  consistent: boolean,
): Promise<Entry | undefined> {
  const at = Math.min(atMs, MAX_AT)
  if (at < 0) return undefined
  const { entries } = await store.readEntries({
    ...id,
    oldest: { at: 0, seq: 0 },
    newest: { at, seq: MAX_SEQ },
    order: 'desc',
    limit: 1,
    consistent,
  })
  return entries[0]
}

async function assetsOf(store: LedgerStore, walletId: WalletId): Promise<AssetCode[]> {
  const balances = await store.readBalances(walletId, true)
  return balances.map(({ asset }) => asset)
}

/** Why there is nothing to see, if it is not that nothing happened. */
async function findMissing(
  store: LedgerStore,
  { walletId, asset }: HistoryQuery,
): Promise<Decline | undefined> {
  const { wallets, assets } = await store.readState({
    wallets: [walletId],
    assets: asset ? [asset] : [],
  })
  if (asset && assets.length === 0) return { code: 'ASSET_NOT_FOUND', asset }
  return wallets.length === 0 ? { code: 'WALLET_NOT_FOUND', walletId } : undefined
}

async function readAssetPage(
  store: LedgerStore,
  query: HistoryQuery,
  asset: AssetCode,
): Promise<EntryPage> {
  const { walletId, type, order, consistent } = query
  const { oldest, newest } = rangeOf(query, asset)
  if (newest.at < oldest.at) return { entries: [], scannedTo: undefined }
  // One more than the page, to know whether there is a next one.
  const limit = query.limit + 1
  const range = { walletId, asset, oldest, newest, order, consistent }
  if (!type) return store.readEntries({ ...range, limit })

  // A filter runs after the limit: so look at many, and go on until the page is full.
  const found: Entry[] = []
  let rest = range
  for (let scans = 1; ; scans += 1) {
    const page = await store.readEntries({ ...rest, type, limit: SCANNED_AT_ONCE })
    found.push(...page.entries)
    const { scannedTo } = page
    if (!scannedTo || found.length >= limit || scans === MAX_SCANS) {
      return { entries: found, scannedTo }
    }
    rest = behind(rest, scannedTo)
  }
}

function behind<Range extends { readonly order: 'asc' | 'desc' }>(
  range: Range,
  { at, seq }: EntryPosition,
): Range {
  return range.order === 'desc'
    ? { ...range, newest: { at, seq: seq - 1 } }
    : { ...range, oldest: { at, seq: seq + 1 } }
}

function rangeOf(
  { from = 0, to = MAX_AT + 1, order, after }: HistoryQuery,
  asset: AssetCode,
): { oldest: EntryPosition; newest: EntryPosition } {
  const oldest = { at: Math.max(from, 0), seq: 0 }
  const newest = { at: Math.min(to - 1, MAX_AT), seq: MAX_SEQ }
  if (!after) return { oldest, newest }
  const { at, seq } = after
  // At one time the assets come by name: those before the cursor's have been shown, those after it have not.
  const isShown = asset < after.asset
  if (order === 'desc') {
    if (asset === after.asset) return { oldest, newest: { at, seq: seq - 1 } }
    return { oldest, newest: { at: isShown ? at - 1 : at, seq: MAX_SEQ } }
  }
  if (asset === after.asset) return { oldest: { at, seq: seq + 1 }, newest }
  return { oldest: { at: isShown ? at + 1 : at, seq: 0 }, newest }
}

function mergePages(
  assets: readonly AssetCode[],
  pages: readonly EntryPage[],
  { order, limit }: HistoryQuery,
): { entries: Entry[]; next: HistoryPosition | undefined } {
  const compare = ORDERS[order]
  // Beyond the place where the first asset stopped reading, the others may not be shown yet.
  const stops = pages.flatMap(({ scannedTo }, index) => {
    const asset = assets[index]
    return scannedTo && asset ? [{ ...scannedTo, asset }] : []
  })
  const stop = stops.sort(compare)[0]
  const merged = pages.flatMap(({ entries }) => entries).sort(compare)
  const shown = stop ? merged.filter((entry) => compare(entry, stop) <= 0) : merged
  const entries = shown.slice(0, limit)
  const last = entries.at(-1)
  if (shown.length > limit && last) return { entries, next: positionOf(last) }
  return { entries, next: stop }
}

function positionOf({ at, asset, seq }: HistoryPosition): HistoryPosition {
  return { at, asset, seq }
}

type Compare = (a: HistoryPosition, b: HistoryPosition) => number

const inTime =
  (direction: 1 | -1): Compare =>
  (a, b) => {
    if (a.at !== b.at) return direction * (a.at - b.at)
    if (a.asset !== b.asset) return a.asset < b.asset ? -1 : 1
    return direction * (a.seq - b.seq)
  }

const ORDERS = { asc: inTime(1), desc: inTime(-1) }

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
