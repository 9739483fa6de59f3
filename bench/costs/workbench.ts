import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context, DynamoDBRecord } from 'aws-lambda'
import { STREAM_MAPPING } from '../../lib/audit/stream-mapping.ts'
import { type DoorRequest, openDoor } from '../../lib/smoke/door.ts'
import type { SigningKey } from '../../lib/smoke/sign.ts'
import { AUDIT_TABLE, LEDGER_TABLE } from '../../lib/store/tables.ts'
import { keepApiKeys } from '../../local/credentials.ts'
import { LOCAL_AWS_ENVIRONMENT, openLocalClient } from '../../local/dynamodb.ts'
import { startEventBus } from '../../local/event-bus.ts'
import { createFilter } from '../../local/event-source-filter.ts'
import {
  listShards,
  openLocalStreamsClient,
  openShard,
  type Stream,
  streamArnOf,
} from '../../local/event-source-stream.ts'
import { createGateway, type Handler } from '../../local/gateway.ts'
import { writePrivate } from '../../local/keep-file.ts'
import { lambdaContext } from '../../local/lambda-context.ts'
import { createTable } from '../../local/tables.ts'
import { NOTHING, together } from '../meter/bill.ts'
import { startMeter } from '../meter/meter.ts'
import { asDeployed, logBytesOf, TRACE_ID } from './lambda-calls.ts'
import { overheard } from './overheard.ts'
import type { OfAudit, OfRequest, OfRun } from './record.ts'

export type Body = Readonly<Record<string, unknown>>

export const SCHEDULED = ['sweep', 'watch', 'canary'] as const
export type Scheduled = (typeof SCHEDULED)[number]

/**
 * The real functions, called as they are when they are deployed, with a meter between them and the database. Nothing
 * happens there by itself, so that what is measured is measured alone.
 */
export interface Workbench {
  /** What it answers, whatever that costs. */
  readonly send: (request: DoorRequest) => Promise<Body>
  readonly measure: (request: DoorRequest) => Promise<OfRequest>
  /** Lets the audit see everything since the last time, in one batch; undefined where there is nothing to see. */
  readonly audit: () => Promise<OfAudit | undefined>
  /** Of each function on a schedule. */
  readonly run: Readonly<Record<Scheduled, () => Promise<OfRun>>>
  readonly stop: () => Promise<void>
}

const TIMEOUT_MS = 30_000
const CURSOR_SECRET = 'signs the cursors of a bench'

/** Handlers read their settings when they are loaded, as on Lambda: so there is one bench in a process. */
export async function openWorkbench(databaseEndpoint: string): Promise<Workbench> {
  const client = openLocalClient(databaseEndpoint)
  const [ledgerTable, auditTable] = [`Ledger-${randomUUID()}`, `Audit-${randomUUID()}`]
  await createTable(client, LEDGER_TABLE, ledgerTable)
  await createTable(client, AUDIT_TABLE, auditTable)
  const home = mkdtempSync(join(tmpdir(), 'strongbox-costs-'))
  const key = await keepApiKeys(join(home, 'api-keys.json'))
  const meter = await startMeter(databaseEndpoint)
  let events = 0
  const bus = await startEventBus(async (told) => {
    events += told.length
  })
  let apiRequests = 0
  const onServed = () => {
    apiRequests += 1
  }
  const { gateway, audit, sweep, watch } = await loadFunctions(onServed, {
    ...LOCAL_AWS_ENVIRONMENT,
    AWS_ENDPOINT_URL_DYNAMODB: meter.endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: bus.endpoint,
    EVENT_BUS: 'strongbox-prod',
    EVENT_SOURCE: 'strongbox/prod',
    LEDGER_TABLE: ledgerTable,
    AUDIT_TABLE: auditTable,
    API_KEYS_FILE: join(home, 'api-keys.json'),
    CURSOR_SECRET,
    POWERTOOLS_SERVICE_NAME: 'strongbox-write',
    POWERTOOLS_METRICS_NAMESPACE: 'Strongbox/prod',
    POWERTOOLS_LOG_LEVEL: 'INFO',
    _X_AMZN_TRACE_ID: TRACE_ID,
  })
  gateway.listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  const address = gateway.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const url = `http://127.0.0.1:${port}`
  const signingKey = { id: key.id, secret: key.secrets[0]?.secret ?? '' }
  const canary = await loadCanary(url, join(home, 'canary.json'), signingKey)
  const door = openDoor({
    url,
    credentials: { kind: 'key', key: signingKey },
    timeoutMs: TIMEOUT_MS,
    deadline: new AbortController().signal,
  })
  const newRecords = await followStream({
    client: openLocalStreamsClient(databaseEndpoint),
    arn: await streamArnOf(client, ledgerTable),
  })

  async function answerTo(request: DoorRequest) {
    const reply = await door.send(request)
    if (reply.kind === 'silence') throw new Error(`${request.path}: ${reply.reason}`)
    return reply
  }

  /** What a call of a function costs, with all that it writes into its log. */
  async function billed<Result>(call: () => Promise<Result>) {
    const { result, lines } = await overheard(() => meter.billOf(call))
    return { result: result.result, bill: result.bill, lines }
  }

  async function auditAll(): Promise<OfAudit | undefined> {
    const records = await newRecords()
    if (records.length === 0) return undefined
    events = 0
    const { result, bill, lines } = await billed(() => audit(records))
    if (result.batchItemFailures.length > 0) throw new Error('the audit failed')
    const seen = { records: records.length, events, metrics: ownMetrics(lines) }
    return { ...bill, logBytes: logBytesOf(lines), ...seen }
  }

  const running = (call: () => Promise<unknown>) => async (): Promise<OfRun> => {
    apiRequests = 0
    const { bill, lines } = await billed(call)
    const followed = await auditAll()
    return {
      ...together(bill, followed ?? NOTHING),
      logBytes: logBytesOf(lines, 1 + apiRequests) + (followed?.logBytes ?? 0),
      apiRequests,
      audits: followed ? 1 : 0,
      events: followed?.events ?? 0,
      metrics: ownMetrics(lines),
    }
  }

  return {
    async send(request) {
      const { result } = await overheard(() => answerTo(request))
      if (result.status >= 400) throw new Error(`${request.path}: ${result.text}`)
      return JSON.parse(result.text)
    },

    async measure(request) {
      const { result, bill, lines } = await billed(() => answerTo(request))
      if (result.status >= 500) throw new Error(`${request.path}: ${result.text}`)
      const bytes = answerBytes(result.headers, result.text)
      return { ...bill, logBytes: logBytesOf(lines), answerBytes: bytes }
    },

    audit: auditAll,

    run: { sweep: running(sweep), watch: running(watch), canary: running(canary) },

    async stop() {
      gateway.close()
      gateway.closeAllConnections()
      await bus.stop()
      await meter.stop()
      client.destroy()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function loadFunctions(onServed: () => void, settings: Record<string, string>) {
  Object.assign(process.env, settings)
  const [write, read, admin, ops, docs, auditor, sweeper, watcher] = await Promise.all([
    import('../../functions/write/handler.ts'),
    import('../../functions/read/handler.ts'),
    import('../../functions/admin/handler.ts'),
    import('../../functions/ops/handler.ts'),
    import('../../functions/docs/handler.ts'),
    import('../../functions/audit/handler.ts'),
    import('../../functions/sweep/handler.ts'),
    import('../../functions/watch/handler.ts'),
  ])
  return {
    gateway: createGateway({
      handlers: {
        write: behindApiGateway(write.handler),
        read: behindApiGateway(read.handler),
        admin: behindApiGateway(admin.handler),
        ops: behindApiGateway(ops.handler),
        docs: behindApiGateway(docs.handler),
      },
      onServed,
    }),
    audit: (Records: DynamoDBRecord[]) => auditor.handler({ Records }, contextOfCall()),
    sweep: () => sweeper.handler({}, contextOfCall()),
    watch: () => watcher.handler({}, contextOfCall()),
  }
}

/** It wants to know the address of the API when it is loaded. */
async function loadCanary(url: string, keyFile: string, key: SigningKey) {
  writePrivate(keyFile, JSON.stringify(key))
  Object.assign(process.env, { CANARY_URL: url, CANARY_KEY_FILE: keyFile })
  const { handler } = await import('../../functions/canary/handler.ts')
  return async () => {
    const { isOk } = await handler({}, contextOfCall())
    if (!isOk) throw new Error('the canary found something wrong')
  }
}

function contextOfCall(): Context {
  return asDeployed(lambdaContext('function', TIMEOUT_MS))
}

/** These headers come from API Gateway, and their names are in the access record. */
function behindApiGateway(handler: Handler): Handler {
  return (event, context: Context) => {
    const headers = {
      ...event.headers,
      'x-amzn-trace-id': TRACE_ID,
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    }
    return handler({ ...event, headers }, asDeployed(context))
  }
}

/** What has come into the stream since it was last asked for, of what the audit wants to see. */
async function followStream(stream: Stream): Promise<() => Promise<DynamoDBRecord[]>> {
  const isWanted = createFilter(STREAM_MAPPING.filters)
  const shards = await listShards(stream)
  const reads = shards.map(({ ShardId = '' }) => openShard(stream, ShardId, undefined))
  return async () => {
    const found: DynamoDBRecord[] = []
    for (const read of reads) {
      for (let page = await read(); page.records.length > 0; page = await read()) {
        found.push(...page.records.map(({ event }) => event))
      }
    }
    return found.filter(isWanted)
  }
}

/** Distinct ones, without those that each operation of the API has. */
function ownMetrics(lines: readonly string[]): number {
  const names = lines
    .filter((line) => line.includes('"_aws"'))
    .map((line) => JSON.parse(line))
    .filter(({ operation }) => operation === undefined)
    .flatMap(({ _aws, asset = '' }) =>
      _aws.CloudWatchMetrics.flatMap(({ Metrics }: { Metrics: { Name: string }[] }) =>
        Metrics.map(({ Name }) => `${Name} ${asset}`),
      ),
    )
  return new Set(names).size
}

/** As it goes over the wire, under the encryption. */
function answerBytes(headers: Headers, text: string): number {
  const lines = Array.from(headers, ([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.byteLength(lines.join('')) + Buffer.byteLength(text)
}
