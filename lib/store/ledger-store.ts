import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  TransactGetItemsCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import type { WalletId } from '../money/account.ts'
import type { Asset, AssetCode } from '../money/asset.ts'
import type { Balance, Entry } from '../money/balance.ts'
import type { Hold, HoldId } from '../money/hold.ts'
import type { BalanceId } from '../money/posting.ts'
import type { Transaction, TransactionId } from '../money/transaction.ts'
import type { StatusRecord, Wallet } from '../money/wallet.ts'
import { type Attributes, fromAttributes, keyAttributes, toAttributes } from './attributes.ts'
import {
  type Commit,
  type CommitOutcome,
  commitWrites,
  type MetadataCommit,
  metadataWrite,
  readCancellation,
  readUnrecorded,
  type StatusCommit,
  statusWrites,
} from './commit.ts'
import {
  isRefusal,
  isSentAgain,
  isThrottle,
  StoreUnavailable,
  unavailableOr,
  whileAvailable,
} from './failures.ts'
import {
  assetItem,
  type Item,
  toAsset,
  toBalance,
  toBalanceId,
  toEntry,
  toHold,
  toHoldName,
  toStatusRecord,
  toTransaction,
  toWallet,
} from './items.ts'
import {
  ASSET_PARTITION,
  ASSET_PREFIX,
  assetKey,
  BALANCE_PREFIX,
  balanceKey,
  type EntryPosition,
  entryKey,
  entrySortKey,
  expiryShardName,
  holdKey,
  type Key,
  STATUS_PREFIX,
  statusKey,
  transactionKey,
  walletKey,
  walletPartition,
} from './keys.ts'
import { type Snapshot, toSnapshot } from './snapshot.ts'
import { HOLD_EXPIRY_INDEX } from './tables.ts'

export interface StateNames {
  readonly balances?: readonly BalanceId[]
  readonly wallets?: readonly WalletId[]
  readonly assets?: readonly AssetCode[]
  readonly holds?: readonly HoldName[]
  readonly transactions?: readonly TransactionId[]
}

export interface HoldName {
  readonly walletId: WalletId
  readonly holdId: HoldId
}

export interface OverdueRange {
  readonly shard: number
  readonly nowMs: number
  readonly limit: number
  readonly after?: Item | undefined
}

export interface OverduePage {
  readonly holds: readonly HoldName[]
  /** Where the next page goes on; undefined after the last. */
  readonly next: Item | undefined
}

export interface EntryRange extends BalanceId {
  /** Both ends are inside. */
  readonly oldest: EntryPosition
  readonly newest: EntryPosition
  readonly order: 'desc' | 'asc'
  readonly limit: number
  readonly consistent: boolean
}

/** `scannedTo` is where the next page goes on; undefined where the range is used up. */
export interface EntryPage {
  readonly entries: readonly Entry[]
  readonly scannedTo: EntryPosition | undefined
}

/** The one place that sends anything to DynamoDB. */
export type LedgerStore = ReturnType<typeof openLedgerStore>

export interface LedgerStoreOptions {
  readonly client: Pick<DynamoDBClient, 'send'>
  readonly tableName: string
  readonly sleep?: (ms: number) => Promise<void>
}

/** How often a batch read asks again for the keys that DynamoDB left out. */
const MAX_BATCH_ROUNDS = 6
const BATCH_PAUSE_MS = 10
const MAX_BATCH_KEYS = 100
/** How many pages of one MB a read of all balances of a wallet, or of all assets, takes at the most. */
const MAX_QUERY_PAGES = 16

export function openLedgerStore({ client, tableName, sleep = realSleep }: LedgerStoreOptions) {
  async function getItem(key: Key, consistent: boolean): Promise<Item | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: tableName,
        Key: keyAttributes(key),
        ConsistentRead: consistent,
      }),
    )
    return Item && fromAttributes(Item)
  }

  /** The items that exist, in no order. */
  async function getItems(keys: readonly Key[], consistent: boolean): Promise<Item[]> {
    if (keys.length > MAX_BATCH_KEYS) throw new RangeError(`more than ${MAX_BATCH_KEYS} keys`)
    const items: Item[] = []
    let pending: Attributes[] = keys.map(keyAttributes)
    for (let round = 0; pending.length > 0; round += 1) {
      if (round === MAX_BATCH_ROUNDS) throw new StoreUnavailable('a batch read was never finished')
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({
          RequestItems: { [tableName]: { Keys: pending, ConsistentRead: consistent } },
        }),
      )
      items.push(...(Responses?.[tableName] ?? []).map((item) => fromAttributes(item)))
      pending = UnprocessedKeys?.[tableName]?.Keys ?? []
      if (pending.length > 0) await sleep(BATCH_PAUSE_MS * 2 ** round)
    }
    return items
  }

  /** One item for each key, as they stood at one moment; undefined while one of them is being written. */
  async function getTogether(keys: readonly Key[]): Promise<(Item | undefined)[] | undefined> {
    try {
      const { Responses = [] } = await client.send(
        new TransactGetItemsCommand({
          TransactItems: keys.map((key) => ({
            Get: { TableName: tableName, Key: keyAttributes(key) },
          })),
        }),
      )
      return Responses.map(({ Item }) => Item && fromAttributes(Item))
    } catch (error) {
      if (error instanceof TransactionCanceledException) return undefined
      throw error
    }
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
      items.push(...(Items ?? []).map((item) => fromAttributes(item)))
      if (!LastEvaluatedKey) return items
      start = LastEvaluatedKey
    }
    throw new RangeError(`more than ${MAX_QUERY_PAGES} pages under ${pk} ${prefix}`)
  }

  /** All of it, or nothing. */
  async function transact(
    writes: TransactWriteItem[],
    read: (error: TransactionCanceledException) => CommitOutcome | undefined,
  ): Promise<CommitOutcome> {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: writes }))
      return { kind: 'committed' }
    } catch (error) {
      return failedCommit(error, read)
    }
  }

  return {
    /** For whoever finds that not all is visible yet, and reads again. */
    sleep,

    /** All of these that exist, as they are now, in one request. */
    async readState(names: StateNames): Promise<Snapshot> {
      return toSnapshot(await whileAvailable(() => getItems(stateKeys(names), true)))
    },

    async readHold({ walletId, holdId }: HoldName, consistent: boolean): Promise<Hold | undefined> {
      const item = await whileAvailable(() => getItem(holdKey(walletId, holdId), consistent))
      return item && toHold(item)
    },

    /**
     * The same, and the record, as they stood at one moment. Two reads one after the other may see a
     * transaction half: its balances, and not yet its record. Undefined while one of them is being written.
     */
    async readTogether(
      id: TransactionId,
      names: StateNames,
    ): Promise<{ record: Transaction | undefined; state: Snapshot } | undefined> {
      const keys = [transactionKey(id), ...stateKeys(names)]
      const items = await whileAvailable(() => getTogether(keys))
      if (!items) return undefined
      const [first, ...others] = items
      return {
        record: first && toTransaction(first),
        state: toSnapshot(others.filter((item) => item !== undefined)),
      }
    },

    async readTransaction(
      id: TransactionId,
      consistent: boolean,
    ): Promise<Transaction | undefined> {
      const item = await whileAvailable(() => getItem(transactionKey(id), consistent))
      return item && toTransaction(item)
    },

    /** Whether each balance and entry that a transaction wrote can be seen. */
    async showsAll({ balances, at }: Transaction): Promise<boolean> {
      const keys = balances.flatMap(({ walletId, asset, seq }) => [
        balanceKey(walletId, asset),
        entryKey(walletId, asset, { at, seq }),
      ])
      const items = await whileAvailable(() => getItems(keys, true))
      const bySortKey = new Map(items.map((item) => [`${item['pk']} ${item['sk']}`, item]))
      return balances.every(({ walletId, asset, seq }) => {
        const { pk, sk } = balanceKey(walletId, asset)
        const entry = entryKey(walletId, asset, { at, seq })
        const balance = bySortKey.get(`${pk} ${sk}`)
        return Number(balance?.['seq']) >= seq && bySortKey.has(`${entry.pk} ${entry.sk}`)
      })
    },

    async readTransactions(
      ids: readonly TransactionId[],
      consistent: boolean,
    ): Promise<Transaction[]> {
      const items = await whileAvailable(() => getItems(ids.map(transactionKey), consistent))
      return items.map(toTransaction)
    },

    async readWallet(
      id: WalletId,
      consistent: boolean,
    ): Promise<{ wallet: Wallet; balances: Balance[] } | undefined> {
      const [wallet, balances] = await whileAvailable(() =>
        Promise.all([
          getItem(walletKey(id), consistent),
          queryAll(walletPartition(id), BALANCE_PREFIX, consistent),
        ]),
      )
      return wallet && { wallet: toWallet(wallet), balances: balances.map(toBalance) }
    },

    /**
     * A wallet and these balances of it, as they stood at one moment; undefined while one of them is being written.
     */
    async readWalletTogether(
      id: WalletId,
      assets: readonly AssetCode[],
    ): Promise<{ wallet: Wallet | undefined; balances: Balance[] } | undefined> {
      const keys = [walletKey(id), ...assets.map((asset) => balanceKey(id, asset))]
      const items = await whileAvailable(() => getTogether(keys))
      if (!items) return undefined
      const [wallet, ...balances] = items
      return {
        wallet: wallet && toWallet(wallet),
        balances: balances.flatMap((item) => (item ? [toBalance(item)] : [])),
      }
    },

    async readStatusRecord(walletId: WalletId, number: number): Promise<StatusRecord | undefined> {
      const item = await whileAvailable(() => getItem(statusKey(walletId, number), true))
      return item && toStatusRecord(item)
    },

    /** Every change of a wallet's status, oldest first. */
    async readStatusHistory(walletId: WalletId): Promise<StatusRecord[]> {
      const items = await whileAvailable(() =>
        queryAll(walletPartition(walletId), STATUS_PREFIX, true),
      )
      return items.map(toStatusRecord)
    },

    async readBalance(
      { walletId, asset }: BalanceId,
      consistent: boolean,
    ): Promise<Balance | undefined> {
      const item = await whileAvailable(() => getItem(balanceKey(walletId, asset), consistent))
      return item && toBalance(item)
    },

    async readBalances(walletId: WalletId, consistent: boolean): Promise<Balance[]> {
      const items = await whileAvailable(() =>
        queryAll(walletPartition(walletId), BALANCE_PREFIX, consistent),
      )
      return items.map(toBalance)
    },

    /** One query. What is being written meanwhile may be missing, also between two others. */
    async readEntries(range: EntryRange): Promise<EntryPage> {
      const { Items = [], LastEvaluatedKey } = await whileAvailable(() =>
        client.send(new QueryCommand(entryQuery(tableName, range))),
      )
      const scannedTo = LastEvaluatedKey && toPosition(fromAttributes(LastEvaluatedKey))
      return { entries: Items.map((item) => toEntry(fromAttributes(item))), scannedTo }
    },

    /** The whole table, a page at a time, for an audit. */
    async *scan(): AsyncGenerator<Item[]> {
      let start: ScanCommandInput['ExclusiveStartKey']
      do {
        const page = { TableName: tableName, ConsistentRead: true, ExclusiveStartKey: start }
        const { Items = [], LastEvaluatedKey } = await whileAvailable(() =>
          client.send(new ScanCommand(page)),
        )
        yield Items.map((item) => fromAttributes(item))
        start = LastEvaluatedKey
      } while (start)
    },

    /** Whether the table answers at all. */
    async ping(): Promise<void> {
      await whileAvailable(() => getItem({ pk: ASSET_PARTITION, sk: ASSET_PREFIX }, true))
    },

    /** All balances by name, with the number of their last entry, a page at a time. */
    async *scanBalances(): AsyncGenerator<(BalanceId & { seq: number })[]> {
      let start: ScanCommandInput['ExclusiveStartKey']
      do {
        const page: ScanCommandInput = {
          TableName: tableName,
          ConsistentRead: true,
          FilterExpression: 'begins_with(sk, :prefix)',
          ProjectionExpression: 'pk, sk, seq',
          ExpressionAttributeValues: toAttributes({ ':prefix': BALANCE_PREFIX }),
          ExclusiveStartKey: start,
        }
        const { Items = [], LastEvaluatedKey } = await whileAvailable(() =>
          client.send(new ScanCommand(page)),
        )
        yield Items.map((item) => toBalanceId(fromAttributes(item)))
        start = LastEvaluatedKey
      } while (start)
    },

    async readAsset(code: AssetCode): Promise<Asset | undefined> {
      const item = await whileAvailable(() => getItem(assetKey(code), true))
      return item && toAsset(item)
    },

    async readAssets(): Promise<Asset[]> {
      const items = await whileAvailable(() => queryAll(ASSET_PARTITION, ASSET_PREFIX, false))
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

    commit: (commit: Commit) => transact(commitWrites(tableName, commit), readCancellation),

    commitStatus: (commit: StatusCommit) =>
      transact(statusWrites(tableName, commit), readUnrecorded),

    commitMetadata: (commit: MetadataCommit) =>
      transact([metadataWrite(tableName, commit)], readUnrecorded),

    /** Open holds of one shard whose time was over at `nowMs`, oldest first, a page at a time. */
    async readOverdueHolds({ shard, nowMs, limit, after }: OverdueRange): Promise<OverduePage> {
      const { partitionKey, sortKey } = HOLD_EXPIRY_INDEX
      const { Items = [], LastEvaluatedKey } = await whileAvailable(() =>
        client.send(
          new QueryCommand({
            TableName: tableName,
            IndexName: HOLD_EXPIRY_INDEX.name,
            KeyConditionExpression: '#shard = :shard AND #expiresAt <= :now',
            ExpressionAttributeNames: { '#shard': partitionKey, '#expiresAt': sortKey },
            ExpressionAttributeValues: toAttributes({
              ':shard': expiryShardName(shard),
              ':now': nowMs,
            }),
            Limit: limit,
            ExclusiveStartKey: after && toAttributes(after),
          }),
        ),
      )
      const holds = Items.map((item) => toHoldName(fromAttributes(item)))
      return { holds, next: LastEvaluatedKey && fromAttributes(LastEvaluatedKey) }
    },
  }
}

/**
 * The money may have moved unless DynamoDB itself said no. Whatever else happened on the way, the record
 * tells.
 */
function failedCommit(
  error: unknown,
  read: (error: TransactionCanceledException) => CommitOutcome | undefined,
): CommitOutcome {
  const doubt = isSentAgain(error) ? { mayStillCommit: true } : {}
  if (error instanceof TransactionCanceledException) {
    const outcome = read(error)
    if (outcome) return { ...outcome, ...doubt }
  }
  if (isThrottle(error)) return { kind: 'contended', ...doubt }
  // A refusal is the answer to the last send only. Of an earlier one, it says nothing.
  if (isRefusal(error) && !isSentAgain(error)) throw error
  return { kind: 'unknown' }
}

const realSleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

function stateKeys(names: StateNames): Key[] {
  const { balances = [], wallets = [], assets = [], holds = [], transactions = [] } = names
  return [
    ...balances.map(({ walletId, asset }) => balanceKey(walletId, asset)),
    ...wallets.map(walletKey),
    ...assets.map(assetKey),
    ...holds.map(({ walletId, holdId }) => holdKey(walletId, holdId)),
    ...transactions.map(transactionKey),
  ]
}

function entryQuery(tableName: string, range: EntryRange): QueryCommandInput {
  const { walletId, asset, oldest, newest, order, limit, consistent } = range
  return {
    TableName: tableName,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :oldest AND :newest',
    ExpressionAttributeValues: toAttributes({
      ':pk': walletPartition(walletId),
      ':oldest': entrySortKey(asset, oldest),
      ':newest': entrySortKey(asset, newest),
    }),
    ScanIndexForward: order === 'asc',
    Limit: limit,
    ConsistentRead: consistent,
  }
}

function toPosition(key: Item): EntryPosition {
  const [, , at, seq] = String(key['sk']).split('#')
  return { at: Number(at), seq: Number(seq) }
}
