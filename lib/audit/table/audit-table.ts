import { randomUUID } from 'node:crypto'
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { WalletId } from '../../money/account.ts'
import type { AssetCode } from '../../money/asset.ts'
import type { BalanceId } from '../../money/posting.ts'
import { type Attributes, toAttributes } from '../../store/attributes.ts'
import {
  isThrottle,
  StoreUnavailable,
  unavailableOr,
  whileAvailable,
} from '../../store/failures.ts'
import type { Key } from '../../store/keys.ts'
import { BY_KIND_INDEX, BY_WALLET_INDEX } from '../../store/tables.ts'
import type { Acknowledgement, Flag } from '../flag.ts'
import type { Projection, Step } from '../project.ts'
import { addSupply, NO_CHANGE, type SupplyChange } from '../supply.ts'
import {
  DEAD_LETTER_KIND,
  type DeadLetter,
  deadLetterItem,
  FLAG_KIND,
  flagItem,
  type Item,
  type Line,
  lineItem,
  projectionItem,
  supplyAdditions,
  toDeadLetter,
  toFlag,
  toItem,
  toLine,
  toProjection,
  toSupply,
  whole,
} from './items.ts'
import {
  deadLetterKey,
  flagKey,
  GENERATIONS_KEY,
  type Generation,
  PROGRESS_KEY,
  PROJECTION_PREFIX,
  projectionKey,
  projectionPartition,
  SUPPLY_SHARDS,
  shardOf,
  statementPartition,
  supplyPartition,
} from './keys.ts'

/** Which projections everybody reads, and which are being made beside them. */
export interface Generations {
  readonly current: Generation
  readonly building: Generation | undefined
}

/** How far the stream was read when it was last looked at. */
export interface Progress {
  /** When the newest change of the last batch was made, and when its projection was done. */
  readonly changedAt: number
  readonly projectedAt: number
}

export interface Listing {
  readonly walletId?: WalletId | undefined
  /** Of flags: the rule that raised them. */
  readonly rule?: string | undefined
  /** Both ends are inside. */
  readonly from: number
  readonly to: number
  readonly limit: number
  readonly after?: string | undefined
}

export interface Listed<Thing> {
  readonly items: readonly Thing[]
  /** Where the next page goes on; undefined after the last. */
  readonly next: string | undefined
}

export interface LineRange {
  readonly account: string
  readonly asset: AssetCode
  /** Sort keys, both inside. */
  readonly oldest: string
  readonly newest: string
  readonly order: 'asc' | 'desc'
  readonly limit: number
}

/** The one place that sends anything about the Audit table. */
export type AuditTable = ReturnType<typeof openAuditTable>

const FIRST_GENERATION = 1
const MAX_QUERY_PAGES = 16
const MAX_COMMIT_ROUNDS = 12
const COMMIT_PAUSE_MS = 5
const LONGEST_PAUSE_MS = 500
/** Of a transaction that did nothing, and may be sent again as it is. */
const IN_THE_WAY = new Set([
  'None',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
])
/** DynamoDB takes 100 items in one transaction: the projection, the shard, and these lines and flags. */
export const MAX_STEP_ITEMS = 90

export interface AuditTableOptions {
  readonly client: Pick<DynamoDBClient, 'send'>
  readonly tableName: string
  readonly sleep?: (ms: number) => Promise<void>
  readonly random?: () => number
}

export function openAuditTable({
  client,
  tableName: TableName,
  sleep = realSleep,
  random = Math.random,
}: AuditTableOptions) {
  async function getItem(key: Key): Promise<Item | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: toAttributes({ ...key }), ConsistentRead: true }),
    )
    return Item && toItem(Item)
  }

  async function query(input: Omit<QueryCommandInput, 'TableName'>, most: number) {
    const items: Item[] = []
    let start = input.ExclusiveStartKey
    for (let page = 0; page < MAX_QUERY_PAGES; page += 1) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        // Never more than are still wanted: what is cut off here would be on no page.
        new QueryCommand({
          ...input,
          TableName,
          ExclusiveStartKey: start,
          ...(Number.isFinite(most) && { Limit: most - items.length }),
        }),
      )
      items.push(...Items.map(toItem))
      start = LastEvaluatedKey
      if (!start || items.length >= most) break
    }
    return { items, next: start }
  }

  async function list<Thing>(
    kind: string,
    { walletId, rule, from, to, limit, after }: Listing,
    read: (item: Item) => Thing,
  ): Promise<Listed<Thing>> {
    const index = walletId === undefined ? BY_KIND_INDEX : BY_WALLET_INDEX
    const filters = [
      ...(walletId === undefined ? [] : ['#kind = :kind']),
      ...(rule === undefined ? [] : ['#rule = :rule']),
    ]
    const { items, next } = await query(
      {
        IndexName: index.name,
        KeyConditionExpression: '#key = :key AND #at BETWEEN :from AND :to',
        ...(filters.length > 0 && { FilterExpression: filters.join(' AND ') }),
        ExpressionAttributeNames: {
          '#key': index.partitionKey,
          '#at': index.sortKey,
          ...(walletId !== undefined && { '#kind': 'kind' }),
          ...(rule !== undefined && { '#rule': 'rule' }),
        },
        ExpressionAttributeValues: toAttributes({
          ':key': walletId ?? kind,
          ':from': from,
          ':to': to,
          ':kind': walletId === undefined ? undefined : kind,
          ':rule': rule,
        }),
        ScanIndexForward: false,
        ExclusiveStartKey: after === undefined ? undefined : JSON.parse(after),
      },
      limit,
    )
    return { items: items.map(read), next: next && JSON.stringify(next) }
  }

  /** Stale where somebody else was first: what is there now has to be read again. */
  async function tryCommit(
    writes: TransactWriteItem[],
  ): Promise<'committed' | 'stale' | 'in-the-way'> {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: writes }))
      return 'committed'
    } catch (error) {
      return failedCommit(error)
    }
  }

  async function readGenerations(): Promise<Generations> {
    const item = await whileAvailable(() => getItem(GENERATIONS_KEY))
    const building = item?.['building']
    return {
      current: item ? whole(item['current']) : FIRST_GENERATION,
      building: building === undefined ? undefined : whole(building),
    }
  }

  async function count(kind: string, FilterExpression?: string): Promise<number> {
    let sum = 0
    let start: Attributes | undefined
    do {
      const { Count = 0, LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName,
          IndexName: BY_KIND_INDEX.name,
          Select: 'COUNT',
          KeyConditionExpression: '#kind = :kind',
          FilterExpression,
          ExpressionAttributeNames: { '#kind': BY_KIND_INDEX.partitionKey },
          ExpressionAttributeValues: toAttributes({ ':kind': kind }),
          ExclusiveStartKey: start,
        }),
      )
      sum += Count
      start = LastEvaluatedKey
    } while (start)
    return sum
  }

  return {
    readGenerations,

    /** Unless somebody else has changed them since they were read. */
    async writeGenerations(from: Generations, to: Generations): Promise<boolean> {
      const token = randomUUID()
      const isAsItWas =
        from.building === undefined
          ? 'attribute_not_exists(#building) AND (attribute_not_exists(#current) OR #current = :wasCurrent)'
          : '#building = :wasBuilding AND #current = :wasCurrent'
      const isWritten = await conditionally(
        new UpdateItemCommand({
          TableName,
          Key: toAttributes({ ...GENERATIONS_KEY }),
          UpdateExpression:
            to.building === undefined
              ? 'SET #current = :current, #token = :token REMOVE #building'
              : 'SET #current = :current, #token = :token, #building = :building',
          ConditionExpression: isAsItWas,
          ExpressionAttributeNames: {
            '#current': 'current',
            '#building': 'building',
            '#token': 'token',
          },
          ExpressionAttributeValues: toAttributes({
            ':current': to.current,
            ':token': token,
            ':building': to.building,
            ':wasCurrent': from.current,
            ':wasBuilding': from.building,
          }),
        }),
      )
      if (isWritten) return true
      // It may have been us: the SDK sends a request again whose answer was lost.
      const now = await whileAvailable(() => getItem(GENERATIONS_KEY))
      return now?.['token'] === token
    },

    async readProjection(generation: Generation, id: BalanceId): Promise<Projection | undefined> {
      const item = await whileAvailable(() => getItem(projectionKey(generation, id)))
      return item && toProjection(item)
    },

    async readProjections(generation: Generation, walletId: WalletId): Promise<Projection[]> {
      const { items } = await whileAvailable(() =>
        query(
          {
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
            ExpressionAttributeValues: toAttributes({
              ':pk': projectionPartition(generation, walletId),
              ':prefix': PROJECTION_PREFIX,
            }),
          },
          Number.POSITIVE_INFINITY,
        ),
      )
      return items.map(toProjection)
    },

    /**
     * The projection, the sums and all that comes with them, together or not at all, and only onto the very
     * projection that they were made from: so each entry counts once, however often its record comes.
     */
    async commitStep(generation: Generation, from: Projection, step: Step): Promise<boolean> {
      const isNew = from.seq === 0
      const writes: TransactWriteItem[] = [
        {
          Put: {
            TableName,
            Item: toAttributes(projectionItem(generation, step.projection)),
            ...(isNew
              ? { ConditionExpression: 'attribute_not_exists(pk)' }
              : {
                  ConditionExpression: 'seq = :seq',
                  ExpressionAttributeValues: toAttributes({ ':seq': from.seq }),
                }),
          },
        },
        ...supplyWrites(TableName, generation, from, step.supply),
        ...step.lines.map((line) => ({
          Put: { TableName, Item: toAttributes(lineItem(generation, line)) },
        })),
        ...step.flags.map((flag) => ({ Update: flagWrite(TableName, flag) })),
      ]
      for (let round = 0; round < MAX_COMMIT_ROUNDS; round += 1) {
        // The sums of a shard are written by many, and the SDK does not try again by itself.
        if (round > 0)
          await sleep(random() * Math.min(LONGEST_PAUSE_MS, COMMIT_PAUSE_MS * 2 ** round))
        const outcome = await tryCommit(writes)
        if (outcome !== 'in-the-way') return outcome === 'committed'
      }
      throw new StoreUnavailable('too many write the same sums')
    },

    /** For readers who find that not all of a step is visible yet, and read again. */
    sleep,

    /** The sums of each shard. Each is balanced, but for a step that is seen in parts. */
    async readSupplyShards(generation: Generation, asset: AssetCode): Promise<SupplyChange[]> {
      const shards = await whileAvailable(() =>
        Promise.all(
          Array.from({ length: SUPPLY_SHARDS }, (_, shard) =>
            query(
              {
                KeyConditionExpression: 'pk = :pk',
                ExpressionAttributeValues: toAttributes({
                  ':pk': supplyPartition(generation, asset, shard),
                }),
                ConsistentRead: true,
              },
              Number.POSITIVE_INFINITY,
            ),
          ),
        ),
      )
      return shards.map(({ items }) => items.map(toSupply).reduce(addSupply, NO_CHANGE))
    },

    /** The lines of all shards, merged by time. */
    async readLines(generation: Generation, range: LineRange): Promise<Line[]> {
      const { account, asset, oldest, newest, order, limit } = range
      const pages = await whileAvailable(() =>
        Promise.all(
          Array.from({ length: SUPPLY_SHARDS }, (_, shard) =>
            query(
              {
                KeyConditionExpression: 'pk = :pk AND sk BETWEEN :oldest AND :newest',
                ExpressionAttributeValues: toAttributes({
                  ':pk': statementPartition(generation, account, asset, shard),
                  ':oldest': oldest,
                  ':newest': newest,
                }),
                ScanIndexForward: order === 'asc',
              },
              limit,
            ),
          ),
        ),
      )
      const lines = pages.flatMap(({ items }) => items.map(toLine))
      const direction = order === 'asc' ? 1 : -1
      return lines
        .toSorted((a, b) => (a.sortKey < b.sortKey ? -direction : direction))
        .slice(0, limit)
    },

    /** A flag that is there already stays as it is, with who has seen it. */
    async raise(flag: Flag): Promise<void> {
      await whileAvailable(() => client.send(new UpdateItemCommand(flagWrite(TableName, flag))))
    },

    async readFlag(id: string): Promise<Flag | undefined> {
      const item = await whileAvailable(() => getItem(flagKey(id)))
      return item && toFlag(item)
    },

    listFlags: (listing: Listing) => whileAvailable(() => list(FLAG_KIND, listing, toFlag)),

    /** False where there is no such flag. Who saw it first stays. */
    async acknowledge(id: string, { by, at }: Acknowledgement): Promise<boolean> {
      return conditionally(
        new UpdateItemCommand({
          TableName,
          Key: toAttributes({ ...flagKey(id) }),
          UpdateExpression:
            'SET acknowledgedBy = if_not_exists(acknowledgedBy, :by), acknowledgedAt = if_not_exists(acknowledgedAt, :at)',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: toAttributes({ ':by': by, ':at': at }),
        }),
      )
    },

    /** Counts another attempt where the letter is there already. */
    async park(letter: DeadLetter): Promise<void> {
      const { pk, sk, attempts, ...facts } = deadLetterItem(letter)
      const names = Object.keys(facts).filter((name) => facts[name] !== undefined)
      await whileAvailable(() =>
        client.send(
          new UpdateItemCommand({
            TableName,
            Key: toAttributes({ pk, sk }),
            UpdateExpression: `SET ${names
              .map((name) => `#${name} = if_not_exists(#${name}, :${name})`)
              .join(', ')} ADD attempts :attempts`,
            ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
            ExpressionAttributeValues: toAttributes({
              ':attempts': attempts,
              ...Object.fromEntries(names.map((name) => [`:${name}`, facts[name]])),
            }),
          }),
        ),
      )
    },

    async readDeadLetter(id: string): Promise<DeadLetter | undefined> {
      const item = await whileAvailable(() => getItem(deadLetterKey(id)))
      return item && toDeadLetter(item)
    },

    listDeadLetters: (listing: Listing) =>
      whileAvailable(() => list(DEAD_LETTER_KIND, listing, toDeadLetter)),

    countDeadLetters: () => whileAvailable(() => count(DEAD_LETTER_KIND)),

    /** Those that nobody has acknowledged. */
    countOpenFlags: () =>
      whileAvailable(() => count(FLAG_KIND, 'attribute_not_exists(acknowledgedBy)')),

    async removeDeadLetter(id: string): Promise<void> {
      const Key = toAttributes({ ...deadLetterKey(id) })
      await whileAvailable(() => client.send(new DeleteItemCommand({ TableName, Key })))
    },

    async readProgress(): Promise<Progress | undefined> {
      const item = await whileAvailable(() => getItem(PROGRESS_KEY))
      return (
        item && { changedAt: whole(item['changedAt']), projectedAt: whole(item['projectedAt']) }
      )
    },

    /** Never back: of two that write it, the one that is further counts. */
    async writeProgress({ changedAt, projectedAt }: Progress): Promise<void> {
      await conditionally(
        new UpdateItemCommand({
          TableName,
          Key: toAttributes({ ...PROGRESS_KEY }),
          UpdateExpression: 'SET changedAt = :changedAt, projectedAt = :projectedAt',
          ConditionExpression: 'attribute_not_exists(changedAt) OR changedAt <= :changedAt',
          ExpressionAttributeValues: toAttributes({
            ':changedAt': changedAt,
            ':projectedAt': projectedAt,
          }),
        }),
      )
    },

    /** Every item, a page at a time. */
    async *scan(): AsyncGenerator<Item[]> {
      let start: Attributes | undefined
      do {
        const page = { TableName, ConsistentRead: true, ExclusiveStartKey: start }
        const { Items = [], LastEvaluatedKey } = await whileAvailable(() =>
          client.send(new ScanCommand(page)),
        )
        yield Items.map(toItem)
        start = LastEvaluatedKey
      } while (start)
    },

    async remove({ pk, sk }: Key): Promise<void> {
      const Key = toAttributes({ pk, sk })
      await whileAvailable(() => client.send(new DeleteItemCommand({ TableName, Key })))
    },
  }

  async function conditionally(command: UpdateItemCommand): Promise<boolean> {
    try {
      await client.send(command)
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw unavailableOr(error)
    }
  }
}

/** The sums of the shard, and those of the studio's own accounts each by itself: there can be very many. */
function supplyWrites(
  TableName: string,
  generation: Generation,
  { walletId, asset }: BalanceId,
  change: SupplyChange,
): TransactWriteItem[] {
  const shard = supplyPartition(generation, asset, shardOf(walletId))
  return supplyAdditions(change).map(({ sk, sums }) => ({
    Update: {
      TableName,
      Key: toAttributes({ pk: shard, sk }),
      UpdateExpression: `ADD ${sums.map((_, index) => `#${index} :${index}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(
        sums.map(([name], index) => [`#${index}`, name]),
      ),
      ExpressionAttributeValues: toAttributes(
        Object.fromEntries(sums.map(([, amount], index) => [`:${index}`, amount])),
      ),
    },
  }))
}

function failedCommit(error: unknown): 'stale' | 'in-the-way' {
  if (isThrottle(error)) return 'in-the-way'
  if (!(error instanceof TransactionCanceledException)) throw unavailableOr(error)
  const codes = (error.CancellationReasons ?? []).map(({ Code = 'None' }) => Code)
  if (codes.includes('ConditionalCheckFailed')) return 'stale'
  // Whatever else it is, it is the same the next time: that is a fault, and no outage.
  if (!codes.every((code) => IN_THE_WAY.has(code))) throw error
  return 'in-the-way'
}

function flagWrite(TableName: string, flag: Flag) {
  const { pk, sk, ...facts } = flagItem(flag)
  const names = Object.keys(facts).filter((name) => facts[name] !== undefined)
  const setting = names.map((name) => `#${name} = if_not_exists(#${name}, :${name})`)
  return {
    TableName,
    Key: toAttributes({ pk, sk }),
    UpdateExpression: `SET ${setting.join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: toAttributes(
      Object.fromEntries(names.map((name) => [`:${name}`, facts[name]])),
    ),
  }
}

const realSleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
