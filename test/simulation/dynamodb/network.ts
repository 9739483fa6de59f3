import {
  DeleteItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Process } from '../process.ts'
import type { Random } from '../random.ts'
import type { Scheduled } from '../scheduler.ts'
import type { Fault, Tally } from '../tally.ts'
import { serverError, throttled } from './errors.ts'
import type { Faults } from './faults.ts'
import type { Answer } from './service.ts'
import type { Token } from './tokens.ts'

/** What lies between a function and DynamoDB. */
export interface Network {
  readonly process: Process
  readonly random: Random
  readonly faults: () => Faults
  readonly nowUs: () => number
  readonly tally: Tally
  /** On the way to DynamoDB, whoever sent it. */
  readonly travel: (delayUs: number, arrive: () => void) => void
  /** Answers how long DynamoDB takes. */
  readonly handle: (request: Request, respond: (answer: Answer) => void) => number
}

export interface Request {
  readonly process: Process
  readonly command: object
  readonly input: object
  /** For a transaction, if the code under test has given it none. */
  readonly ownToken: Token
}

const REQUEST_TIMEOUT_US = 4_000_000
const SECOND_US = 1_000_000

/** One request and its answer, or what the client is told instead. Says how to stop listening. */
export function sendOnce(
  network: Network,
  request: Request,
  settle: (answer: Answer) => void,
): () => void {
  const { process, nowUs, tally, travel, handle } = network
  const deadlineUs = nowUs() + REQUEST_TIMEOUT_US
  const journey = drawJourney(network)
  const line = openLine(process, settle)
  const hearTimeout = () =>
    line.hear(Math.max(0, deadlineUs - nowUs()), () => ({ error: timeoutError() }))

  /** A fault is counted where it strikes: many are drawn that never come to pass, and those prove nothing. */
  const hear = (delayUs: number, answer: Answer, fault: Fault | undefined) => {
    line.hear(delayUs, () => {
      if (fault) tally.count(fault)
      return answer
    })
  }

  const answerBack = (answer: Answer, isDone: boolean, fault: Fault | undefined) => {
    const { breaks, isAnswerLost, backUs } = journey
    if (line.isOver()) return
    if (breaks === 'after') {
      const broken = isDone ? 'a connection broke after it was done' : undefined
      hear(backUs, { error: brokenError() }, broken)
    } else if (isAnswerLost) {
      tally.strikes('an answer was lost after it was done', isDone)
    } else {
      countIfSlow(network, backUs)
      hear(backUs, answer, fault)
    }
  }

  const respond = (answer: Answer) => {
    const isDone = isWrite(request) && 'output' in answer
    if (!journey.isFailedAfterwards) return answerBack(answer, isDone, undefined)
    const fault = isDone ? 'DynamoDB said that it failed and had done it' : undefined
    answerBack({ error: serverError() }, isDone, fault)
  }

  const arrive = () => {
    const { thereUs, verdict, isAnswerLost, backUs, breaks } = journey
    countIfSlow(network, thereUs)
    const afterUs = verdict ? 0 : handle(request, respond)
    if (verdict) answerBack({ error: verdict.error }, false, verdict.fault)
    const isTooLate = nowUs() + afterUs + backUs >= deadlineUs
    if (breaks === undefined && (isAnswerLost || isTooLate) && !line.isOver()) hearTimeout()
  }

  if (journey.breaks === 'before') {
    const fault = 'a connection broke before the request arrived'
    hear(journey.thereUs, { error: brokenError() }, fault)
    return line.hangUp
  }
  tally.strikes('a request was lost before it arrived', journey.isLost)
  if (journey.isLost || journey.thereUs >= REQUEST_TIMEOUT_US) hearTimeout()
  if (!journey.isLost) travel(journey.thereUs, arrive)
  return line.hangUp
}

/** All that is drawn for one request; what of it comes to pass depends on the rest. */
interface Journey {
  readonly thereUs: number
  readonly backUs: number
  readonly breaks: 'before' | 'after' | undefined
  readonly isLost: boolean
  readonly isAnswerLost: boolean
  readonly verdict: Verdict | undefined
  readonly isFailedAfterwards: boolean
}

/** What DynamoDB says without having looked at the request. */
interface Verdict {
  readonly error: Error
  readonly fault: Fault
}

function drawJourney({ random, faults }: Network): Journey {
  const chances = faults()
  const { slow } = chances
  const wayUs = (range: Faults['requestUs']) =>
    random.between(range) + (random.chance(slow.chance) ? random.between(slow.byUs) : 0)
  return {
    thereUs: wayUs(chances.requestUs),
    backUs: wayUs(chances.answerUs),
    breaks: drawBreak(random, chances),
    isLost: random.chance(chances.requestLost),
    isAnswerLost: random.chance(chances.answerLost),
    verdict: drawVerdict(random, chances),
    isFailedAfterwards: random.chance(chances.serverErrorAfterwards),
  }
}

function drawBreak(random: Random, { connectionBroken }: Faults): Journey['breaks'] {
  if (!random.chance(connectionBroken)) return undefined
  return random.pick<'before' | 'after'>(['before', 'after'])
}

function drawVerdict(random: Random, chances: Faults): Verdict | undefined {
  if (random.chance(chances.serverError)) {
    return { error: serverError(), fault: 'DynamoDB failed and had done nothing' }
  }
  return random.chance(chances.throttled)
    ? { error: throttled(), fault: 'DynamoDB throttled a request' }
    : undefined
}

function countIfSlow({ tally }: Network, wayUs: number): void {
  tally.strikes('a message took seconds', wayUs >= SECOND_US)
}

/** A read does nothing that could be lost. */
function isWrite({ command }: Request): boolean {
  return (
    command instanceof TransactWriteItemsCommand ||
    command instanceof PutItemCommand ||
    command instanceof UpdateItemCommand ||
    command instanceof DeleteItemCommand
  )
}

/** Hears what comes first, and nothing after it. */
function openLine(process: Process, settle: (answer: Answer) => void) {
  const expected: Scheduled[] = []
  let isOver = false
  const hangUp = () => {
    isOver = true
    for (const arrival of expected) arrival.cancel()
  }
  return {
    hangUp,
    isOver: () => isOver || !process.isAlive(),
    hear(delayUs: number, answer: () => Answer): void {
      const arrival = process.hear(delayUs, () => {
        hangUp()
        settle(answer())
      })
      expected.push(arrival)
    },
  }
}

function timeoutError(): Error {
  const message = 'a request has exceeded the configured 4000 ms requestTimeout.'
  return Object.assign(new Error(message), { name: 'TimeoutError', code: 'ETIMEDOUT' })
}

function brokenError(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
}
