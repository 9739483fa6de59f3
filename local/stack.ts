import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DomainEvent } from '../lib/audit/events.ts'
import { STREAM_MAPPING } from '../lib/audit/stream-mapping.ts'
import { AUDIT_TABLE, LEDGER_TABLE } from '../lib/store/tables.ts'
import { type DevCredentials, keepApiKeys, makeCredentials } from './credentials.ts'
import {
  connectDynamoDb,
  LOCAL_AWS_ENVIRONMENT,
  type LocalDynamoDb,
  startDynamoDb,
} from './dynamodb.ts'
import { type EventSource, startEventSource } from './event-source.ts'
import type { FailureRecord } from './event-source-failure.ts'
import type { StreamHandler } from './event-source-function.ts'
import type { OnTrouble } from './event-source-shard.ts'
import { openLocalStreamsClient, streamArnOf } from './event-source-stream.ts'
import { type Events, startEvents, toBridgeEvent } from './events.ts'
import { StartFailure } from './failure.ts'
import { createGateway, EDGES, type EdgeName, type GatewayOptions } from './gateway.ts'
import {
  ISSUER,
  OPERATOR_AUDIENCE,
  PLAYER_AUDIENCE,
  type RunningIssuer,
  startIssuer,
} from './issuer.ts'
import { keepFile } from './keep-file.ts'
import { lambdaContext } from './lambda-context.ts'
import { type Lock, lockFolder } from './lock.ts'
import { createTable } from './tables.ts'

/** All of Strongbox in one process, with DynamoDB Local beside it. */
export interface Stack {
  readonly url: string
  readonly dynamoDb: LocalDynamoDb
  readonly tableName: string
  readonly issuer: RunningIssuer
  readonly credentials: DevCredentials
  readonly apiKeysFile: string
  readonly accessLogFile: string
  readonly auditTableName: string
  /** Brings the ledger's changes to the audit. */
  readonly stream: EventSource
  readonly events: Events
  readonly stop: () => Promise<void>
}

export interface StackOptions {
  /** 0 takes any free port. */
  readonly port: number
  /** Where everything is kept between two starts; undefined keeps it in memory. */
  readonly folder?: string | undefined
  /** Of a DynamoDB Local that runs already, and keeps the data itself; undefined starts one. */
  readonly dynamoDbEndpoint?: string | undefined
  /** Whose data it is there: one that is not shared has a database for each. */
  readonly accessKeyId?: string | undefined
  /** Which kind of API Gateway stands in front: http, unless it is said. */
  readonly edge?: EdgeName
  readonly sweepEveryMs?: number
  readonly callerRateFactor?: number
  /** Where events are sent to. */
  readonly webhookUrl?: string | undefined
  /** Freeze a wallet as soon as a flag is raised about it. */
  readonly autoFreeze?: boolean
  readonly onServed?: GatewayOptions['onServed']
  /** Hears of what fails on the way to the audit, and is tried again. It is printed, unless this is given. */
  readonly onTrouble?: OnTrouble
}

/** As often as the deployed one. */
const SWEEP_EVERY_MS = 60_000
const SWEEP_TIMEOUT_MS = 60_000
/** How long requests that are under way may hold up the end. */
const LAST_ANSWERS_MS = 5_000
const FREEZE_TIMEOUT_MS = 28_000
const TROUBLE_MAY_BE_THE_END_MS = 1_000
/** As in the deployed bucket: one object for each batch that was given up. */
export const FAILED_RECORDS = 'failed-records'
const NO_LOCK: Lock = { update: () => {}, release: () => {} }
/** Deployed, a caller meets one of many functions with each request; here it is always the same. */
const CALLER_RATE_FACTOR = 20

/** Handlers read their settings when they are loaded, as on Lambda: so there is one stack in a process. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { port, folder, edge = 'http', sweepEveryMs = SWEEP_EVERY_MS, onServed } = options
  const { callerRateFactor = CALLER_RATE_FACTOR } = options
  const lock = folder === undefined ? NO_LOCK : lockFolder(folder)
  const cleanUps = [async () => lock.release()]
  const stop = async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
  }
  try {
    const dataDir = folder === undefined ? undefined : join(folder, 'dynamodb')
    const dynamoDb = options.dynamoDbEndpoint
      ? await connectDynamoDb(options.dynamoDbEndpoint, options.accessKeyId)
      : await startDynamoDb({ dataDir })
    cleanUps.push(dynamoDb.stop)
    lock.update({ endpoint: dynamoDb.endpoint })
    await createTable(dynamoDb.client, LEDGER_TABLE)
    await createTable(dynamoDb.client, AUDIT_TABLE)

    const home = folder ?? temporaryFolder(cleanUps)
    const issuer = await startIssuer(join(home, 'issuer-key.json'))
    cleanUps.push(issuer.stop)
    const apiKeysFile = join(home, 'api-keys.json')
    const accessLogFile = join(home, 'access.jsonl')
    const devKey = await keepApiKeys(apiKeysFile)

    const events = await startEvents({ home, webhookUrl: options.webhookUrl })
    cleanUps.push(events.stop)
    lock.update({ endpoint: dynamoDb.endpoint, eventBus: events.endpoint })

    const tableName = LEDGER_TABLE.name
    const auditTableName = AUDIT_TABLE.name
    const { handlers, sweep, audit, freeze } = await loadHandlers({
      ...LOCAL_AWS_ENVIRONMENT,
      AWS_ACCESS_KEY_ID: dynamoDb.accessKeyId,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
      LEDGER_TABLE: tableName,
      AUDIT_TABLE: auditTableName,
      ...events.settings,
      // A cursor that somebody kept is still good after the next start.
      CURSOR_SECRET: await keepFile(join(home, 'cursor-secret'), async () =>
        randomBytes(32).toString('base64'),
      ),
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: PLAYER_AUDIENCE,
      JWT_OPERATOR_AUDIENCE: OPERATOR_AUDIENCE,
      JWT_JWKS_URI: issuer.jwksUri,
      API_KEYS_FILE: apiKeysFile,
      ACCESS_LOG_FILE: accessLogFile,
      CALLER_RATE_FACTOR: String(callerRateFactor),
      POWERTOOLS_SERVICE_NAME: 'strongbox',
    })
    if (options.autoFreeze) events.onFlag(freeze)
    cleanUps.push(every(sweepEveryMs, sweep))
    const stream = await followLedger(dynamoDb, home, audit, options.onTrouble)
    cleanUps.push(stream.stop)
    const gateway = createGateway({ handlers, edge, onServed })
    cleanUps.push(() => close(gateway))
    const url = `${await listen(gateway, port)}${EDGES[edge].basePath}`
    const credentials = await makeCredentials(url, issuer, devKey)
    return {
      ...{ url, dynamoDb, tableName, auditTableName, issuer, credentials },
      ...{ apiKeysFile, accessLogFile, stream, events, stop },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function loadHandlers(settings: Record<string, string>) {
  Object.assign(process.env, settings)
  const [write, read, admin, ops, docs, sweeper, auditor, freezer] = await Promise.all([
    import('../functions/write/handler.ts'),
    import('../functions/read/handler.ts'),
    import('../functions/admin/handler.ts'),
    import('../functions/ops/handler.ts'),
    import('../functions/docs/handler.ts'),
    import('../functions/sweep/handler.ts'),
    import('../functions/audit/handler.ts'),
    import('../functions/freeze/handler.ts'),
  ])
  return {
    handlers: {
      write: write.handler,
      read: read.handler,
      admin: admin.handler,
      ops: ops.handler,
      docs: docs.handler,
    },
    sweep: () => sweeper.handler({}, lambdaContext('sweep', SWEEP_TIMEOUT_MS)),
    audit: auditor.handler,
    freeze: (event: DomainEvent) =>
      freezer.handler(toBridgeEvent(event) as never, lambdaContext('freeze', FREEZE_TIMEOUT_MS)),
  }
}

/** What Lambda does with the ledger's stream. What it would put into a bucket goes into a folder. */
async function followLedger(
  { client, endpoint, accessKeyId, exited }: LocalDynamoDb,
  home: string,
  handler: StreamHandler,
  onTrouble: OnTrouble = (what, error) => console.error(`${what}:`, error),
): Promise<EventSource> {
  const failed = join(home, FAILED_RECORDS)
  let isGone = false
  exited.then(() => {
    isGone = true
  })
  return startEventSource({
    client: openLocalStreamsClient(endpoint, accessKeyId),
    streamArn: await streamArnOf(client, LEDGER_TABLE.name),
    mapping: STREAM_MAPPING,
    handler,
    positionsFile: join(home, 'stream-positions.json'),
    // That the database has ended is said by whoever started it, a moment later.
    onTrouble: (what, error) => {
      setTimeout(() => isGone || onTrouble(what, error), TROUBLE_MAY_BE_THE_END_MS).unref()
    },
    async onFailure(record: FailureRecord) {
      mkdirSync(failed, { recursive: true })
      const file = join(failed, `${record.timestamp.replaceAll(':', '.')}-${randomUUID()}.json`)
      writeFileSync(file, JSON.stringify(record, null, 2))
    },
  })
}

/** For what a stack that keeps nothing has to write all the same. */
function temporaryFolder(cleanUps: (() => Promise<void>)[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'strongbox-'))
  cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs a job again and again, as a scheduler does, one run after the other. The answer ends that. */
function every(periodMs: number, job: () => Promise<unknown>): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve()
  const run = () => {
    running = running.then(job).catch((error) => console.error(error))
  }
  const timer = setInterval(run, periodMs)
  return async () => {
    clearInterval(timer)
    await Promise.race([
      running,
      new Promise((resolve) => setTimeout(resolve, LAST_ANSWERS_MS).unref()),
    ])
  }
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new StartFailure(
        `Port ${port} is taken. Free it, or choose another: npm start -- --port ${port + 1}`,
      )
    }
    throw error
  }
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no address')
  return `http://localhost:${address.port}`
}

/** Requests that are under way get their answers; one that is never sent to its end does not keep us. */
async function close(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS)
  await closed
  clearTimeout(timer)
}
