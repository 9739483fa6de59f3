import type {
  CancellationReason,
  TransactionCanceledException,
  TransactWriteItem,
} from '@aws-sdk/client-dynamodb'
import type { Balance, Entry } from '../money/balance.ts'
import type { Hold } from '../money/hold.ts'
import { invariant } from '../money/invariant.ts'
import type { Transaction } from '../money/transaction.ts'
import { type StatusRecord, statusRecordOf, type Wallet } from '../money/wallet.ts'
import { fromAttributes, keyAttributes, toAttributes } from './attributes.ts'
import {
  balanceItem,
  entryItem,
  hexToBytes,
  holdItem,
  type Item,
  kindOf,
  statusItem,
  toTransaction,
  transactionItem,
  walletItem,
} from './items.ts'
import { balanceKey, holdKey, statusKey, transactionKey, walletKey } from './keys.ts'
import { type Snapshot, toSnapshot } from './snapshot.ts'

/** All that one transaction writes. It is in the table whole or not at all. */
export interface Commit {
  readonly transaction: Transaction
  readonly changes: readonly BalanceChange[]
  readonly wallets: readonly WalletChange[]
  readonly hold?: HoldChange | undefined
  readonly reversal?: ReversalChange | undefined
}

export interface BalanceChange {
  readonly before: Balance
  readonly after: Balance
  readonly entry: Entry
  /** Whether this debit may take the balance below zero. */
  readonly allowOverdraft: boolean
}

/** A wallet that gets its first balance of an asset; `before` is undefined for a wallet that is new. */
export interface WalletChange {
  readonly before: Wallet | undefined
  readonly after: Wallet
}

/** `before` is undefined for a hold that is new. */
export interface HoldChange {
  readonly before: Hold | undefined
  readonly after: Hold
}

/** A transaction of which some more is taken back. */
export interface ReversalChange {
  readonly original: Transaction
  readonly reversed: number
}

/** A wallet that is frozen, released or closed, with all its balances. */
export interface StatusCommit {
  readonly before: Wallet
  readonly after: Wallet
  readonly balances: readonly Balance[]
}

/** New metadata of a wallet; `before` is undefined for a wallet that is new. */
export interface MetadataCommit {
  readonly before: Wallet | undefined
  readonly after: Wallet
}

/**
 * Outcome of a commit. `unknown` leaves open whether it is in the table. So does `mayStillCommit`: the SDK sent it twice and
 * the second attempt was refused, but the first may still arrive.
 */
export type CommitOutcome =
  | { readonly kind: 'committed' }
  | { readonly kind: 'recorded'; readonly transaction: Transaction }
  | { readonly kind: 'stale'; readonly latest: Snapshot; readonly mayStillCommit?: boolean }
  | { readonly kind: 'contended'; readonly mayStillCommit?: boolean }
  | { readonly kind: 'unknown' }

/** Whether what was to be committed may be in the table after all, now or later. */
export function isInDoubt(outcome: CommitOutcome): boolean {
  if (outcome.kind === 'unknown') return true
  return 'mayStillCommit' in outcome && outcome.mayStillCommit === true
}

/** DynamoDB's own limit on one TransactWriteItems. */
export const MAX_COMMIT_ITEMS = 100

/** The record; a balance and an entry for each change; whatever else is written. */
export function commitSize({ changes, others }: { changes: number; others: number }): number {
  return 1 + 2 * changes + others
}

/**
 * The wallet counts its balances, so nobody can open one meanwhile without being noticed. It counts its changes of
 * status, too: a freeze that nobody waits for any more must not come after the release that followed it. A balance that
 * must be empty is held to what was read; for the others a movement meanwhile makes no difference.
 */
export function statusWrites(tableName: string, commit: StatusCommit): TransactWriteItem[] {
  const { before, after, balances } = commit
  invariant(before.balanceCount === balances.length, 'a status is written to every balance')
  const isClosing = after.status === 'CLOSED'
  return [
    changeStatus(tableName, before, after),
    ...balances.map((balance) => ({
      Update: {
        TableName: tableName,
        Key: keyAttributes(balanceKey(balance.walletId, balance.asset)),
        UpdateExpression: 'SET #status = :status',
        ConditionExpression: isClosing ? '#status = :read AND #seq = :seq' : '#status = :read',
        ExpressionAttributeNames: { '#status': 'status', ...(isClosing && { '#seq': 'seq' }) },
        ExpressionAttributeValues: toAttributes({
          ':status': after.status,
          ':read': before.status,
          ':seq': isClosing ? balance.seq : undefined,
        }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      },
    })),
    createStatusRecord(tableName, statusRecordOf(after)),
  ]
}

/** The record first: `readCancellation` looks for it there. */
export function commitWrites(tableName: string, commit: Commit): TransactWriteItem[] {
  const { transaction, changes, wallets, hold, reversal } = commit
  const writes = [
    putNew(tableName, transactionItem(transaction)),
    ...changes.map((change) => updateBalance(tableName, change)),
    ...wallets.map((change) => writeWallet(tableName, change)),
    ...(hold ? [writeHold(tableName, hold)] : []),
    ...(reversal ? [markReversed(tableName, reversal)] : []),
    ...changes.map(({ entry }) => putNew(tableName, entryItem(entry))),
  ]
  invariant(writes.length <= MAX_COMMIT_ITEMS, 'a commit fits one DynamoDB transaction')
  return writes
}

/** What the reasons say of a cancelled commit; undefined where they name something that is a bug. */
export function readCancellation(error: TransactionCanceledException): CommitOutcome | undefined {
  const [record, ...others] = error.CancellationReasons ?? []
  if (record?.Code === FAILED) {
    return record.Item
      ? { kind: 'recorded', transaction: toTransaction(fromAttributes(record.Item)) }
      : { kind: 'unknown' }
  }
  const outcome = readReasons(others)
  // The record is being written, by another send of this very key: what the others show is half of it.
  return record?.Code === CONFLICT && outcome?.kind === 'stale' ? { kind: 'contended' } : outcome
}

/** The same, of a commit that has no record. */
export function readUnrecorded(error: TransactionCanceledException): CommitOutcome | undefined {
  return readReasons(error.CancellationReasons ?? [])
}

function readReasons(reasons: readonly CancellationReason[]): CommitOutcome | undefined {
  const failed = reasons.filter(({ Code }) => Code === FAILED)
  if (failed.length === 0) {
    return reasons.every(({ Code }) => PASSING.has(Code)) ? { kind: 'contended' } : undefined
  }
  const items = failed.flatMap(({ Item }) => (Item ? [fromAttributes(Item)] : []))
  // Two writers of one millisecond want the same place for their entries; the balance tells who was first. The same goes
  // for the records of a wallet's status.
  const moved = items.filter((item) => !['entry', 'status'].includes(kindOf(item)))
  // What is gone is no lost race: no new try would mend it.
  if (items.length < failed.length) return undefined
  // An entry can be there while its balance is still being written, and says no more than that. If nobody writes the
  // balance, an entry that is there before its time is no lost race either.
  if (moved.length === 0) return reasons.some(isInTheWay) ? { kind: 'contended' } : undefined
  return { kind: 'stale', latest: toSnapshot(moved) }
}

const FAILED = 'ConditionalCheckFailed'
const CONFLICT = 'TransactionConflict'

const PASSING = new Set<string | undefined>([
  'None',
  CONFLICT,
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
])

function isInTheWay({ Code }: CancellationReason): boolean {
  return Code !== 'None' && PASSING.has(Code)
}

function putNew(tableName: string, item: Item): TransactWriteItem {
  return {
    Put: {
      TableName: tableName,
      Item: toAttributes(item),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}

const setBalance = setter(['v', 'available', 'held', 'seq', 'at', 'head', 'last', 'status'])

function updateBalance(tableName: string, change: BalanceChange): TransactWriteItem {
  const { before, after, entry, allowOverdraft } = change
  const isUnopened = before.seq === 0
  const isUnchangedSinceRead = isUnopened
    ? 'attribute_not_exists(pk)'
    : '#seq = :readSeq AND #head = :readHead AND #status = :readStatus'
  const debit = before.available - after.available
  // Those decide. The floor is said once more where the money is, so that no plan can be wrong alone.
  const isCovered = debit > 0 && !allowOverdraft ? '#available >= :debit' : undefined
  return {
    Update: {
      TableName: tableName,
      Key: keyAttributes(balanceKey(after.walletId, after.asset)),
      ...setBalance(balanceItem(after, entry), {
        ...(isUnopened ? {} : readValues(before)),
        ...(isCovered ? { ':debit': debit } : {}),
      }),
      ConditionExpression: [isUnchangedSinceRead, isCovered].filter(Boolean).join(' AND '),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}

/** The head, too: in a table that was restored, the same number can be that of another entry. */
function readValues({ seq, head, status }: Balance): Item {
  return { ':readSeq': seq, ':readHead': hexToBytes(head), ':readStatus': status }
}

function writeWallet(tableName: string, { before, after }: WalletChange): TransactWriteItem {
  return before
    ? updateWallet(tableName, before, after, { set: setCount })
    : putNew(tableName, walletItem(after))
}

const setCount = setter(['balanceCount', 'status'])
const setStatus = setter([
  'balanceCount',
  'status',
  'reason',
  'changedBy',
  'changedAt',
  'statusChanges',
])

function changeStatus(tableName: string, before: Wallet, after: Wallet): TransactWriteItem {
  const { statusChanges } = before
  return statusChanges === 0
    ? updateWallet(tableName, before, after, {
        set: setStatus,
        isAlso: 'attribute_not_exists(#statusChanges)',
      })
    : updateWallet(tableName, before, after, {
        set: setStatus,
        isAlso: '#statusChanges = :readChanges',
        values: { ':readChanges': statusChanges },
      })
}

const setStatusRecord = setter(['v', 'status', 'reason', 'by', 'at'])

/** An update, as all that these functions may write: their rights know no PutItem on wallets. */
function createStatusRecord(tableName: string, record: StatusRecord): TransactWriteItem {
  return {
    Update: {
      TableName: tableName,
      Key: keyAttributes(statusKey(record.walletId, record.number)),
      ...setStatusRecord(statusItem(record), {}),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}

interface WalletUpdate {
  readonly set: Setter
  readonly isAlso?: string
  readonly values?: Item
}

function updateWallet(
  tableName: string,
  before: Wallet,
  after: Wallet,
  { set, isAlso, values = {} }: WalletUpdate,
): TransactWriteItem {
  const isUnchanged = '#balanceCount = :readCount AND #status = :readStatus'
  return {
    Update: {
      TableName: tableName,
      Key: keyAttributes(walletKey(after.id)),
      ...set(walletItem(after), {
        ...values,
        ':readCount': before.balanceCount,
        ':readStatus': before.status,
      }),
      ConditionExpression: isAlso ? `${isUnchanged} AND ${isAlso}` : isUnchanged,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}

const setMetadata = setter(['metadata', 'metadataChanges', 'metadataAt'])
const setNewWallet = setter([
  'v',
  'status',
  'metadata',
  'createdAt',
  'balanceCount',
  'metadataChanges',
  'metadataAt',
])

/**
 * Conditioned on the number of the metadata that was read, so that a write that arrives late never replaces a newer one.
 * Alone in its transaction: the ledger is written in transactions only.
 */
export function metadataWrite(
  tableName: string,
  { before, after }: MetadataCommit,
): TransactWriteItem {
  const Key = keyAttributes(walletKey(after.id))
  const item = walletItem(after)
  const ReturnValuesOnConditionCheckFailure = 'ALL_OLD'
  const base = { TableName: tableName, Key, ReturnValuesOnConditionCheckFailure } as const
  if (!before) {
    const ConditionExpression = 'attribute_not_exists(pk)'
    return { Update: { ...base, ...setNewWallet(item, {}), ConditionExpression } }
  }
  const { metadataChanges } = before
  const isUnchanged =
    metadataChanges === 0
      ? 'attribute_not_exists(#metadataChanges)'
      : '#metadataChanges = :readChanges'
  const read = metadataChanges === 0 ? {} : { ':readChanges': metadataChanges }
  return {
    Update: {
      ...base,
      ...setMetadata(item, read),
      ConditionExpression: `attribute_exists(pk) AND ${isUnchanged}`,
    },
  }
}

/** A hold that is open no longer has no shard: that takes it out of the index. */
const setHold = setter(['remaining', 'state', 'expiryShard'])

function writeHold(tableName: string, { before, after }: HoldChange): TransactWriteItem {
  if (!before) return putNew(tableName, holdItem(after))
  return {
    Update: {
      TableName: tableName,
      Key: keyAttributes(holdKey(after.walletId, after.id)),
      ...setHold(holdItem(after), {
        ':readRemaining': before.remaining,
        ':open': 'OPEN',
      }),
      ConditionExpression: '#state = :open AND #remaining = :readRemaining',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}

/** The one thing of a record that ever changes, and only upwards. */
function markReversed(
  tableName: string,
  { original, reversed }: ReversalChange,
): TransactWriteItem {
  const isUnchangedSinceRead =
    original.reversed === 0 ? 'attribute_not_exists(#x)' : '#x = :readReversed'
  return {
    Update: {
      TableName: tableName,
      Key: keyAttributes(transactionKey(original.id)),
      UpdateExpression: 'SET #x = :reversed',
      ConditionExpression: `attribute_exists(pk) AND ${isUnchangedSinceRead}`,
      ExpressionAttributeNames: { '#x': 'x' },
      ExpressionAttributeValues: toAttributes({
        ':reversed': reversed,
        ':readReversed': original.reversed === 0 ? undefined : original.reversed,
      }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}

type Setter = ReturnType<typeof setter>

/**
 * Sets what the item has and removes what it has not. Every name is a placeholder, because DynamoDB reserves
 * words such as `last`.
 */
function setter(names: readonly string[]) {
  const ExpressionAttributeNames = Object.fromEntries(names.map((name) => [`#${name}`, name]))
  const placeholders = names.map((name) => ({ name, called: `:${name}` }))
  const setAll = setExpression(names, [])
  return (item: Item, conditionValues: Item) => {
    const absent = names.filter((name) => item[name] === undefined)
    const present = names.filter((name) => item[name] !== undefined)
    const values = { ...conditionValues }
    for (const { name, called } of placeholders) values[called] = item[name]
    return {
      UpdateExpression: absent.length === 0 ? setAll : setExpression(present, absent),
      ExpressionAttributeNames,
      ExpressionAttributeValues: toAttributes(values),
    }
  }
}

function setExpression(present: readonly string[], absent: readonly string[]): string {
  const sets = `SET ${present.map((name) => `#${name} = :${name}`).join(', ')}`
  return absent.length === 0
    ? sets
    : `${sets} REMOVE ${absent.map((name) => `#${name}`).join(', ')}`
}
