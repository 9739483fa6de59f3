import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { WalletId } from '../money/account.ts'
import type { Asset, AssetCode } from '../money/asset.ts'
import type { Balance, Entry } from '../money/balance.ts'
import type { Transaction, TransactionId, TransactionType } from '../money/transaction.ts'
import type { Wallet } from '../money/wallet.ts'
import { type Commit, type CommitOutcome, commitWrites, readCancellation } from './commit.ts'
import { isInterruption, isThrottle, StoreUnavailable } from './failures.ts'
import {
  assetItem,
  type Item,
  toAsset,
  toAttributes,
  toBalance,
  toEntry,
  toTransaction,
  toWallet,
} from './items.ts'
import {
  ASSET_PARTITION,
  assetKey,
  BALANCE_PREFIX,
  balanceKey,
  type EntryPosition,
  entrySortKey,
  type Key,
  transactionKey,
  walletKey,
  walletPartition,
} from './keys.ts'

export interface BalanceName {
  readonly walletId: WalletId
  readonly asset: AssetCode
}

export interface EntryRange extends BalanceName {
  /** Both ends are inside. */
  readonly oldest: EntryPosition
  readonly newest: EntryPosition
  readonly limit: number
  readonly type?: TransactionType | undefined
  readonly consistent: boolean
}

/** Newest first. `scannedTo` is where the next page goes on; undefined where the range is used up. */
export interface EntryPage {
  readonly entries: readonly Entry[]
  readonly scannedTo: EntryPosition | undefined
}

/** The one place that sends anything to DynamoDB. */
export type LedgerStore = ReturnType<typeof openLedgerStore>

export interface LedgerStoreOptions {
  readonly client: Pick<DynamoDBClient, 'send'>
  readonly tableName: string
}

/** How often a batch read asks again for the keys that DynamoDB left out. */
const MAX_BATCH_ROUNDS = 8
const MAX_BATCH_KEYS = 100
/** How many pages of one MB a read of all balances of a wallet, or of all assets, takes at the most. */
const MAX_QUERY_PAGES = 16

export function openLedgerStore({ client, tableName }: LedgerStoreOptions) {
  async function getItem(key: Key, consistent: boolean): Promise<Item | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: tableName,
        Key: toAttributes({ ...key }),
        ConsistentRead: consistent,
      }),
    )
    return Item && unmarshall(Item)
  }

  /** The items that exist, in no order. */
  async function getItems(keys: readonly Key[], consistent: boolean): Promise<Item[]> {
    if (keys.length > MAX_BATCH_KEYS) throw new RangeError(`more than ${MAX_BATCH_KEYS} keys`)
    const items: Item[] = []
    let pending: Record<string, AttributeValue>[] = keys.map((key) => toAttributes({ ...key }))
    for (let round = 0; pending.length > 0; round += 1) {
      if (round === MAX_BATCH_ROUNDS) throw new StoreUnavailable('a batch read was never finished')
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({
          RequestItems: { [tableName]: { Keys: pending, ConsistentRead: consistent } },
        }),
      )
      items.push(...(Responses?.[tableName] ?? []).map((item) => unmarshall(item)))
      pending = UnprocessedKeys?.[tableName]?.Keys ?? []
    }
    return items
  }

  /** Every item of a partition whose sort key has the prefix. */
  async function queryAll(pk: string, prefix: string, consistent: boolean): Promise<Item[]> {
    const items: Item[] = []
    let start: QueryCommandInput['ExclusiveStartKey']
    for (let page = 0; page < MAX_QUERY_PAGES; page += 1) {
      const { Items, LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: toAttributes({ ':pk': pk, ':prefix': prefix }),
          ConsistentRead: consistent,
          ExclusiveStartKey: start,
        }),
      )
      items.push(...(Items ?? []).map((item) => unmarshall(item)))
      if (!LastEvaluatedKey) return items
      start = LastEvaluatedKey
    }
    throw new RangeError(`more than ${MAX_QUERY_PAGES} pages under ${pk} ${prefix}`)
  }

  return {
    /** The balances and assets that exist, as they are now, in one request. */
    async readState(
      balances: readonly BalanceName[],
      assets: readonly AssetCode[],
    ): Promise<{ balances: Balance[]; assets: Asset[] }> {
      const keys = [
        ...balances.map(({ walletId, asset }) => balanceKey(walletId, asset)),
        ...assets.map(assetKey),
      ]
      const items = await reading(() => getItems(keys, true))
      const isAsset = (item: Item) => item['pk'] === ASSET_PARTITION
      return {
        balances: items.filter((item) => !isAsset(item)).map(toBalance),
        assets: items.filter(isAsset).map(toAsset),
      }
    },

    async readWallets(ids: readonly WalletId[]): Promise<Wallet[]> {
      const items = await reading(() => getItems(ids.map(walletKey), true))
      return items.map(toWallet)
    },

    async readTransaction(
      id: TransactionId,
      consistent: boolean,
    ): Promise<Transaction | undefined> {
      const item = await reading(() => getItem(transactionKey(id), consistent))
      return item && toTransaction(item)
    },

    async readTransactions(
      ids: readonly TransactionId[],
      consistent: boolean,
    ): Promise<Transaction[]> {
      const items = await reading(() => getItems(ids.map(transactionKey), consistent))
      return items.map(toTransaction)
    },

    async readWallet(
      id: WalletId,
      consistent: boolean,
    ): Promise<{ wallet: Wallet; balances: Balance[] } | undefined> {
      const [wallet, balances] = await reading(() =>
        Promise.all([
          getItem(walletKey(id), consistent),
          queryAll(walletPartition(id), BALANCE_PREFIX, consistent),
        ]),
      )
      return wallet && { wallet: toWallet(wallet), balances: balances.map(toBalance) }
    },

    async readBalance(
      { walletId, asset }: BalanceName,
      consistent: boolean,
    ): Promise<Balance | undefined> {
      const item = await reading(() => getItem(balanceKey(walletId, asset), consistent))
      return item && toBalance(item)
    },

    async readBalances(walletId: WalletId, consistent: boolean): Promise<Balance[]> {
      const items = await reading(() =>
        queryAll(walletPartition(walletId), BALANCE_PREFIX, consistent),
      )
      return items.map(toBalance)
    },

    /** One query. With a `type`, `limit` bounds what is looked at, so the page may hold fewer. */
    async readEntries(range: EntryRange): Promise<EntryPage> {
      const { Items = [], LastEvaluatedKey } = await reading(() =>
        client.send(new QueryCommand(entryQuery(tableName, range))),
      )
      const scannedTo = LastEvaluatedKey && toPosition(unmarshall(LastEvaluatedKey))
      return { entries: Items.map((item) => toEntry(unmarshall(item))), scannedTo }
    },

    async readAsset(code: AssetCode): Promise<Asset | undefined> {
      const item = await reading(() => getItem(assetKey(code), true))
      return item && toAsset(item)
    },

    async readAssets(): Promise<Asset[]> {
      const items = await reading(() => queryAll(ASSET_PARTITION, 'A#', false))
      return items.map(toAsset)
    },

    /** Registers or renames. A scale never changes: it would change what every stored amount means. */
    async putAsset(asset: Asset): Promise<'written' | 'scale-differs'> {
      const isNew = 'attribute_not_exists(pk)'
      const keepsScale = '#scale = :scale'
      try {
        await client.send(
          new PutItemCommand({
            TableName: tableName,
            Item: toAttributes(assetItem(asset)),
            ConditionExpression: `${isNew} OR ${keepsScale}`,
            ExpressionAttributeNames: { '#scale': 'scale' },
            ExpressionAttributeValues: toAttributes({ ':scale': asset.scale }),
          }),
        )
        return 'written'
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'scale-differs'
        throw unavailableOr(error)
      }
    },

    /** All of it, or nothing. */
    async commit(commit: Commit): Promise<CommitOutcome> {
      try {
        await client.send(
          new TransactWriteItemsCommand({ TransactItems: commitWrites(tableName, commit) }),
        )
        return { kind: 'committed' }
      } catch (error) {
        return failedCommit(commit, error)
      }
    },
  }
}

function failedCommit(commit: Commit, error: unknown): CommitOutcome {
  if (error instanceof TransactionCanceledException) {
    const outcome = readCancellation(commit, error)
    if (outcome) return outcome
  }
  if (isThrottle(error)) return { kind: 'contended' }
  if (isInterruption(error)) return { kind: 'unknown' }
  throw error
}

/** A read that DynamoDB could not serve is an outage, not a bug: whoever asked may come again. */
async function reading<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    throw unavailableOr(error)
  }
}

function unavailableOr(error: unknown): unknown {
  return isThrottle(error) || isInterruption(error)
    ? new StoreUnavailable('DynamoDB did not answer', { cause: error })
    : error
}

function entryQuery(tableName: string, range: EntryRange): QueryCommandInput {
  const { walletId, asset, oldest, newest, limit, type, consistent } = range
  return {
    TableName: tableName,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :oldest AND :newest',
    ExpressionAttributeValues: toAttributes({
      ':pk': walletPartition(walletId),
      ':oldest': entrySortKey(asset, oldest),
      ':newest': entrySortKey(asset, newest),
      ':type': type,
    }),
    ...(type && {
      FilterExpression: '#type = :type',
      ExpressionAttributeNames: { '#type': 'type' },
    }),
    ScanIndexForward: false,
    Limit: limit,
    ConsistentRead: consistent,
  }
}

function toPosition(key: Item): EntryPosition {
  const [, , at, seq] = String(key['sk']).split('#')
  return { at: Number(at), seq: Number(seq) }
}
