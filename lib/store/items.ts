import type { Account, WalletId } from '../money/account.ts'
import { toAmount } from '../money/amount.ts'
import type { Asset, AssetCode } from '../money/asset.ts'
import type { Balance, Entry } from '../money/balance.ts'
import { HOLD_STATES, type Hold, type HoldId, type HoldShift } from '../money/hold.ts'
import { invariant } from '../money/invariant.ts'
import { movementsOf, type Posting, type SidePosting } from '../money/posting.ts'
import {
  type Metadata,
  sortMetadata,
  type Transaction,
  type TransactionId,
  type TransactionType,
} from '../money/transaction.ts'
import { type StatusRecord, WALLET_STATUSES, type Wallet } from '../money/wallet.ts'
import {
  assetKey,
  balanceKey,
  entryKey,
  expiryShard,
  holdKey,
  type Key,
  statusKey,
  transactionKey,
  walletKey,
} from './keys.ts'

/** An item before it is written, and after it was read. What comes out of the table is checked here, once. */
export type Item = Record<string, unknown>

/** Every item says which shape it has, so that a later version can still read it. */
const SHAPE = 1

/** An older shape is read as what it has become; a newer one was written by code that knows better than this. */
function checkShape(item: Item): void {
  const shape = whole(item['v'])
  invariant(
    shape >= 1 && shape <= SHAPE,
    `the table holds an item of shape ${shape}, newer than ${SHAPE}`,
  )
}

type ItemKind = 'wallet' | 'status' | 'balance' | 'entry' | 'hold' | 'transaction' | 'asset'

const KINDS: Readonly<Record<string, ItemKind>> = {
  P: 'wallet',
  S: 'status',
  B: 'balance',
  E: 'entry',
  H: 'hold',
  T: 'transaction',
  A: 'asset',
}

/** What an item is, from the first letter of its sort key. */
export function kindOf(item: Item): ItemKind {
  const kind = KINDS[text(item['sk']).charAt(0)]
  invariant(kind !== undefined, 'the table holds an item of a kind that we know')
  return kind
}

/**
 * Whether an item says of itself what its place says otherwise: an entry under another time, which makes
 * statements wrong, or a hold that the index of what can expire does not have, or should not.
 */
export function isMisplaced(item: Item): boolean {
  switch (kindOf(item)) {
    case 'entry': {
      const { walletId, asset, at, seq } = toEntry(item)
      return entryKey(walletId, asset, { at, seq }).sk !== item['sk']
    }
    case 'hold':
      return holdItem(toHold(item))['expiryShard'] !== item['expiryShard']
    default:
      return false
  }
}

/** A balance, together with the entry that made it so: the stream then tells the whole story of a change. */
export function balanceItem(balance: Balance, last: Entry): Item & Key {
  invariant(last.hash === balance.head, 'the last entry is the head of the chain')
  return {
    ...balanceKey(balance.walletId, balance.asset),
    v: SHAPE,
    available: balance.available,
    held: balance.held,
    seq: balance.seq,
    at: balance.at,
    head: hexToBytes(balance.head),
    status: balance.status,
    last: {
      txn: last.transactionId,
      type: last.type,
      availableDelta: last.availableDelta,
      heldDelta: last.heldDelta,
      postings: last.postings,
      reference: last.reference,
      prev: hexToBytes(last.prevHash),
    },
  }
}

export function toBalance(item: Item): Balance {
  checkShape(item)
  return {
    walletId: keyPart(item['pk']) as WalletId,
    asset: keyPart(item['sk']) as AssetCode,
    available: whole(item['available']),
    held: whole(item['held']),
    seq: whole(item['seq']),
    at: whole(item['at']),
    head: hex(item['head']),
    status: oneOf(WALLET_STATUSES, item['status']),
  }
}

/** The entry that made a balance so, from the balance item alone. */
export function toLastEntry(item: Item): Entry {
  const { walletId, asset, seq, at, available, held, head } = toBalance(item)
  const last = map(item['last'])
  return {
    ...{ walletId, asset, seq, at, available, held, hash: head },
    transactionId: text(last['txn']) as TransactionId,
    type: text(last['type']) as TransactionType,
    availableDelta: whole(last['availableDelta']),
    heldDelta: whole(last['heldDelta']),
    postings: list(last['postings']).map(toSidePosting),
    reference: optionalText(last['reference']),
    prevHash: hex(last['prev']),
  }
}

export function entryItem(entry: Entry): Item & Key {
  return {
    ...entryKey(entry.walletId, entry.asset, entry),
    v: SHAPE,
    seq: entry.seq,
    at: entry.at,
    txn: entry.transactionId,
    type: entry.type,
    availableDelta: entry.availableDelta,
    heldDelta: entry.heldDelta,
    available: entry.available,
    held: entry.held,
    postings: entry.postings,
    reference: entry.reference,
    prev: hexToBytes(entry.prevHash),
    hash: hexToBytes(entry.hash),
  }
}

export function toEntry(item: Item): Entry {
  checkShape(item)
  return {
    walletId: keyPart(item['pk']) as WalletId,
    asset: keyPart(item['sk']) as AssetCode,
    seq: whole(item['seq']),
    at: whole(item['at']),
    transactionId: text(item['txn']) as TransactionId,
    type: text(item['type']) as TransactionType,
    availableDelta: whole(item['availableDelta']),
    heldDelta: whole(item['heldDelta']),
    available: whole(item['available']),
    held: whole(item['held']),
    postings: list(item['postings']).map(toSidePosting),
    reference: optionalText(item['reference']),
    prevHash: hex(item['prev']),
    hash: hex(item['hash']),
  }
}

/**
 * The longest legal transaction must stay under 1 KB, which is what DynamoDB bills in one step. So names
 * are one letter, a posting is a list, and a balance does not repeat the wallet and asset that the postings
 * name already: `b` is in the order in which `p` first names them.
 */
export function transactionItem(transaction: Transaction): Item & Key {
  return {
    ...transactionKey(transaction.id),
    v: SHAPE,
    t: transaction.type,
    at: transaction.at,
    p: transaction.postings.map(({ from, to, asset, amount }) => [from, to, asset, amount]),
    b: transaction.balances.map(({ available, held, seq }) => [available, held, seq]),
    r: transaction.reference,
    h: shiftList(transaction.hold),
    u: transaction.reverses,
    x: transaction.reversed > 0 ? transaction.reversed : undefined,
    m: transaction.metadata,
    c: transaction.client,
    f: hexToBytes(transaction.fingerprint),
    q: transaction.requestId,
  }
}

export function toTransaction(item: Item): Transaction {
  checkShape(item)
  const postings = list(item['p']).map(toPosting)
  const after = list(item['b']).map(list)
  const hold = toShift(item['h'])
  const touched = movementsOf(postings, hold)
  invariant(touched.length === after.length, 'a transaction has a balance for each wallet it moved')
  return {
    id: keyPart(item['pk']) as TransactionId,
    type: text(item['t']) as TransactionType,
    postings,
    hold,
    balances: touched.map(({ walletId, asset }, index) => {
      const [available, held, seq] = after[index] ?? []
      return { walletId, asset, available: whole(available), held: whole(held), seq: whole(seq) }
    }),
    reference: optionalText(item['r']),
    metadata: toMetadata(item['m']),
    at: whole(item['at']),
    client: text(item['c']),
    fingerprint: hex(item['f']),
    requestId: text(item['q']),
    reverses: optionalText(item['u']) as TransactionId | undefined,
    reversed: item['x'] === undefined ? 0 : whole(item['x']),
  }
}

export function walletItem(wallet: Wallet): Item & Key {
  return {
    ...walletKey(wallet.id),
    v: SHAPE,
    status: wallet.status,
    reason: wallet.reason,
    changedBy: wallet.changedBy,
    changedAt: wallet.changedAt,
    balanceCount: wallet.balanceCount,
    statusChanges: wallet.statusChanges || undefined,
    metadataChanges: wallet.metadataChanges || undefined,
    metadataAt: wallet.metadataAt,
    metadata: wallet.metadata,
    createdAt: wallet.createdAt,
  }
}

export function toWallet(item: Item): Wallet {
  checkShape(item)
  return {
    id: keyPart(item['pk']) as WalletId,
    status: oneOf(WALLET_STATUSES, item['status']),
    reason: optionalText(item['reason']),
    changedBy: optionalText(item['changedBy']),
    changedAt: optionalWhole(item['changedAt']),
    metadata: toMetadata(item['metadata']),
    createdAt: whole(item['createdAt']),
    balanceCount: whole(item['balanceCount']),
    statusChanges: whole(item['statusChanges'] ?? 0),
    metadataChanges: whole(item['metadataChanges'] ?? 0),
    metadataAt: optionalWhole(item['metadataAt']),
  }
}

export function statusItem(record: StatusRecord): Item & Key {
  const { walletId, number, status, reason, by, at } = record
  return { ...statusKey(walletId, number), v: SHAPE, status, reason, by, at }
}

export function toStatusRecord(item: Item): StatusRecord {
  checkShape(item)
  return {
    walletId: keyPart(item['pk']) as WalletId,
    number: Number(keyPart(item['sk'])),
    status: oneOf(WALLET_STATUSES, item['status']),
    reason: optionalText(item['reason']),
    by: optionalText(item['by']),
    at: whole(item['at']),
  }
}

export function assetItem({ code, name, scale, active }: Asset): Item & Key {
  return { ...assetKey(code), v: SHAPE, name, scale, active }
}

export function toAsset(item: Item): Asset {
  checkShape(item)
  return {
    code: keyPart(item['sk']) as AssetCode,
    name: text(item['name']),
    scale: whole(item['scale']),
    active: item['active'] === true,
  }
}

export function holdItem(hold: Hold): Item & Key {
  return {
    ...holdKey(hold.walletId, hold.id),
    v: SHAPE,
    asset: hold.asset,
    amount: hold.amount,
    remaining: hold.remaining,
    state: hold.state,
    expiresAt: hold.expiresAt,
    createdAt: hold.createdAt,
    // In the index while it is open, and no longer.
    expiryShard: hold.state === 'OPEN' ? expiryShard(hold.id) : undefined,
  }
}

export function toHold(item: Item): Hold {
  checkShape(item)
  return {
    id: keyPart(item['sk']) as HoldId,
    walletId: keyPart(item['pk']) as WalletId,
    asset: text(item['asset']) as AssetCode,
    amount: toAmount(whole(item['amount'])),
    remaining: whole(item['remaining']),
    state: oneOf(HOLD_STATES, item['state']),
    expiresAt: whole(item['expiresAt']),
    createdAt: whole(item['createdAt']),
  }
}

/** Of a balance of which only this was read. */
export function toBalanceId(item: Item): { walletId: WalletId; asset: AssetCode; seq: number } {
  return {
    walletId: keyPart(item['pk']) as WalletId,
    asset: keyPart(item['sk']) as AssetCode,
    seq: whole(item['seq']),
  }
}

export function toHoldName(item: Item): { walletId: WalletId; holdId: HoldId } {
  return { walletId: keyPart(item['pk']) as WalletId, holdId: keyPart(item['sk']) as HoldId }
}

function shiftList(shift: HoldShift | undefined): unknown[] | undefined {
  return shift && [shift.holdId, shift.walletId, shift.asset, shift.delta]
}

function toShift(value: unknown): HoldShift | undefined {
  if (value === undefined) return undefined
  const [holdId, walletId, asset, delta] = list(value)
  return {
    holdId: text(holdId) as HoldId,
    walletId: text(walletId) as WalletId,
    asset: text(asset) as AssetCode,
    delta: whole(delta),
  }
}

function oneOf<Word extends string>(words: readonly Word[], value: unknown): Word {
  const word = words.find((candidate) => candidate === value)
  invariant(word !== undefined, `the table holds one of ${words.join(', ')} here`)
  return word
}

function toPosting(value: unknown): Posting {
  const [from, to, asset, amount] = list(value)
  return {
    from: text(from) as Account,
    to: text(to) as Account,
    asset: text(asset) as AssetCode,
    amount: toAmount(whole(amount)),
  }
}

function toSidePosting(value: unknown): SidePosting {
  const { counterparty, amount } = map(value)
  return { counterparty: text(counterparty) as Account, amount: whole(amount) }
}

function toMetadata(value: unknown): Metadata {
  const words = Object.entries(map(value)).map(([name, word]) => [name, text(word)] as const)
  return sortMetadata(Object.fromEntries(words))
}

/** The second part of a key: `W#alice` is alice, `E#GOLD#…` is GOLD. */
function keyPart(key: unknown): string {
  return text(text(key).split('#')[1])
}

function text(value: unknown): string {
  invariant(typeof value === 'string', 'the table holds a text here')
  return value
}

function optionalText(value: unknown): string | undefined {
  return value === undefined ? undefined : text(value)
}

function whole(value: unknown): number {
  invariant(
    typeof value === 'number' && Number.isSafeInteger(value),
    'the table holds a whole number here',
  )
  return value
}

function optionalWhole(value: unknown): number | undefined {
  return value === undefined ? undefined : whole(value)
}

function list(value: unknown): unknown[] {
  invariant(Array.isArray(value), 'the table holds a list here')
  return value
}

function map(value: unknown): Record<string, unknown> {
  invariant(typeof value === 'object' && value !== null, 'the table holds a map here')
  return { ...value }
}

function hex(value: unknown): string {
  invariant(value instanceof Uint8Array, 'the table holds bytes here')
  return Buffer.from(value).toString('hex')
}

export function hexToBytes(digits: string): Uint8Array {
  return Buffer.from(digits, 'hex')
}
