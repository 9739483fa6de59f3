import {
  DynamoDBClient,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb'
import { openDynamoDb } from '../../lib/store/client.ts'
import { Sha256 } from '../../lib/store/sha256.ts'
import type { Asked } from '../stub/stub.ts'

/** A client of the SDK, with one thing about it that could make it cheaper. */
interface Trial {
  readonly name: string
  readonly open: () => DynamoDBClient
}

const AS_IT_COMES: Trial = { name: 'as it comes', open: () => new DynamoDBClient({}) }

const TRIALS: readonly Trial[] = [
  AS_IT_COMES,
  {
    name: 'signs with keys that were made before',
    open: () => new DynamoDBClient({ sha256: Sha256 }),
  },
  {
    name: 'keeps what a request passes through (`cacheMiddleware`)',
    open: () => new DynamoDBClient({ cacheMiddleware: true }),
  },
  {
    name: 'asks for no endpoint of the account',
    open: () => new DynamoDBClient({ accountIdEndpointMode: 'disabled' }),
  },
  {
    name: 'copies nothing for a logger',
    open: () => {
      const client = new DynamoDBClient({})
      client.middlewareStack.remove('loggerMiddleware')
      return client
    },
  },
  {
    name: 'is given its region and endpoint',
    open: () =>
      new DynamoDBClient({
        region: process.env['AWS_REGION'] ?? '',
        endpoint: process.env['AWS_ENDPOINT_URL'] ?? '',
      }),
  },
  { name: 'never tries again by itself', open: () => new DynamoDBClient({ maxAttempts: 1 }) },
  { name: 'does the first four, and is ours', open: openDynamoDb },
]

/** Of a request with each client, in times of what it takes with the one as it comes. */
export interface TriedClient {
  readonly name: string
  readonly times: readonly number[]
}

const ROUNDS = 30
const CALLS = 200
const WARM_UP_CALLS = 400

/** In turns, and each is the first of its round once in a while. */
export async function tryClients(requests: readonly Asked[]): Promise<TriedClient[]> {
  const clients = TRIALS.map(({ name, open }) => ({ name, client: open(), cpuUs: [] as number[] }))
  for (const { client } of clients) await run(client, requests, WARM_UP_CALLS)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let turn = 0; turn < clients.length; turn += 1) {
      const one = clients[(turn + round) % clients.length]
      one?.cpuUs.push(await run(one.client, requests, CALLS))
    }
  }
  for (const { client } of clients) client.destroy()
  const [base] = clients
  return clients.map(({ name, cpuUs }) => ({
    name,
    times: cpuUs.map((us, round) => us / (base?.cpuUs[round] ?? Number.NaN)),
  }))
}

/** Microseconds of CPU for each call. */
async function run(
  client: DynamoDBClient,
  requests: readonly Asked[],
  calls: number,
): Promise<number> {
  const before = process.cpuUsage()
  for (let call = 0; call < calls; call += 1) {
    for (const request of requests) await send(client, request)
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

async function send(client: DynamoDBClient, { operation, input }: Asked): Promise<void> {
  if (operation !== 'TransactWriteItems' || !isOnTheWire(input)) {
    throw new Error(`nobody was to ask for ${operation}`)
  }
  await client.send(new TransactWriteItemsCommand(input))
}

/** What was on the wire has texts and numbers only, and is what its command takes. */
function isOnTheWire(input: unknown): input is TransactWriteItemsCommandInput {
  return typeof input === 'object' && input !== null && 'TransactItems' in input
}
