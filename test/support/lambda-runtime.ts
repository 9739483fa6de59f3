import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

/**
 * The process that a function runs in, as nodejs24.x has it: loads the handler that `_HANDLER` names, and carries its
 * events from the Runtime API to it and its answers back. AWS's own (aws-lambda-ric) has the same loop around a native
 * addon, which is compiled, together with curl, wherever it is installed. Nothing of ours is imported here: what a
 * bundle lacks must be missed.
 */

const API = '/2018-06-01/runtime'
/** Callbacks are gone with this runtime: it refuses a handler that takes one. */
const MAX_PARAMETERS = 2

type Handler = (event: unknown, context: object) => unknown

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT = '', _HANDLER = '' } = process.env
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const ending = new AbortController()
process.once('SIGTERM', () => ending.abort())

try {
  const handler = await loadHandler()
  while (!ending.signal.aborted) await handleNext(handler)
} finally {
  // The rest is up to the function: a process that it keeps busy does not end.
  agent.destroy()
}

async function loadHandler(): Promise<Handler> {
  try {
    const [moduleName, name = ''] = _HANDLER.split('.')
    const file = join(LAMBDA_TASK_ROOT, `${moduleName}.mjs`)
    const handler: unknown = (await import(pathToFileURL(file).href))[name]
    if (!isHandler(handler)) throw new Error(`${_HANDLER} is not a function`)
    if (handler.length > MAX_PARAMETERS) throw new Error(`${_HANDLER} takes a callback`)
    return handler
  } catch (error) {
    await send('POST', '/init/error', describe(error))
    throw error
  }
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function'
}

async function handleNext(handler: Handler): Promise<void> {
  const next = await send('GET', '/invocation/next').catch((error: unknown) => {
    if (ending.signal.aborted) return undefined
    throw error
  })
  if (!next) return
  const context = contextOf(next.headers)
  const invocation = `/invocation/${encodeURIComponent(context.awsRequestId)}`
  try {
    const answer = await handler(JSON.parse(next.body), context)
    await send('POST', `${invocation}/response`, answer)
  } catch (error) {
    await send('POST', `${invocation}/error`, describe(error))
  }
}

function contextOf(headers: IncomingHttpHeaders) {
  const { env } = process
  const header = (name: string) => String(headers[`lambda-runtime-${name}`])
  const endsAtMs = Number(header('deadline-ms'))
  env['_X_AMZN_TRACE_ID'] = header('trace-id')
  return {
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    invokedFunctionArn: header('invoked-function-arn'),
    awsRequestId: header('aws-request-id'),
    getRemainingTimeInMillis: () => endsAtMs - Date.now(),
  }
}

function describe(error: unknown) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) }
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') }
}

/** One after the other on one connection, and as long as it takes: `next` is answered when there is something to do. */
async function send(method: 'GET' | 'POST', path: string, body?: unknown) {
  const options = { method, agent, ...(method === 'GET' && { signal: ending.signal }) }
  const { promise, resolve, reject } = Promise.withResolvers<{
    headers: IncomingHttpHeaders
    body: string
  }>()
  request(`http://${AWS_LAMBDA_RUNTIME_API}${API}${path}`, options, (answer) => {
    text(answer).then((answered) => resolve({ headers: answer.headers, body: answered }), reject)
  })
    .on('error', reject)
    .end(method === 'POST' ? JSON.stringify(body ?? null) : undefined)
  return promise
}
