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

/** One request and its answer, or what the client is told instead. Says how to stop listening. */
export function sendOnce(
  network: Network,
  request: Request,
  settle: (answer: Answer) => void,
): () => void {
  const { process, nowUs, travel, handle } = network
  const deadlineUs = nowUs() + REQUEST_TIMEOUT_US
  const journey = drawJourney(network)
  const line = openLine(process, settle)
  const hearTimeout = () =>
    line.hear(Math.max(0, deadlineUs - nowUs()), () => ({ error: timeoutError() }))

  const answerBack = (answer: Answer) => {
    if (line.isOver()) return
    if (journey.breaks === 'after') line.hear(journey.backUs, () => ({ error: brokenError() }))
    else if (!journey.isAnswerLost) line.hear(journey.backUs, () => answer)
  }

  const arrive = () => {
    const { verdict, isFailedAfterwards, isAnswerLost, backUs, breaks } = journey
    const respond = (answer: Answer) =>
      answerBack(isFailedAfterwards ? { error: serverError() } : answer)
    const afterUs = verdict ? 0 : handle(request, respond)
    if (verdict) answerBack(verdict)
    const isTooLate = nowUs() + afterUs + backUs >= deadlineUs
    if (breaks === undefined && (isAnswerLost || isTooLate) && !line.isOver()) hearTimeout()
  }

  if (journey.breaks === 'before') {
    line.hear(journey.thereUs, () => ({ error: brokenError() }))
    return line.hangUp
  }
  if (journey.isLost || journey.thereUs >= REQUEST_TIMEOUT_US) hearTimeout()
  if (!journey.isLost) travel(journey.thereUs, arrive)
  return line.hangUp
}

interface Journey {
  readonly thereUs: number
  readonly backUs: number
  readonly breaks: 'before' | 'after' | undefined
  readonly isLost: boolean
  readonly isAnswerLost: boolean
  /** What DynamoDB says without having looked at the request. */
  readonly verdict: Answer | undefined
  readonly isFailedAfterwards: boolean
}

function drawJourney(network: Network): Journey {
  const { random, faults, tally } = network
  const chances = faults()
  const { slow } = chances
  const draw = (fault: Fault, chance: number) => tally.strikes(fault, random.chance(chance))
  const wayUs = (range: Faults['requestUs']) =>
    random.between(range) +
    (draw('a message took seconds', slow.chance) ? random.between(slow.byUs) : 0)
  return {
    thereUs: wayUs(chances.requestUs),
    backUs: wayUs(chances.answerUs),
    breaks: drawBreak(network),
    isLost: draw('a request was lost before it arrived', chances.requestLost),
    isAnswerLost: draw('an answer was lost after it was done', chances.answerLost),
    verdict: drawVerdict(network),
    isFailedAfterwards: draw(
      'DynamoDB said that it failed and had done it',
      chances.serverErrorAfterwards,
    ),
  }
}

function drawBreak({ random, faults, tally }: Network): Journey['breaks'] {
  if (!random.chance(faults().connectionBroken)) return undefined
  const when = random.pick<'before' | 'after'>(['before', 'after'])
  tally.count(
    when === 'before'
      ? 'a connection broke before the request arrived'
      : 'a connection broke after it was done',
  )
  return when
}

function drawVerdict({ random, faults, tally }: Network): Answer | undefined {
  const draw = (fault: Fault, chance: number) => tally.strikes(fault, random.chance(chance))
  if (draw('DynamoDB failed and had done nothing', faults().serverError)) {
    return { error: serverError() }
  }
  return draw('DynamoDB throttled a request', faults().throttled)
    ? { error: throttled() }
    : undefined
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
