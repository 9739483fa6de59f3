import {
  BatchGetItemCommand,
  type CancellationReason,
  type DynamoDBClient,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import type { Effects } from '../../lib/ledger/effects.ts'

type Sender = Pick<DynamoDBClient, 'send'>

/** What happens to the next requests of one kind on their way to DynamoDB and back. */
export type Fault =
  | 'lost-before'
  | 'lost-after'
  | 'broken-pipe-after'
  | 'conflict'
  | 'throttled'
  | 'throttled-inside'
  /** Whatever the test wants DynamoDB to say, after whatever it wants to happen first. */
  | (() => Promise<Error>)

/** A client whose transactions meet the faults, one each, and then pass. */
export function faultyClient(client: DynamoDBClient, faults: readonly Fault[]): Sender {
  return withFaults(client, faults, (command) => command instanceof TransactWriteItemsCommand)
}

/** A client whose transactional reads do. */
export function faultyReader(client: DynamoDBClient, faults: readonly Fault[]): Sender {
  return withFaults(client, faults, (command) => command instanceof TransactGetItemsCommand)
}

/** A client that leaves out all but the first key of its first batch reads, as DynamoDB may. */
export function forgetfulReader(client: DynamoDBClient, times: number): Sender {
  let left = times
  return wrapped(client, async (command) => {
    const request = command instanceof BatchGetItemCommand ? command.input.RequestItems : undefined
    const [tableName, { Keys = [], ...options } = {}] = Object.entries(request ?? {})[0] ?? []
    if (!tableName || Keys.length < 2 || left === 0) return client.send(command)
    left -= 1
    const [first, ...forgotten] = Keys
    const short = { [tableName]: { ...options, Keys: first ? [first] : [] } }
    const output = await client.send(new BatchGetItemCommand({ RequestItems: short }))
    return { ...output, UnprocessedKeys: { [tableName]: { ...options, Keys: forgotten } } }
  })
}

function withFaults(
  client: DynamoDBClient,
  faults: readonly Fault[],
  isMeant: (command: unknown) => boolean,
): Sender {
  const pending = [...faults]
  return wrapped(client, async (command) => {
    const fault = isMeant(command) ? pending.shift() : undefined
    if (fault === undefined) return client.send(command)
    if (typeof fault === 'function') throw await fault()
    if (fault.endsWith('-after')) await client.send(command)
    throw faultError(fault, command.input.TransactItems?.length ?? 0)
  })
}

function wrapped(
  client: DynamoDBClient,
  send: (command: TransactWriteItemsCommand) => Promise<unknown>,
): Sender {
  return new Proxy(client, {
    get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)),
  })
}

function faultError(fault: Exclude<Fault, () => unknown>, items: number): Error {
  switch (fault) {
    case 'lost-before':
    case 'lost-after':
      return named('TimeoutError', 'no answer came')
    case 'broken-pipe-after':
      return Object.assign(named('Error', 'the connection broke'), { code: 'EPROTO' })
    case 'throttled':
      return named('ThrottlingException', 'slow down')
    case 'conflict':
      return cancelled(reasonAt(1, items, 'TransactionConflict'))
    case 'throttled-inside':
      return cancelled(reasonAt(1, items, 'ThrottlingError'))
  }
}

function reasonAt(place: number, items: number, Code: string): CancellationReason[] {
  return Array.from({ length: items }, (_, index) => ({ Code: index === place ? Code : 'None' }))
}

/** What DynamoDB says of a transaction that it cancelled, item by item. */
export function cancelled(reasons: CancellationReason[]): Error {
  return new TransactionCanceledException({
    $metadata: { httpStatusCode: 400 },
    message: 'Transaction cancelled',
    CancellationReasons: reasons,
  })
}

function named(name: string, message: string): Error {
  const error = new Error(message)
  error.name = name
  return error
}

/** Effects whose time passes only by sleeping, so that a test of minutes takes none. */
export function virtualEffects(startMs: number): Effects & { readonly slept: number[] } {
  let now = startMs
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms)
      now += Math.ceil(ms)
    },
    random: () => 0.5,
  }
}
