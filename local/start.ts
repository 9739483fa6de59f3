import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runCommand, StartFailure } from './failure.ts'
import type { ServedRequest } from './gateway.ts'
import { seed } from './seed-data.ts'
import { type Stack, startStack } from './stack.ts'

const HELP = `Runs all of Strongbox on this machine: DynamoDB Local, the real handlers, and an HTTP front.

  npm start                      at http://localhost:3000, data kept in .local/
  npm start -- --memory          keep nothing
  npm start -- --port 4000       listen elsewhere (or set PORT)
  npm start -- --folder DIR      keep the data in DIR
  npm start -- --verbose         show the handlers' own logs
`

const DEFAULT_PORT = '3000'
const MAX_PORT = 65_535

await runCommand(async () => {
  const startedAt = performance.now()
  const options = readOptions()
  if (options.help) {
    console.log(HELP)
    return
  }
  process.env['POWERTOOLS_LOG_LEVEL'] ??= options.verbose ? 'INFO' : 'ERROR'
  const stack = await startStack({
    port: options.port,
    folder: options.folder,
    onServed: printServed,
  })
  stopOnSignal(stack)
  await seed(stack.url)
  printWelcome(stack.url, options.folder, performance.now() - startedAt)
})

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        memory: { type: 'boolean', default: false },
        port: { type: 'string', default: process.env['PORT'] ?? DEFAULT_PORT },
        folder: { type: 'string', default: '.local' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const port = Number(values.port)
    if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) {
      throw new StartFailure(`${values.port} is not a port. Choose one from 0 to ${MAX_PORT}.`)
    }
    return { ...values, port, folder: values.memory ? undefined : resolve(values.folder) }
  } catch (error) {
    if (error instanceof TypeError) throw new StartFailure(`${error.message}\n\n${HELP}`)
    throw error
  }
}

function stopOnSignal(stack: Stack): void {
  let isStopping = false
  const stop = async () => {
    if (isStopping) return
    isStopping = true
    await stack.stop()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  stack.dynamoDb.exited.then(async (lastWords) => {
    if (isStopping) return
    process.stderr.write(`DynamoDB Local has ended by itself: ${lastWords || 'it said nothing'}\n`)
    process.exitCode = 1
    await stop()
  })
}

function printServed({ method, path, status, durationMs }: ServedRequest): void {
  console.log(`${String(status)}  ${method.padEnd(4)} ${path}  ${durationMs} ms`)
}

function printWelcome(url: string, folder: string | undefined, tookMs: number): void {
  const wallet = `${url}/v1/wallets/alice`
  const post = (verb: string, amount: number) =>
    `curl ${wallet}/${verb} -H 'Content-Type: application/json' \\\n` +
    `       -H 'Idempotency-Key: my-first-${verb}' -d '{"asset":"GOLD_COINS","amount":${amount}}'`
  console.log(`
  Strongbox is up at ${url}   (${(tookMs / 1000).toFixed(1)} s)
  ${folder === undefined ? 'Nothing is kept.' : `Data is kept in ${folder}.`} Ctrl-C stops everything.

  Give alice 250 gold coins (send it twice: it happens once):
     ${post('topup', 250)}

  Let her spend 30:
     ${post('spend', 30)}

  See what she has, and what happened:
     curl ${wallet}
     curl ${wallet}/transactions
`)
}
