import { relative, resolve } from 'node:path'
import {
  type CredentialFiles,
  credentialsFolder,
  removeCredentials,
  writeCredentials,
} from './credentials.ts'
import { readOptions, runCommand, StartFailure } from './failure.ts'
import { EDGES, type EdgeName, type ServedRequest } from './gateway.ts'
import { SEED_ASSETS, SEED_WALLETS, type Seeded, seed } from './seed.ts'
import { type Stack, startStack } from './stack.ts'

const HELP = `Runs all of Strongbox on this machine: DynamoDB Local, the real handlers, and an HTTP front.

  npm start                      at http://localhost:3000, data kept in .local/
  npm start -- --memory          keep nothing
  npm start -- --port 4000       listen elsewhere (or set PORT)
  npm start -- --folder DIR      keep the data in DIR, and write the credentials there
  npm start -- --dynamodb URL    on a DynamoDB Local that runs already (or set DYNAMODB_ENDPOINT): no Java needed
  npm start -- --edge rest       in front, what a REST API does instead of an HTTP API; all paths are below /dev
  npm start -- --webhook URL     send events there, signed
  npm start -- --auto-freeze     freeze a wallet as soon as a flag is raised about it
  npm start -- --verbose         show the handlers' own logs
`

const DEFAULT_PORT = '3000'
const MAX_PORT = 65_535

await runCommand(async () => {
  const startedAt = performance.now()
  const options = readOptions(HELP, {
    memory: { type: 'boolean', default: false },
    port: { type: 'string', default: process.env['PORT'] || DEFAULT_PORT },
    folder: { type: 'string', default: '.local' },
    dynamodb: { type: 'string', default: process.env['DYNAMODB_ENDPOINT'] || '' },
    edge: { type: 'string', default: 'http' },
    webhook: { type: 'string' },
    'auto-freeze': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  })
  if (!options) return
  const port = toPort(options.port)
  const edge = toEdge(options.edge)
  const webhookUrl = options.webhook === undefined ? undefined : toWebhookUrl(options.webhook)
  const folder = options.memory ? undefined : resolve(options.folder)
  const dynamoDbEndpoint = options.dynamodb === '' ? undefined : toDynamoDb(options)
  process.env['POWERTOOLS_LOG_LEVEL'] ??= options.verbose ? 'INFO' : 'ERROR'
  process.env['POWERTOOLS_METRICS_DISABLED'] ??= String(!options.verbose)

  // What the seeding asks for is nobody's request, so it is not shown.
  let isSeeded = false
  const onServed = (request: ServedRequest) => {
    if (isSeeded) printServed(request)
  }
  const starting = startStack({
    ...{ port, folder, dynamoDbEndpoint, edge, onServed },
    webhookUrl,
    autoFreeze: options['auto-freeze'],
  })
  const cleanUps: (() => void)[] = []
  const stopping = stopOnSignal(starting, cleanUps)
  const stack = await starting
  const seeded = await seed(stack.url, stack.credentials.adminToken).catch((error) => {
    // Ctrl-C while it is seeded: what it talks to goes away.
    if (stopping.isStopping()) return undefined
    throw error
  })
  if (!seeded) return
  isSeeded = true
  const { url, credentials } = stack
  const kept = folder ?? (await credentialsFolder(resolve(options.folder), url))
  const files = writeCredentials(kept, credentials)
  if (options.memory) cleanUps.push(() => removeCredentials(kept, url))
  printWelcome({
    url,
    keptIn: dynamoDbEndpoint ?? folder,
    seeded,
    files,
    tookMs: performance.now() - startedAt,
  })
  const { webhookSecret } = stack.events
  if (webhookSecret) {
    console.log(`  Events go to ${options.webhook}, signed with ${webhookSecret}\n`)
  }
})

function toPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : MAX_PORT + 1
  if (port > MAX_PORT) {
    throw new StartFailure(`"${text}" is not a port. Choose one from 0 to ${MAX_PORT}.`)
  }
  return port
}

function toEdge(text: string): EdgeName {
  if (isEdge(text)) return text
  throw new StartFailure(`"${text}" is no edge. Choose one of ${Object.keys(EDGES).join(' and ')}.`)
}

function isEdge(text: string): text is EdgeName {
  return Object.hasOwn(EDGES, text)
}

function toDynamoDb({ dynamodb, memory }: { dynamodb: string; memory: boolean }): string {
  if (memory) {
    throw new StartFailure(
      '--memory keeps nothing, and a DynamoDB Local that runs already keeps what it has. Choose one.',
    )
  }
  if (URL.parse(dynamodb)?.protocol === 'http:') return dynamodb
  throw new StartFailure(`"${dynamodb}" is no DynamoDB Local, such as http://127.0.0.1:8000.`)
}

function toWebhookUrl(text: string): string {
  const protocol = URL.parse(text)?.protocol
  if (protocol === 'https:' || protocol === 'http:') return text
  throw new StartFailure(
    `"${text}" is no URL that events can be sent to, such as http://localhost:9000/hook.`,
  )
}

function stopOnSignal(
  starting: Promise<Stack>,
  cleanUps: readonly (() => void)[],
): { readonly isStopping: () => boolean } {
  let isStopping = false
  const stop = async () => {
    // Who asks twice does not want to wait.
    if (isStopping) process.exit(1)
    isStopping = true
    const stack = await starting.catch(() => undefined)
    await stack?.stop()
    for (const cleanUp of cleanUps) cleanUp()
    process.exit()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  starting.then(
    async ({ dynamoDb }) => {
      const lastWords = await dynamoDb.exited
      if (isStopping) return
      process.stderr.write(
        `DynamoDB Local has ended by itself: ${lastWords || 'it said nothing'}\n`,
      )
      process.exitCode = 1
      await stop()
    },
    // Whoever started it says why it did not start.
    () => {},
  )
  return { isStopping: () => isStopping }
}

function printServed({ method, path, status, durationMs }: ServedRequest): void {
  console.log(`${String(status)}  ${method.padEnd(4)} ${path}  ${durationMs} ms`)
}

interface Welcome {
  readonly url: string
  /** A folder, or a database of somebody else. */
  readonly keptIn: string | undefined
  readonly seeded: Seeded
  readonly files: CredentialFiles
  readonly tookMs: number
}

function printWelcome({ url, keptIn, seeded: { topups }, files, tookMs }: Welcome): void {
  const as = (name: 'admin' | 'alice') => `-H @${shownPath(files[name])}`
  const wallet = `${url}/v1/wallets/alice`
  const post = (name: 'admin' | 'alice', verb: string, amount: number) =>
    `curl ${wallet}/${verb} ${as(name)} -H 'Content-Type: application/json' \\\n` +
    `       -H 'Idempotency-Key: my-first-${verb}' -d '{"asset":"GOLD_COINS","amount":${amount}}'`
  const gifts = SEED_ASSETS.map(({ amount, code }) => `${amount} ${code}`).join(', ')
  console.log(`
  Strongbox is up at ${url}   (${(tookMs / 1000).toFixed(1)} s)
  ${keptIn === undefined ? 'Nothing is kept.' : `Data is kept in ${keptIn}.`} Ctrl-C stops everything.
  ${topups > 0 ? `${SEED_WALLETS.join(' and ')} each got ${gifts}.` : 'What was there is still there.'}

  Read the API, and try it:  ${url}/docs
  Tokens are in ${shownPath(files.credentials)}; the .auth files beside it are for curl.

  Give alice 250 gold coins (send it twice: it happens once):
     ${post('admin', 'topup', 250)}

  Let her spend 30:
     ${post('alice', 'spend', 30)}

  See what she has, and what happened:
     curl ${wallet} ${as('alice')}
     curl ${wallet}/transactions ${as('alice')}
`)
}

/** As short as it can be typed from here; a folder above is clearer in full. */
function shownPath(path: string): string {
  const fromHere = relative('', path)
  return fromHere.startsWith('..') ? path : fromHere
}
