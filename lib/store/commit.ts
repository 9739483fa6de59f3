import type {
  CancellationReason,
  TransactionCanceledException,
  TransactWriteItem,
} from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { Balance, Entry } from '../money/balance.ts'
import { invariant } from '../money/invariant.ts'
import type { Transaction } from '../money/transaction.ts'
import type { Wallet } from '../money/wallet.ts'
import {
  balanceItem,
  entryItem,
  type Item,
  toAttributes,
  toBalance,
  toTransaction,
  toWallet,
  transactionItem,
  walletItem,
} from './items.ts'
import { balanceKey, walletKey } from './keys.ts'

/** All that one transaction writes. It is in the table whole or not at all. */
export interface Commit {
  readonly transaction: Transaction
  readonly changes: readonly BalanceChange[]
  readonly wallets: readonly WalletChange[]
}

export interface BalanceChange {
  readonly before: Balance
  readonly after: Balance
  readonly entry: Entry
}

/** A wallet that gets its first balance of an asset; `before` is undefined for a wallet that is new. */
export interface WalletChange {
  readonly before: Wallet | undefined
  readonly after: Wallet
}

/** What became of a commit. Only `unknown` leaves open whether it is in the table. */
export type CommitOutcome =
  | { readonly kind: 'committed' }
  | { readonly kind: 'recorded'; readonly transaction: Transaction }
  | {
      readonly kind: 'stale'
      readonly balances: readonly Balance[]
      readonly wallets: readonly Wallet[]
    }
  | { readonly kind: 'contended' }
  | { readonly kind: 'unknown' }

/** DynamoDB's own limit on one TransactWriteItems. */
export const MAX_COMMIT_ITEMS = 100

/** The record; a balance and an entry for each change; each wallet that is written. */
export function commitSize({ changes, wallets }: { changes: number; wallets: number }): number {
  return 1 + 2 * changes + wallets
}

/**
 * The record first, then balances, wallets, entries. The reasons of a cancelled transaction come in this
 * order, and `readReasons` relies on it.
 */
export function commitWrites(tableName: string, commit: Commit): TransactWriteItem[] {
  const { transaction, changes, wallets } = commit
  const items = commitSize({ changes: changes.length, wallets: wallets.length })
  invariant(items <= MAX_COMMIT_ITEMS, 'a commit fits one DynamoDB transaction')
  return [
    putNew(tableName, transactionItem(transaction)),
    ...changes.map((change) => updateBalance(tableName, change)),
    ...wallets.map((change) => writeWallet(tableName, change)),
    ...changes.map(({ entry }) => putNew(tableName, entryItem(entry))),
  ]
}

/** What the reasons say of a cancelled commit; undefined where they name something that is a bug. */
export function readCancellation(
  commit: Commit,
  error: TransactionCanceledException,
): CommitOutcome | undefined {
  const reasons = error.CancellationReasons ?? []
  const [record, ...others] = reasons
  if (record?.Code === 'ConditionalCheckFailed') {
    invariant(record.Item !== undefined, 'a record that is there comes back with the reason')
    return { kind: 'recorded', transaction: toTransaction(unmarshall(record.Item)) }
  }
  if (reasons.some(({ Code }) => Code === 'ConditionalCheckFailed')) {
    const afterBalances = commit.changes.length
    const afterWallets = afterBalances + commit.wallets.length
    return {
      kind: 'stale',
      balances: failedItems(others.slice(0, afterBalances)).map(toBalance),
      wallets: failedItems(others.slice(afterBalances, afterWallets)).map(toWallet),
    }
  }
  return reasons.every(isPassing) ? { kind: 'contended' } : undefined
}

const PASSING_REASONS = new Set<string | undefined>([
  'None',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
])

function isPassing({ Code }: CancellationReason): boolean {
  return PASSING_REASONS.has(Code)
}

function failedItems(reasons: readonly CancellationReason[]): Item[] {
  return reasons.flatMap(({ Item }) => (Item ? [unmarshall(Item)] : []))
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

const BALANCE_ATTRIBUTES = ['v', 'available', 'held', 'seq', 'at', 'head', 'last'] as const

function updateBalance(
  tableName: string,
  { before, after, entry }: BalanceChange,
): TransactWriteItem {
  const isUnopened = before.seq === 0
  const isUnchangedSinceRead = isUnopened ? 'attribute_not_exists(pk)' : '#seq = :readSeq'
  const debit = before.available - after.available
  // `seq` alone decides. The floor is said once more where the money is, so that no plan can be wrong alone.
  const isCovered = debit > 0 ? '#available >= :debit' : undefined
  return {
    Update: {
      TableName: tableName,
      Key: toAttributes({ ...balanceKey(after.walletId, after.asset) }),
      ...setAll(BALANCE_ATTRIBUTES, balanceItem(after, entry), {
        ...(isUnopened ? {} : { ':readSeq': before.seq }),
        ...(isCovered ? { ':debit': debit } : {}),
      }),
      ConditionExpression: [isUnchangedSinceRead, isCovered].filter(Boolean).join(' AND '),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}

const WALLET_ATTRIBUTES = ['balanceCount'] as const

function writeWallet(tableName: string, { before, after }: WalletChange): TransactWriteItem {
  if (!before) return putNew(tableName, walletItem(after))
  return {
    Update: {
      TableName: tableName,
      Key: toAttributes({ ...walletKey(after.id) }),
      ...setAll(WALLET_ATTRIBUTES, walletItem(after), { ':readCount': before.balanceCount }),
      ConditionExpression: '#balanceCount = :readCount',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }
}

/** `SET #seq = :seq, …`: every name by a placeholder, because DynamoDB reserves words such as `last`. */
function setAll(names: readonly string[], item: Item, conditionValues: Item) {
  const values = Object.fromEntries(names.map((name) => [`:${name}`, item[name]]))
  return {
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: toAttributes({ ...values, ...conditionValues }),
  }
}
