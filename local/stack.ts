import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { LEDGER_TABLE } from '../lib/store/tables.ts'
import { LOCAL_AWS_ENVIRONMENT, type LocalDynamoDb, startDynamoDb } from './dynamodb.ts'
import { StartFailure } from './failure.ts'
import { createGateway, type GatewayOptions, lambdaContext } from './gateway.ts'
import { type Lock, lockFolder } from './lock.ts'
import { createTable } from './tables.ts'

/** All of Strongbox in one process, with DynamoDB Local beside it. */
export interface Stack {
  readonly url: string
  readonly dynamoDb: LocalDynamoDb
  readonly tableName: string
  readonly stop: () => Promise<void>
}

export interface StackOptions {
  /** 0 takes any free port. */
  readonly port: number
  /** Where everything is kept between two starts; undefined keeps it in memory. */
  readonly folder?: string | undefined
  readonly sweepEveryMs?: number
  readonly onServed?: GatewayOptions['onServed']
}

/** As often as the deployed one. */
const SWEEP_EVERY_MS = 60_000
const SWEEP_TIMEOUT_MS = 60_000
/** How long requests that are under way may hold up the end. */
const LAST_ANSWERS_MS = 5_000
const NO_LOCK: Lock = { update: () => {}, release: () => {} }

/** Handlers read their settings when they are loaded, as on Lambda: so there is one stack in a process. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { port, folder, sweepEveryMs = SWEEP_EVERY_MS, onServed } = options
  const lock = folder === undefined ? NO_LOCK : lockFolder(folder)
  const cleanUps = [async () => lock.release()]
  const stop = async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
  }
  try {
    const dataDir = folder === undefined ? undefined : join(folder, 'dynamodb')
    const dynamoDb = await startDynamoDb({ dataDir })
    cleanUps.push(dynamoDb.stop)
    lock.update({ endpoint: dynamoDb.endpoint })
    await createTable(dynamoDb.client, LEDGER_TABLE)

    const tableName = LEDGER_TABLE.name
    const { handlers, sweep } = await loadHandlers({
      ...LOCAL_AWS_ENVIRONMENT,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
      LEDGER_TABLE: tableName,
      CURSOR_SECRET: cursorSecret(folder),
      STRONGBOX_AUTH: 'open',
      POWERTOOLS_SERVICE_NAME: 'strongbox',
    })
    cleanUps.push(every(sweepEveryMs, sweep))
    const gateway = createGateway({ handlers, onServed })
    cleanUps.push(() => close(gateway))
    const url = await listen(gateway, port)
    return { url, dynamoDb, tableName, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function loadHandlers(settings: Record<string, string>) {
  Object.assign(process.env, settings)
  const [write, read, admin, sweeper] = await Promise.all([
    import('../functions/write/handler.ts'),
    import('../functions/read/handler.ts'),
    import('../functions/admin/handler.ts'),
    import('../functions/sweep/handler.ts'),
  ])
  return {
    handlers: { write: write.handler, read: read.handler, admin: admin.handler },
    sweep: () => sweeper.handler({}, lambdaContext('sweep', SWEEP_TIMEOUT_MS)),
  }
}

/** A cursor that somebody kept is still good after the next start. */
function cursorSecret(folder: string | undefined): string {
  const fresh = randomBytes(32).toString('base64')
  if (folder === undefined) return fresh
  const file = join(folder, 'cursor-secret')
  if (!existsSync(file)) writeFileSync(file, fresh, { mode: 0o600 })
  return readFileSync(file, 'utf8')
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
