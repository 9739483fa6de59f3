import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Bill, NOTHING, together } from './bill.ts'
import {
  type Layout,
  type RawItem,
  type ReadMode,
  readCost,
  type Written,
  writeCost,
} from './item-costs.ts'

/**
 * A DynamoDB in front of DynamoDB Local that writes the bill: it looks at each item before and after it is written, and
 * sizes what it finds. Whoever has its address is metered, handlers and their libraries too.
 */
export interface Meter {
  readonly endpoint: string
  /** What the work costs. Nothing else may go on meanwhile. */
  readonly billOf: <Result>(
    work: () => Promise<Result>,
  ) => Promise<{ readonly result: Result; readonly bill: Bill }>
  readonly stop: () => Promise<void>
}

const TARGET = 'x-amz-target'
const TARGET_PREFIX = 'DynamoDB_20120810.'
/** Of the connection, and not of the request. */
const NOT_PASSED_ON = new Set(['host', 'connection', 'content-length', 'transfer-encoding'])

interface Reply {
  readonly status: number
  readonly text: string
}

/** A request on its way, and how to ask the database something on the side. */
interface Call {
  readonly input: Input
  /** The request itself, as it came or with something added to it. */
  readonly send: (more?: object) => Promise<Reply>
  readonly read: (table: string, key: RawItem) => Promise<RawItem | undefined>
  readonly layoutOf: (table: string) => Promise<Layout>
}

/** What the SDK calls a request by, each time that it sends it. */
const INVOCATION = 'amz-sdk-invocation-id'

/** As much of DynamoDB's requests as decides about the price. */
interface Input {
  readonly TableName: string
  readonly Key: RawItem
  /** Of a put, which says its key in it. */
  readonly Item?: RawItem
  readonly ConsistentRead?: boolean
  readonly RequestItems: Record<string, { Keys: RawItem[]; ConsistentRead?: boolean }>
  readonly TransactItems: Record<string, Write>[]
}

type Write = Pick<Input, 'TableName' | 'Key' | 'Item'>

type Metering = (call: Call) => Promise<{ readonly reply: Reply; readonly bill: Bill }>

export async function startMeter(databaseEndpoint: string): Promise<Meter> {
  const layouts = new Map<string, Promise<Layout>>()
  /** By what the SDK calls them. */
  const replies = new Map<string, Promise<Reply>>()
  let total = NOTHING
  let failure: unknown

  /**
   * That the SDK sends a request again, because its answer took seconds, is due to this machine and not to what is
   * measured. It is done and billed once, and both get the answer.
   */
  async function replyTo(incoming: IncomingMessage): Promise<Reply> {
    const body = await text(incoming)
    const invocation = String(incoming.headers[INVOCATION] ?? randomUUID())
    const reply = replies.get(invocation) ?? serve(incoming, body)
    replies.set(invocation, reply)
    return reply
  }

  async function serve(incoming: IncomingMessage, body: string): Promise<Reply> {
    const operation = String(incoming.headers[TARGET]).replace(TARGET_PREFIX, '')
    const ask = async (name: string, input: string): Promise<Reply> => {
      const headers = { ...passedOn(incoming), [TARGET]: `${TARGET_PREFIX}${name}` }
      const answer = await fetch(databaseEndpoint, { method: 'POST', headers, body: input })
      return { status: answer.status, text: await answer.text() }
    }
    const metering = METERINGS[operation]
    if (!metering) throw new Error(`the meter does not know what ${operation} costs`)
    const { reply, bill } = await metering({
      input: JSON.parse(body, withBytes),
      send: (more) => ask(operation, JSON.stringify({ ...JSON.parse(body), ...more })),
      async read(TableName, Key) {
        const input = JSON.stringify({ TableName, Key, ConsistentRead: true })
        return JSON.parse((await ask('GetItem', input)).text, withBytes).Item
      },
      layoutOf(table) {
        const known = layouts.get(table) ?? readLayout(ask, table)
        layouts.set(table, known)
        return known
      },
    })
    total = together(total, { ...bill, requests: 1 })
    return reply
  }

  const server = createServer(async (incoming, outgoing) => {
    outgoing.setHeader('content-type', 'application/x-amz-json-1.0')
    try {
      const reply = await replyTo(incoming)
      outgoing.statusCode = reply.status
      outgoing.end(reply.text)
    } catch (error) {
      failure = error
      outgoing.statusCode = 500
      outgoing.end('{}')
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the meter has no address')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async billOf(work) {
      total = NOTHING
      replies.clear()
      const result = await work()
      // Whoever was in a hurry has heard no answer, and yet it is done.
      await Promise.allSettled(replies.values())
      // A bill with something left out of it would be worse than none.
      if (failure !== undefined) throw failure
      return { result, bill: total }
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const METERINGS: Readonly<Record<string, Metering>> = {
  GetItem: async ({ input, send, read }) => {
    const item = await read(input.TableName, input.Key)
    return { reply: await send(), bill: readCost(item, modeOf(input)) }
  },

  BatchGetItem: async ({ input, send, read }) => {
    const bills = Object.entries(input.RequestItems).flatMap(([table, request]) =>
      request.Keys.map(async (key) => readCost(await read(table, key), modeOf(request))),
    )
    return { bill: await allOf(bills), reply: await send() }
  },

  TransactGetItems: async ({ input, send, read }) => {
    const bills = input.TransactItems.map(async ({ Get }) =>
      readCost(Get && (await read(Get.TableName, Get.Key)), 'transactional'),
    )
    return { bill: await allOf(bills), reply: await send() }
  },

  /**
   * What a query reads cannot be seen in what it gives, but here DynamoDB Local counts right, unless there is nothing
   * to read: for AWS, that is the smallest read there is.
   */
  Query: async ({ input, send }) => {
    const reply = await send({ ReturnConsumedCapacity: 'TOTAL' })
    const { ConsumedCapacity } = JSON.parse(reply.text)
    const { readUnits } = readCost(undefined, modeOf(input))
    return {
      reply,
      bill: { ...NOTHING, readUnits: Math.max(readUnits, ConsumedCapacity.CapacityUnits) },
    }
  },

  PutItem: (call) => meterWrites(call, [call.input], false),
  UpdateItem: (call) => meterWrites(call, [call.input], false),
  DeleteItem: (call) => meterWrites(call, [call.input], false),
  TransactWriteItems: (call) =>
    meterWrites(
      call,
      call.input.TransactItems.flatMap((item) => Object.values(item)),
      true,
    ),
}

async function meterWrites(
  { send, read, layoutOf }: Call,
  writes: readonly Write[],
  isTransactional: boolean,
) {
  const targets = await Promise.all(
    writes.map(async ({ TableName, Key, Item }) => {
      const layout = await layoutOf(TableName)
      const key = Item ? only(layout.keys, Item) : Key
      return { TableName, Item, key, layout, before: await read(TableName, key) }
    }),
  )
  const reply = await send()
  const bills = targets.map(async ({ TableName, Item, key, layout, before }) => {
    const written: Written = { before, after: await read(TableName, key), isTransactional }
    const bill = writeCost(layout, written)
    if (reply.status === OK) return bill
    // What is refused is billed as if it had been written, and leaves nothing. What an update would have made of the
    // item is not known here: nearly the same as it was.
    const { writeUnits } = writeCost(layout, { ...written, after: Item ?? before })
    return { ...NOTHING, writeUnits }
  })
  return { reply, bill: await allOf(bills) }
}

const OK = 200

async function readLayout(
  ask: (name: string, input: string) => Promise<Reply>,
  TableName: string,
): Promise<Layout> {
  const { Table } = JSON.parse((await ask('DescribeTable', JSON.stringify({ TableName }))).text)
  const keysOf = ({ KeySchema }: { KeySchema: { AttributeName: string }[] }) =>
    KeySchema.map(({ AttributeName }) => AttributeName)
  const indexes: (Parameters<typeof keysOf>[0] & { Projection: { ProjectionType: string } })[] =
    Table.GlobalSecondaryIndexes ?? []
  return {
    keys: keysOf(Table),
    indexes: indexes.map((index) => ({
      keys: keysOf(index),
      isWhole: index.Projection.ProjectionType === 'ALL',
    })),
  }
}

function modeOf({ ConsistentRead }: Pick<Input, 'ConsistentRead'>): ReadMode {
  return ConsistentRead ? 'consistent' : 'eventual'
}

async function allOf(bills: readonly Promise<Bill>[]): Promise<Bill> {
  return (await Promise.all(bills)).reduce(together, NOTHING)
}

function only(names: readonly string[], item: RawItem): RawItem {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)))
}

/** Bytes are base64 on the wire, and are billed as bytes. */
function withBytes(name: string, value: unknown): unknown {
  return name === 'B' && typeof value === 'string' ? Buffer.from(value, 'base64') : value
}

function passedOn({ headers }: IncomingMessage): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.has(name))
  return Object.fromEntries(own.map(([name, value]) => [name, String(value)]))
}
