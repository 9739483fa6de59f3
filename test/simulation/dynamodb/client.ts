import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Trace } from '../trace.ts'
import { type Network, type Request, sendOnce } from './network.ts'
import { type RetryQuota, retryClassOf } from './sdk-retries.ts'
import type { Answer } from './service.ts'
import { newToken } from './tokens.ts'

/**
 * The SDK's client, as lib/store/client.ts sets it up. It sends again once what may go better the next time, and gives a
 * transaction one token for both times.
 */
export interface ClientOptions {
  readonly network: Network
  readonly trace: Trace
  readonly quota: RetryQuota
}

export type SimulatedClient = Pick<DynamoDBClient, 'send'>

interface Command {
  readonly input: object
}

interface SendOptions {
  readonly abortSignal?: AbortSignal
}

const MAX_ATTEMPTS = 2
const US_PER_MS = 1_000
const OK = 200

export function openClient(options: ClientOptions): SimulatedClient {
  const send = (command: Command, { abortSignal }: SendOptions = {}) =>
    new Promise((resolve, reject) => {
      sendCommand(options, command, abortSignal, (answer) => {
        if ('error' in answer) reject(answer.error)
        else resolve(answer.output)
      })
    })
  // The SDK's own `send` is overloaded for callbacks, too; nobody here uses them.
  const blank: DynamoDBClient = Object.create(null)
  return Object.assign(blank, { send })
}

function sendCommand(
  options: ClientOptions,
  command: Command,
  abortSignal: AbortSignal | undefined,
  settle: (answer: Answer) => void,
): void {
  const { network, trace } = options
  const { process, nowUs } = network
  const request = requestOf(options, command)
  let totalRetryDelay = 0
  let hangUp = () => {}

  function onAbort(): void {
    hangUp()
    settle({ error: abortError(abortSignal?.reason) })
  }

  function attempt(attempts: number): void {
    hangUp = sendOnce(network, request, (answer) => {
      const waitMs = retryAfterMs(options, answer, attempts)
      if (waitMs !== undefined) {
        totalRetryDelay += waitMs
        const again = process.hear(waitMs * US_PER_MS, () => attempt(attempts + 1))
        hangUp = () => again.cancel()
        return
      }
      abortSignal?.removeEventListener('abort', onAbort)
      const outcome = 'error' in answer ? answer.error.name : 'done'
      trace.add(`${nowUs()} ${process.name} ${command.constructor.name} ${outcome}`)
      settle(withMetadata(answer, attempts, totalRetryDelay))
    })
  }

  if (abortSignal?.aborted) {
    onAbort()
    return
  }
  abortSignal?.addEventListener('abort', onAbort, { once: true })
  attempt(1)
}

function requestOf({ network }: ClientOptions, command: Command): Request {
  return { process: network.process, command, input: command.input, ownToken: newToken() }
}

/** Undefined where that was it. */
function retryAfterMs(
  { network, quota }: ClientOptions,
  answer: Answer,
  attempts: number,
): number | undefined {
  if (!('error' in answer)) {
    quota.giveBack(attempts)
    return undefined
  }
  const retryClass = retryClassOf(answer.error)
  if (!retryClass || attempts >= MAX_ATTEMPTS || !quota.take(retryClass)) return undefined
  return Math.floor(network.random.unit() * retryClass.longestWaitMs)
}

function withMetadata(answer: Answer, attempts: number, totalRetryDelay: number): Answer {
  const tries = { attempts, totalRetryDelay }
  if (!('error' in answer)) {
    return { output: { ...answer.output, $metadata: { httpStatusCode: OK, ...tries } } }
  }
  const { error } = answer
  const known = '$metadata' in error && typeof error.$metadata === 'object' ? error.$metadata : {}
  return { error: Object.assign(error, { $metadata: { ...known, ...tries } }) }
}

function abortError(reason: unknown): Error {
  const error = new Error('Request aborted', { cause: reason })
  error.name = 'AbortError'
  return error
}
