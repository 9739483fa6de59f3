import { randomUUID } from 'node:crypto'
import { DeleteItemCommand, DeleteTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { GetRecordsInput } from '@aws-sdk/client-dynamodb-streams'
import type { Context, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import { inject } from 'vitest'
import { STREAM_MAPPING, type StreamMapping } from '../../lib/audit/stream-mapping.ts'
import { LEDGER_TABLE } from '../../lib/store/tables.ts'
import {
  type EventSource,
  type EventSourceOptions,
  startEventSource,
} from '../../local/event-source.ts'
import { realClock } from '../../local/event-source-clock.ts'
import type { FailureRecord } from '../../local/event-source-failure.ts'
import { laneOf } from '../../local/event-source-lane.ts'
import { openLocalStreamsClient, streamArnOf } from '../../local/event-source-stream.ts'
import { createTable } from '../../local/tables.ts'
import { openTestClient } from './ledger.ts'

/** Everything at once, in one lane, nothing waited for: a test adds what it is about. */
export const PLAIN: StreamMapping = {
  ...STREAM_MAPPING,
  filters: [],
  batchWindowSeconds: 0,
  parallelizationFactor: 1,
  bisectBatchOnError: false,
  maxRetryAttempts: 3,
}

/** Pauses are noted, and cut short to this. */
const MAX_PAUSE_MS = 5
const POLL_EVERY_MS = 20

/** Writes into a table of its own, and functions that are told of it. */
export interface TestStream {
  readonly arn: string
  /** `alice1`, `alice2`: versions of one item, which are written in this order. */
  readonly write: (...names: string[]) => Promise<void>
  readonly put: (item: PutItemCommand['input']['Item']) => Promise<void>
  readonly remove: (wallet: string) => Promise<void>
  readonly start: (options?: TestOptions) => TestEventSource
  readonly tableName: string
  /** Sees each request for records before it is sent; may change it, or throw. */
  readonly beforeReading: (look: (input: GetRecordsInput) => void) => void
  /** How many records the readers have got so far. */
  readonly recordsRead: () => number
  readonly close: () => Promise<void>
}

export type TestOptions = Partial<EventSourceOptions> & {
  readonly now?: () => number
  readonly maxPauseMs?: number
}

export interface TestEventSource extends EventSource {
  readonly events: readonly DynamoDBStreamEvent[]
  /** The same, as names: `[['alice1', 'bob1'], ['alice2']]`. */
  readonly batches: readonly string[][]
  readonly contexts: readonly Context[]
  readonly failures: readonly FailureRecord[]
  readonly troubles: readonly string[]
  readonly pauses: readonly number[]
}

export async function openTestStream(): Promise<TestStream> {
  const client = openTestClient()
  const tableName = `Stream-${randomUUID()}`
  await createTable(client, LEDGER_TABLE, tableName)
  const arn = await streamArnOf(client, tableName)
  const streams = openLocalStreamsClient(inject('dynamoDbEndpoint'))
  const started: EventSource[] = []
  let look = (_: GetRecordsInput) => {}
  let recordsRead = 0
  streams.middlewareStack.add(
    (next) => async (args) => {
      if ('ShardIterator' in args.input) look(args.input)
      const answer = await next(args)
      if ('Records' in answer.output) recordsRead += answer.output.Records?.length ?? 0
      return answer
    },
    { step: 'initialize' },
  )

  async function put(item: PutItemCommand['input']['Item']): Promise<void> {
    await client.send(new PutItemCommand({ TableName: tableName, Item: item }))
  }

  function start(options: TestOptions = {}): TestEventSource {
    const { now = Date.now, maxPauseMs = MAX_PAUSE_MS, handler = async () => {} } = options
    const kept = {
      events: [] as DynamoDBStreamEvent[],
      batches: [] as string[][],
      contexts: [] as Context[],
      failures: [] as FailureRecord[],
      troubles: [] as string[],
      pauses: [] as number[],
    }
    const source = startEventSource({
      client: streams,
      streamArn: arn,
      mapping: PLAIN,
      onFailure: async (record) => {
        kept.failures.push(record)
      },
      pollEveryMs: POLL_EVERY_MS,
      clock: {
        now,
        pause: (ms, signal) => {
          kept.pauses.push(ms)
          return realClock.pause(Math.min(ms, maxPauseMs), signal)
        },
      },
      onTrouble: (what) => {
        kept.troubles.push(what)
      },
      ...options,
      handler: async (event, context) => {
        kept.events.push(structuredClone(event))
        kept.batches.push(event.Records.map(nameOf))
        kept.contexts.push(context)
        return handler(event, context)
      },
    })
    started.push(source)
    return { ...source, ...kept }
  }

  return {
    arn,
    tableName,
    put,
    write: async (...names) => {
      for (const name of names) await put({ ...keyOf(walletOf(name)), name: { S: name } })
    },
    remove: async (wallet) => {
      await client.send(new DeleteItemCommand({ TableName: tableName, Key: keyOf(wallet) }))
    },
    start,
    beforeReading: (next) => {
      look = next
    },
    recordsRead: () => recordsRead,
    close: async () => {
      await Promise.all(started.map((source) => source.stop()))
      await client.send(new DeleteTableCommand({ TableName: tableName }))
      streams.destroy()
      client.destroy()
    },
  }
}

export function keyOf(wallet: string) {
  return { pk: { S: `W#${wallet}` }, sk: { S: 'B#GOLD_COINS' } }
}

export function nameOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb?.NewImage?.['name']?.S ?? 'removed'
}

function walletOf(name: string): string {
  return name.replace(/\d+$/, '')
}

/** A wallet for each of so many lanes. */
export function walletsOfLanes(lanes: 2): [string, string] {
  const inLane = (lane: number) => (wallet: string) =>
    laneOf({ dynamodb: { Keys: keyOf(wallet) } }, lanes) === lane
  const wallets = [...'abcdefghijklmnop']
  return [wallets.find(inLane(0)) ?? '', wallets.find(inLane(1)) ?? '']
}

/** What a function answers that could not handle these. */
export function failuresOf({ Records }: DynamoDBStreamEvent, ...names: string[]) {
  const failed = Records.filter((record) => names.includes(nameOf(record)))
  return {
    batchItemFailures: failed.map(({ dynamodb }) => ({ itemIdentifier: dynamodb?.SequenceNumber })),
  }
}

/** A function that dies whenever this is in its batch. */
export function dieOf(name: string) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<void> => {
    if (Records.some((record) => nameOf(record) === name)) throw new Error(`cannot take ${name}`)
  }
}

/** The records of a batch that was given up, by name. */
export function givenUp({ payload }: FailureRecord): string[] {
  const event: DynamoDBStreamEvent = JSON.parse(payload)
  return event.Records.map(nameOf)
}
