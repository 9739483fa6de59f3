import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Entry } from '../money/balance.ts'
import { type Hold, holdIdOf } from '../money/hold.ts'
import { balanceName } from '../money/posting.ts'
import type { Transaction, TransactionId, TransactionType } from '../money/transaction.ts'
import { StoreUnavailable } from '../store/failures.ts'
import { type EntryPosition, MAX_AT, MAX_SEQ } from '../store/keys.ts'
import type { EntryPage, LedgerStore } from '../store/ledger-store.ts'
import { readUntilWhole } from '../store/read-until-whole.ts'
import type { Decline } from './decline.ts'
import { readWholePage, type WholeRange } from './whole-page.ts'

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
interface HistoryPage<Item> {
  readonly kind: 'page'
  readonly items: readonly Item[]
  readonly next: HistoryPosition | undefined
}

export type History<Item> =
  | HistoryPage<Item>
  | { readonly kind: 'declined'; readonly decline: Decline }

/** How many entries one page looks at, for each asset, to find those of one type: some 300 KB, of the 1 MB at which DynamoDB ends. */
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
  const { history, hidden } = await readUntilWhole(
    store,
    query.consistent,
    (consistent) => readTransactions(store, { ...query, consistent }),
    (read) => read.hidden === undefined,
  )
  if (hidden) throw new StoreUnavailable(`${hidden} is not visible in each of its assets`)
  return history
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
  const { holds } = await readUntilWhole(
    store,
    true,
    () => store.readState({ holds: names }),
    (read) => read.holds.length === names.length,
  )
  const byId = new Map(holds.map((hold) => [hold.id, hold]))
  const items = names.map(({ holdId }) => {
    const hold = byId.get(holdId)
    if (!hold) throw new StoreUnavailable(`${holdId} has an entry and no hold`)
    return hold
  })
  return { ...found, items }
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
  const span = spanOf(query, asset)
  if (span.newest.at < span.oldest.at) return { entries: [], scannedTo: undefined }
  // One more than the page, to know whether there is a next one.
  const limit = query.limit + 1
  const range = { ...span, walletId, asset, order, consistent }
  if (!type) return readWhole(store, { ...range, limit })

  // DynamoDB's own filter would cost as much, and hide whether an entry is missing.
  const found: Entry[] = []
  let rest = range
  for (let scans = 1; ; scans += 1) {
    const page = await readWhole(store, { ...rest, limit: SCANNED_AT_ONCE })
    found.push(...page.entries.filter((entry) => entry.type === type))
    const { scannedTo } = page
    if (!scannedTo || found.length >= limit || scans === MAX_SCANS) {
      return { entries: found, scannedTo }
    }
    rest = { ...rest, ...behind(rest, order, scannedTo) }
  }
}

/** A history with a hole in it is no history: better none, and whoever asks comes again. */
async function readWhole(store: LedgerStore, range: WholeRange): Promise<EntryPage> {
  const { missing, ...page } = await readWholePage(store, range)
  if (missing === undefined) return page
  throw new StoreUnavailable(`entry ${missing} of ${balanceName(range)} is not visible`)
}

/** A part of an asset's history, and what is known of the numbers just outside of it. */
type Span = Pick<WholeRange, 'oldest' | 'newest' | 'below' | 'above'>

function behind(span: Span, order: 'asc' | 'desc', { at, seq }: EntryPosition): Span {
  return order === 'desc'
    ? { ...span, newest: { at, seq: seq - 1 }, above: seq }
    : { ...span, oldest: { at, seq: seq + 1 }, below: seq }
}

function spanOf({ from = 0, to = MAX_AT + 1, order, after }: HistoryQuery, asset: AssetCode): Span {
  const oldest = { at: Math.max(from, 0), seq: 0 }
  const newest = { at: Math.min(to - 1, MAX_AT), seq: MAX_SEQ }
  const all = { oldest, newest, below: from > 0 ? undefined : 0, above: undefined }
  if (!after) return all
  if (asset === after.asset) return behind(all, order, after)
  const { at } = after
  // At one time the assets come by name: those before the cursor's have been shown, those after it have not.
  const isShown = asset < after.asset
  return order === 'desc'
    ? { ...all, newest: { at: isShown ? at - 1 : at, seq: MAX_SEQ } }
    : { ...all, oldest: { at: isShown ? at + 1 : at, seq: 0 }, below: undefined }
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

/** `hidden` is one that the page should show, at an entry that is not visible. */
async function readTransactions(
  store: LedgerStore,
  query: HistoryQuery,
): Promise<{ history: History<Transaction>; hidden: TransactionId | undefined }> {
  const found = await listEntries(store, query)
  if (found.kind === 'declined') return { history: found, hidden: undefined }
  const records = await readRecords(store, found.items, query.consistent)
  const shown = new Map<TransactionId, Transaction>()
  const elsewhere = new Map<TransactionId, HistoryPosition>()
  for (const entry of found.items) {
    const record = records.get(entry.transactionId)
    if (!record) throw new StoreUnavailable(`${entry.transactionId} has an entry and no record`)
    const place = placeOf(record, entry, query)
    if (place.asset === entry.asset) shown.set(record.id, record)
    else elsewhere.set(record.id, place)
  }
  const hidden = Array.from(elsewhere).find(([id, place]) => {
    return !shown.has(id) && isOnPage(place, query, found.next)
  })
  return { history: { ...found, items: Array.from(shown.values()) }, hidden: hidden?.[0] }
}

/** Others are shown by the page before, or by the next one. */
function isOnPage(
  place: HistoryPosition,
  { order, after }: HistoryQuery,
  next: HistoryPosition | undefined,
): boolean {
  const compare = ORDERS[order]
  return (!after || compare(after, place) < 0) && (!next || compare(place, next) <= 0)
}

async function readRecords(
  store: LedgerStore,
  entries: readonly Entry[],
  consistent: boolean,
): Promise<Map<TransactionId, Transaction>> {
  const ids = Array.from(new Set(entries.map(({ transactionId }) => transactionId)))
  const records = new Map<TransactionId, Transaction>()
  await readUntilWhole(
    store,
    consistent,
    async (isConsistent) => {
      const late = ids.filter((id) => !records.has(id))
      const found = await store.readTransactions(late, isConsistent)
      for (const record of found) records.set(record.id, record)
    },
    () => records.size === ids.length,
  )
  return records
}

/** A transaction that moved several assets of the wallet has an entry in each, and is shown at the first. */
function placeOf(
  { balances, at }: Transaction,
  entry: Entry,
  { walletId, asset }: HistoryQuery,
): HistoryPosition {
  const first = balances.find((balance) => balance.walletId === walletId)
  return first && !asset ? { at, asset: first.asset, seq: first.seq } : entry
}
