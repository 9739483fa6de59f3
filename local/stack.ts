import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { LEDGER_TABLE } from '../lib/store/tables.ts'
import { LOCAL_AWS_ENVIRONMENT, type LocalDynamoDb, startDynamoDb } from './dynamodb.ts'
import { StartFailure } from './failure.ts'
import { createGateway, type GatewayOptions } from './gateway.ts'
import { lockFolder } from './lock.ts'
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
  readonly onServed?: GatewayOptions['onServed']
}

/** Handlers read their settings when they are loaded, as on Lambda: so there is one stack in a process. */
export async function startStack({ port, folder, onServed }: StackOptions): Promise<Stack> {
  const unlock = folder === undefined ? () => {} : lockFolder(folder)
  const cleanUps = [async () => unlock()]
  const stop = async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
  }
  try {
    const dataDir = folder === undefined ? undefined : join(folder, 'dynamodb')
    const dynamoDb = await startDynamoDb({ dataDir })
    cleanUps.push(dynamoDb.stop)
    await createTable(dynamoDb.client, LEDGER_TABLE)

    const tableName = LEDGER_TABLE.name
    const handlers = await loadHandlers({
      ...LOCAL_AWS_ENVIRONMENT,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
      LEDGER_TABLE: tableName,
      CURSOR_SECRET: randomBytes(32).toString('base64'),
      STRONGBOX_AUTH: 'open',
    })
    const gateway = createGateway({ handlers, onServed })
    cleanUps.push(() => close(gateway))
    const url = await listen(gateway, port)
    return { url, dynamoDb, tableName, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function loadHandlers(settings: Record<string, string>): Promise<GatewayOptions['handlers']> {
  Object.assign(process.env, settings)
  const [write, read, admin] = await Promise.all([
    import('../functions/write/handler.ts'),
    import('../functions/read/handler.ts'),
    import('../functions/admin/handler.ts'),
  ])
  return { write: write.handler, read: read.handler, admin: admin.handler }
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

/** Requests that are under way get their answers. */
async function close(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  await closed
}
