// The production code, with the production client and its real time-outs, on a bad way to the database: whatever can
// become of a request or of its answer does, each of it at least once, and clients send again as clients do.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAuditTable } from '../../lib/audit/table/audit-table.ts'
import { transactionId } from '../../lib/money/transaction.ts'
import { AUDIT_TABLE } from '../../lib/store/tables.ts'
import { startDynamoDb } from '../../local/dynamodb.ts'
import { seed as seedWallets } from '../../local/seed.ts'
import { type Stack, startStack } from '../../local/stack.ts'
import { seededRandom } from '../simulation/random.ts'
import { differencesInTime } from './audit-differences.ts'
import { readLedger, seededIn } from './contents.ts'
import { findDeadLetters } from './dead-letters.ts'
import { judge, replayAll } from './judge.ts'
import { isAcknowledged, type Load, startLoad, type Write } from './load.ts'
import { findMissed } from './missed.ts'
import { type Injected, startProxy } from './proxy.ts'
import { createWeather, FAULTS, type Fault, type Traffic } from './weather.ts'

export interface StormOptions {
  readonly seed: number
  readonly ordersOfEach: number
}

/** What became of the orders that a fault hit on their way to the ledger. */
export const OUTCOMES = [
  'answered',
  'done when sent again',
  'replayed when sent again',
  'refused',
] as const
export type Outcome = (typeof OUTCOMES)[number]

export interface StormReport {
  readonly seed: number
  readonly orders: number
  readonly acknowledged: number
  /** How often clients saw each status; 0 is no answer. */
  readonly statuses: Readonly<Partial<Record<string, number>>>
  readonly injected: ReadonlyMap<Fault, FaultCount>
  readonly lost: number
  /** Empty when all is well. */
  readonly faults: readonly string[]
  readonly transactions: number
  /** How often the audit failed on a batch, which then came again. */
  readonly auditComeAgain: number
  readonly tookMs: number
}

export interface FaultCount {
  readonly on: Readonly<Partial<Record<Traffic, number>>>
  readonly became: Readonly<Partial<Record<Outcome, number>>>
}

const CLIENTS = 12
/** The SDK waits 4 seconds for an answer. */
const LATE_MS = 4_500
const AUDIT_WITHIN_MS = 60_000
/** Who the token of an operator says that it is. */
const CLIENT = 'operator:dev'

/** Handlers read their settings when they are loaded, so there is one storm in a process. */
export async function ordersInAStorm(options: StormOptions): Promise<StormReport> {
  const startedAt = performance.now()
  const random = seededRandom(options.seed)
  const cleanUps: (() => Promise<unknown>)[] = []
  let load: Load | undefined
  try {
    const folder = await mkdtemp(join(tmpdir(), 'strongbox-storm-'))
    cleanUps.push(() => rm(folder, { recursive: true, force: true }))
    const dynamoDb = await startDynamoDb({})
    cleanUps.push(dynamoDb.stop)
    const proxy = await startProxy({
      behind: dynamoDb.endpoint,
      weather: createWeather(random.fork('weather')),
      lateMs: LATE_MS,
    })
    cleanUps.push(proxy.stop)
    let comeAgain = 0
    const stack = await startStack({
      port: 0,
      folder,
      dynamoDbEndpoint: proxy.endpoint,
      onTrouble: () => {
        comeAgain += 1
      },
    })
    cleanUps.push(stack.stop)
    const door = { url: stack.url, token: stack.credentials.adminToken }
    await seedWallets(door.url, door.token)

    proxy.storm()
    const { ordersOfEach } = options
    load = startLoad({ door, random: random.fork('load'), clients: CLIENTS, ordersOfEach })
    await load.done
    await proxy.calm()

    const { writes } = load
    const verdict = await judgeAll(stack, writes)
    const injected = countInjected(proxy.injected, writes)
    return {
      ...verdict,
      faults: [...verdict.faults, ...findMissed(injected)],
      seed: options.seed,
      orders: writes.length,
      acknowledged: writes.filter(isAcknowledged).length,
      statuses: tally(writes.flatMap(({ sends }) => sends).map(String)),
      injected,
      auditComeAgain: comeAgain,
      tookMs: performance.now() - startedAt,
    }
  } finally {
    load?.giveUp()
    for (const cleanUp of cleanUps.reverse()) await cleanUp()
  }
}

async function judgeAll(
  { dynamoDb, stream, url, credentials }: Stack,
  writes: readonly Write[],
): Promise<Pick<StormReport, 'lost' | 'faults' | 'transactions'>> {
  await stream.idle()
  const { contents, faults } = await readLedger(dynamoDb.client)
  const others = seededIn(contents)
  const { lost, faults: misjudged } = judge(contents, writes, { others, excused: new Set() })
  const table = openAuditTable({ client: dynamoDb.client, tableName: AUDIT_TABLE.name })
  const door = { url, token: credentials.adminToken }
  return {
    lost: lost.length,
    transactions: contents.transactions.length,
    faults: [
      ...faults,
      ...lost.map((id) => `${id}: was acknowledged, and is lost`),
      ...misjudged,
      ...(await differencesInTime(table, contents, AUDIT_WITHIN_MS)),
      ...(await findDeadLetters(door)),
      ...(await replayAll(door, writes, new Set(lost))),
    ],
  }
}

function countInjected(
  injected: readonly Injected[],
  writes: readonly Write[],
): ReadonlyMap<Fault, FaultCount> {
  const byId = new Map(writes.map((write) => [`${transactionId(CLIENT, write.key)}`, write]))
  return new Map(
    FAULTS.map((fault) => {
      const ofKind = injected.filter((one) => one.fault === fault)
      const hit = ofKind.flatMap(({ transactionId: id = '' }) => byId.get(id) ?? [])
      return [
        fault,
        { on: tally(ofKind.map(({ traffic }) => traffic)), became: tally(hit.map(outcomeOf)) },
      ]
    }),
  )
}

function outcomeOf(write: Write): Outcome {
  if (!isAcknowledged(write)) return 'refused'
  if (write.sends.length === 1) return 'answered'
  return write.answer.replayed ? 'replayed when sent again' : 'done when sent again'
}

function tally<Name extends string>(names: readonly Name[]): Partial<Record<Name, number>> {
  const counts: Partial<Record<Name, number>> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
