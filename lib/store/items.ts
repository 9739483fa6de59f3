import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { Account, WalletId } from '../money/account.ts'
import { toAmount } from '../money/amount.ts'
import type { Asset, AssetCode } from '../money/asset.ts'
import type { Balance, Entry } from '../money/balance.ts'
import { invariant } from '../money/invariant.ts'
import { netPostings, type Posting, type SidePosting } from '../money/posting.ts'
import {
  type Metadata,
  sortMetadata,
  type Transaction,
  type TransactionId,
  type TransactionType,
} from '../money/transaction.ts'
import type { Wallet, WalletStatus } from '../money/wallet.ts'
import { assetKey, balanceKey, entryKey, type Key, transactionKey, walletKey } from './keys.ts'

/** An item as the SDK's marshaller takes and gives it. What comes out of the table is checked here, once. */
export type Item = Record<string, unknown>

export function toAttributes(item: Item): Record<string, AttributeValue> {
  return marshall(item, { removeUndefinedValues: true })
}

/** Every item says which shape it has, so that a later version can still read it. */
const SHAPE = 1

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
  return {
    walletId: keyPart(item['pk']) as WalletId,
    asset: keyPart(item['sk']) as AssetCode,
    available: whole(item['available']),
    held: whole(item['held']),
    seq: whole(item['seq']),
    at: whole(item['at']),
    head: hex(item['head']),
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
    m: transaction.metadata,
    c: transaction.client,
    f: hexToBytes(transaction.fingerprint),
    q: transaction.requestId,
  }
}

export function toTransaction(item: Item): Transaction {
  const postings = list(item['p']).map(toPosting)
  const after = list(item['b']).map(list)
  const touched = netPostings(postings)
  invariant(touched.length === after.length, 'a transaction has a balance for each wallet it moved')
  return {
    id: keyPart(item['pk']) as TransactionId,
    type: text(item['t']) as TransactionType,
    postings,
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
  }
}

export function walletItem(wallet: Wallet): Item & Key {
  return {
    ...walletKey(wallet.id),
    v: SHAPE,
    status: wallet.status,
    balanceCount: wallet.balanceCount,
    metadata: wallet.metadata,
    createdAt: wallet.createdAt,
  }
}

export function toWallet(item: Item): Wallet {
  return {
    id: keyPart(item['pk']) as WalletId,
    status: text(item['status']) as WalletStatus,
    metadata: toMetadata(item['metadata']),
    createdAt: whole(item['createdAt']),
    balanceCount: whole(item['balanceCount']),
  }
}

export function assetItem({ code, name, scale, active }: Asset): Item & Key {
  return { ...assetKey(code), v: SHAPE, name, scale, active }
}

export function toAsset(item: Item): Asset {
  return {
    code: keyPart(item['sk']) as AssetCode,
    name: text(item['name']),
    scale: whole(item['scale']),
    active: item['active'] === true,
  }
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

function hexToBytes(digits: string): Uint8Array {
  return Buffer.from(digits, 'hex')
}
