// Stands in for `java` on the PATH of a stack: starts the real DynamoDB Local on another port, passes everything on, and
// tells a client that a transaction is done only when it is on the disk. docs/adr/0021-the-barrier.md says why.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { LEDGER_TABLE } from '../../lib/store/tables.ts'
import { transactionIn } from './requests.ts'

/** What a life of the database leaves in its diary, line by line. */
export interface Noted {
  /** `said`: it answered that this is done. `kept`: then it has answered a question that had to wait for the disk. */
  readonly what: 'said' | 'kept'
  readonly id: string
  /** Of what is kept: how long after it was said that was sure. */
  readonly afterMs?: number
}

const HOST = '127.0.0.1'
const POLL_MS = 20
const LEASH = fileURLToPath(new URL('../../local/leash.mjs', import.meta.url))
const {
  CHAOS_JAVA: java = '',
  CHAOS_DIARY: diary = '',
  CHAOS_BARRIER: barrier = 'on',
} = process.env

const given = process.argv.slice(2)
const place = given.indexOf('-port') + 1
const port = Number(given[place])
const behind = await anyPort()
const child = spawn(process.execPath, [LEASH, java, ...given.with(place, String(behind))], {
  stdio: ['pipe', 'inherit', 'inherit'],
})
child.on('exit', (code) => process.exit(code ?? 1))
process.on('SIGTERM', () => child.kill('SIGTERM'))

const agent = new Agent({ keepAlive: true })
// Nobody listens before the database does: refused is what one that is still starting looks like.
while (!(await isOpen(behind))) await sleep(POLL_MS)
createServer((incoming, outgoing) => {
  serve(incoming, outgoing).catch(() => incoming.socket.destroy())
}).listen(port, HOST)

async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = await wholeOf(incoming)
  const answer = await pass(incoming, body)
  const text = await wholeOf(answer)
  const target = String(incoming.headers['x-amz-target'])
  if (target.endsWith('.TransactWriteItems') && answer.statusCode === 200) {
    const id = transactionIn(body) ?? 'none of the ledger'
    note({ what: 'said', id })
    const saidAt = performance.now()
    if (barrier === 'on') {
      await untilOnDisk(incoming)
      note({ what: 'kept', id, afterMs: performance.now() - saidAt })
    }
  }
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
  outgoing.end(text)
}

/** It does one thing after the other, so whatever it answers now was done after the commit. */
async function untilOnDisk(asked: IncomingMessage): Promise<void> {
  const nothing = { S: 'barrier' }
  const question = {
    TableName: LEDGER_TABLE.name,
    Key: { [LEDGER_TABLE.partitionKey]: nothing, [LEDGER_TABLE.sortKey]: nothing },
    ConsistentRead: true,
  }
  const body = Buffer.from(JSON.stringify(question))
  const headers = {
    ...asked.headers,
    'x-amz-target': 'DynamoDB_20120810.GetItem',
    'content-length': String(body.length),
  }
  const answer = await pass({ method: 'POST', url: '/', headers }, body)
  await wholeOf(answer)
  if (answer.statusCode !== 200) throw new Error('the database does not say whether it is on disk')
}

function pass(
  { method, url, headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  body: Buffer,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ host: HOST, port: behind, method, path: url, headers, agent }, resolve)
      .on('error', reject)
      .end(body)
  })
}

async function wholeOf(message: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await message.toArray())
}

/** At once: whatever is noted was said before anybody heard of it. */
function note(noted: Noted): void {
  appendFileSync(diary, `${JSON.stringify(noted)}\n`)
}

/** Not the one of local/dynamodb.ts: that brings the whole SDK along, at every start. */
async function anyPort(): Promise<number> {
  const server = createTcpServer().listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

function isOpen(at: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at, HOST)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
