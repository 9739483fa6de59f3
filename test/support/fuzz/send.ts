import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { GivenAnswer } from '../contract.ts'
import type { RawRequest } from '../sign.ts'

/** Longer than the slowest answer that is one: a function has 29 s, and says so before they are over. */
const TIMEOUT_MS = 30_000

const agent = new Agent({ keepAlive: true })

/** Byte for byte; and it fails where no answer comes in time. */
export async function send(
  url: string,
  { method, target, headers, body }: RawRequest,
  tries = 2,
): Promise<GivenAnswer> {
  const { hostname, port } = new URL(url)
  const length = body.length > 0 && { 'content-length': String(Buffer.byteLength(body)) }
  const options = {
    hostname,
    port,
    method,
    path: target,
    headers: { ...headers, ...length },
    agent,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }
  return new Promise((resolve, reject) => {
    const sent = request(options, (answer) => {
      const { statusCode: status = 0, headers: answered } = answer
      const toAnswer = (words: string) => ({ status, headers: toHeaders(answered), text: words })
      text(answer).then((words) => resolve(toAnswer(words)), reject)
    })
    sent.on('error', (error) => {
      // The server let go of an idle connection just as it was taken again.
      const isStale = sent.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
      if (!isStale || tries === 1) reject(error)
      else send(url, { method, target, headers, body }, tries - 1).then(resolve, reject)
    })
    sent.end(body)
  })
}

function toHeaders(headers: IncomingHttpHeaders): Headers {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, [value].flat().join(', ')] as [string, string]],
  )
  return new Headers(pairs)
}

const WIRE_TIMEOUT_MS = 10_000
/** How long a server may wait for the rest of what never comes, before we hang up. */
const PATIENCE_MS = 300

/** Bytes as they are, whatever they are. What comes back, until the other side is done or we are. */
export async function sendBytes(url: string, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    socket.destroy()
  }, WIRE_TIMEOUT_MS)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  // A connection that is reset under a client that sends nonsense has been answered, too.
  socket.on('error', () => {})
  socket.setTimeout(PATIENCE_MS, () => socket.end())
  socket.write(bytes)
  await new Promise((resolve) => socket.on('close', resolve))
  clearTimeout(timer)
  if (isLate) throw new Error(`the connection was still open after ${WIRE_TIMEOUT_MS} ms`)
  return Buffer.concat(chunks).toString('latin1')
}
