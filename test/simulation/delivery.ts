import type { DynamoDBRecord } from 'aws-lambda'
import type { ChangeStream } from './dynamodb/change-stream.ts'
import type { Fate, Process } from './process.ts'
import type { Scheduler } from './scheduler.ts'

/** What brings a stream to a function, as Lambda does: every record at least once, and each shard in its order. */
export interface Delivery {
  /** Whether everything has been brought, and taken, once. */
  readonly isCaughtUp: () => boolean
  /** How many batches were brought, those that came again included. */
  readonly batches: () => number
}

export interface DeliveryOptions {
  readonly scheduler: Scheduler
  readonly stream: ChangeStream
  readonly name: string
  readonly batchSize: number
  /** Says which records it could not take, by sequence number; those and all after them come again. */
  readonly take: (
    process: Process,
    records: readonly DynamoDBRecord[],
  ) => Promise<readonly string[]>
  /** The chance that a batch comes again that was taken: nobody noted that it was. */
  readonly again: number
  readonly fate?: Fate
  /** Told what it threw: for Lambda that is a batch that comes again, and no end of the simulation. */
  readonly onError: (error: unknown) => void
}

const POLL_MS = 50
const RETRY_MS = 100
const LONGEST_FUNCTION_MS = 60_000

export function deliver(options: DeliveryOptions): Delivery {
  const { scheduler, stream } = options
  const positions: number[] = Array.from({ length: stream.shards }, () => 0)
  let batches = 0

  /** Answers how long to wait before the next batch. */
  async function bringNext(poller: Process, shard: number): Promise<number> {
    const { random } = poller
    const position = positions[shard] ?? 0
    const records = stream.read(shard, position, 1 + random.below(options.batchSize))
    if (records.length === 0) return POLL_MS
    batches += 1
    const taken = await bring(options, poller, records)
    const isAgain = taken > 0 && random.chance(options.again)
    scheduler.tally.strikes('a batch of the stream came again', isAgain)
    if (!isAgain) positions[shard] = position + taken
    return taken < records.length ? RETRY_MS : 0
  }

  for (const shard of positions.keys()) {
    const poll = async (poller: Process) => {
      for (;;) await poller.effects.sleep(await bringNext(poller, shard))
    }
    scheduler.spawn(`${options.name} shard ${shard}`, poll, { isBackground: true })
  }
  return {
    isCaughtUp: () =>
      stream.pending() === 0 &&
      positions.every((position, shard) => position === stream.length(shard)),
    batches: () => batches,
  }
}

/** How many of them were taken: none, where the function died or took too long. */
async function bring(
  { scheduler, name, take, fate, onError }: DeliveryOptions,
  poller: Process,
  records: readonly DynamoDBRecord[],
): Promise<number> {
  const call = scheduler.spawn(
    name,
    (process) =>
      take(process, records).catch((error) => {
        onError(error)
        return undefined
      }),
    { isBackground: true, ...(fate && { fate }) },
  )
  const giveUpAt = poller.effects.now() + LONGEST_FUNCTION_MS
  while (!call.ending() && poller.effects.now() < giveUpAt) await poller.effects.sleep(1)
  call.process.kill()
  const ending = call.ending()
  if (ending?.kind !== 'done' || !ending.result) return 0
  const failed = new Set(ending.result)
  const first = records.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ''))
  return first < 0 ? records.length : first
}
