import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { TableDefinition } from '../../../lib/store/tables.ts'
import type { Process } from '../process.ts'
import type { Range } from '../random.ts'
import type { Scheduler } from '../scheduler.ts'
import { type ChangeStream, createChangeStream } from './change-stream.ts'
import { openClient, type SimulatedClient } from './client.ts'
import { batchGetItem, getItem } from './commands/read-items.ts'
import { query, scan } from './commands/read-pages.ts'
import { transactGetItems } from './commands/transact-get-items.ts'
import { transactWriteItems } from './commands/transact-write-items.ts'
import { writeItem } from './commands/write-item.ts'
import { CALM, type Faults } from './faults.ts'
import { refuseUnknown } from './known-parameters.ts'
import type { Request } from './network.ts'
import { createRetryQuota } from './sdk-retries.ts'
import type { Respond, Service } from './service.ts'
import type { Slot } from './shelf.ts'
import { bytesOf } from './sizes.ts'
import { createTable, type Table } from './table.ts'
import { createTokens, type Token } from './tokens.ts'
import type { Item } from './values.ts'

/**
 * DynamoDB, for a simulation: in memory, in simulated time, and with what AWS says about it rather than with what one
 * mostly sees of it. The code under test gets a client of it and notices no difference, but for what went wrong.
 *
 * What is simulated, and where AWS says so (docs.aws.amazon.com/amazondynamodb/latest/developerguide/):
 * - Put, Update, Delete, Get, BatchGet, Query, Scan, TransactWrite and TransactGet, with their expressions, refusals and
 *   limits: Expressions.html, Constraints.html. `differential.test.ts` holds them to DynamoDB Local.
 * - Transactions that take time. Each holds its items from its begin to its end, is refused where another one holds
 *   them, and becomes visible item by item: transaction-apis.html, on isolation and on conflicts.
 * - Tokens of transactions, good for ten minutes: transaction-apis.html, on idempotency.
 * - Reads that are behind, at most by as much as `stale` says and not in order: HowItWorks.ReadConsistency.html.
 * - Indexes that follow later, in order of each item: GSI.html, on synchronization.
 * - Streams in shards that tell of each item in order, and of transactions in any: Streams.html, and transaction-apis.html.
 * - A partition key that has had too much: bp-partition-key-design.html.
 * - Restoring to a point in time, where what is on its way may be missing in part: PointInTimeRecovery.html, and
 *   transaction-apis.html.
 * - The SDK's client, with its time-out, its second attempt and its quota of them (`sdk-retries.test.ts` holds it to the
 *   real one), and the network between.
 *
 * What is not: tables that are made or changed meanwhile, local indexes, BatchWrite, PartiQL, time to live, scans of
 * indexes or in segments, legacy parameters, consumed capacity, limits of whole tables, capacity that indexes take, access
 * control. A command or a parameter that is not simulated is an error of the simulation, and not passed over.
 * Of what DynamoDB does not say, the worst is assumed; but all items of a transaction are looked at at one moment, and a
 * page of a query is read at one moment.
 *
 * Items are handed in and out as they are and not copied: whoever changes one changes the table.
 */
export interface Database {
  readonly createTable: (definition: TableDefinition, name?: string) => Table
  /** The SDK's client, in the hands of a function. */
  readonly clientOf: (process: Process) => SimulatedClient
  readonly table: (name: string) => Table
  /** All items as they are, in order, for whoever judges the outcome. */
  readonly items: (name: string) => readonly Item[]
  /** As the table was then, under another name; of what was written last before then, some may be missing. */
  readonly restore: (name: string, to: string, atUs: number, skewUs?: Range) => Table
  readonly setFaults: (faults: Faults) => void
}

export interface DatabaseOptions {
  readonly scheduler: Scheduler
  readonly faults?: Faults
  /** Keeps what restoring needs: all that was ever written. */
  readonly keepsHistory?: boolean
}

const STREAM_SHARDS = 4
const US_PER_MS = 1_000
const NO_SKEW: Range = { from: 0, to: 0 }

export function createDatabase(options: DatabaseOptions): Database {
  const { scheduler, keepsHistory = false } = options
  const { nowUs, trace, tally } = scheduler
  const random = scheduler.random.fork('dynamodb')
  const network = scheduler.random.fork('network')
  const tables = new Map<string, Table>()
  let faults = options.faults ?? CALM
  const rememberUs = faults.stale.byUs.to
  let toldByUs = 0
  let isStaying = false
  /** Whether what is being done is for somebody whom nobody waits for. */
  let isBackground = false

  const after = (delayUs: number, work: () => void) => {
    scheduler.after(delayUs, work, isBackground)
  }
  const service: Service = {
    nowUs,
    after,
    random,
    faults: () => faults,
    tables,
    tokens: createTokens(nowUs),
    trace,
    tally,
  }

  function atOnceOr(atUs: number, work: () => void): void {
    if (atUs === nowUs()) work()
    else after(atUs - nowUs(), work)
  }

  /** A run does not end before all is told: one event waits for all of it. */
  function stayUntil(atUs: number): void {
    toldByUs = Math.max(toldByUs, atUs)
    if (isStaying || toldByUs <= nowUs()) return
    isStaying = true
    scheduler.after(toldByUs - nowUs(), () => {
      isStaying = false
      stayUntil(toldByUs)
    })
  }

  function handle({ process, command, input, ownToken }: Request, respond: Respond): number {
    isBackground = process.isBackground
    try {
      refuseUnknown(command, input)
      return dispatch(service, command, ownToken, respond)
    } catch (error) {
      if (!(error instanceof DynamoDBServiceException)) throw error
      respond({ error })
      return 0
    } finally {
      isBackground = false
    }
  }

  function tableNamed(name: string): Table {
    const table = tables.get(name)
    if (!table) throw new Error(`there is no table ${name}`)
    return table
  }

  function create(definition: TableDefinition, name: string, stream: ChangeStream | undefined) {
    if (tables.has(name)) throw new Error(`there is a table ${name} already`)
    const table = createTable({
      ...{ name, definition, stream, keepsHistory, nowUs, rememberUs },
      later(slot, tell) {
        slot.indexedByUs = nextUs(nowUs(), random.between(faults.indexUs), slot.indexedByUs)
        tally.strikes('an index lagged behind', slot.indexedByUs > nowUs())
        atOnceOr(slot.indexedByUs, tell)
      },
    })
    tables.set(name, table)
    return table
  }

  return {
    createTable(definition, name = definition.name) {
      const stream = definition.stream
        ? createChangeStream({
            tableName: name,
            shards: STREAM_SHARDS,
            nowUs,
            nowMs: () => scheduler.startMs + nowUs() / US_PER_MS,
            toldAtUs(slot) {
              const delayUs = random.between(faults.streamUs)
              slot.streamedByUs = nextUs(nowUs(), delayUs, slot.streamedByUs)
              if (!isBackground) stayUntil(slot.streamedByUs)
              return slot.streamedByUs
            },
          })
        : undefined
      return create(definition, name, stream)
    },

    clientOf: (process) =>
      openClient({
        trace,
        quota: createRetryQuota(),
        network: {
          ...{ process, nowUs, handle, random: network, faults: () => faults, tally },
          travel: (delayUs, arrive) => {
            scheduler.after(delayUs, arrive, process.isBackground)
          },
        },
      }),

    table: tableNamed,

    items(name) {
      const { shelf } = tableNamed(name)
      const slots = shelf.partitions().flatMap((partition) => partition.slots)
      return slots.flatMap(({ item }) => (item ? [item] : []))
    },

    restore(name, to, atUs, skewUs = NO_SKEW) {
      if (!keepsHistory) throw new Error('nothing was kept to restore from')
      tally.count('the table was restored to a point in time')
      const { definition, history } = tableNamed(name)
      const table = create(definition, to, undefined)
      /** Of each item, what its copy has heard of. */
      const untilUs = new Map<Slot, number>()
      for (const { atUs: writtenUs, slot, item } of history) {
        const lastUs = untilUs.get(slot) ?? atUs - random.between(skewUs)
        untilUs.set(slot, lastUs)
        if (writtenUs > lastUs) continue
        const place = { partition: slot.home.name, sort: slot.sort }
        table.write(table.shelf.open(place, slot.key), item, item ? bytesOf(item) : 0)
      }
      return table
    },

    setFaults(next) {
      if (next.stale.byUs.to > rememberUs) throw new Error('the past is not kept for that long')
      faults = next
    },
  }
}

function dispatch(service: Service, command: object, ownToken: Token, respond: Respond): number {
  if (command instanceof TransactWriteItemsCommand) {
    const { TransactItems = [], ClientRequestToken: text } = command.input
    const token = text === undefined ? ownToken : service.tokens.named(text)
    return transactWriteItems(service, { TransactItems, token }, respond)
  }
  if (command instanceof BatchGetItemCommand) return batchGetItem(service, command.input, respond)
  if (command instanceof GetItemCommand) return getItem(service, command.input, respond)
  if (command instanceof QueryCommand) return query(service, command.input, respond)
  if (command instanceof TransactGetItemsCommand) {
    return transactGetItems(service, command.input, respond)
  }
  if (command instanceof UpdateItemCommand) {
    return writeItem(service, 'update', command.input, respond)
  }
  if (command instanceof PutItemCommand) return writeItem(service, 'put', command.input, respond)
  if (command instanceof DeleteItemCommand) {
    return writeItem(service, 'delete', command.input, respond)
  }
  if (command instanceof ScanCommand) return scan(service, command.input, respond)
  throw new Error(`not simulated: ${command.constructor.name}`)
}

/** When somebody hears of a change of an item: never before an earlier one. */
function nextUs(nowUs: number, delayUs: number, lastUs: number): number {
  return Math.max(nowUs + delayUs, lastUs > nowUs ? lastUs + 1 : 0)
}
