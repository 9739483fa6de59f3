import { isDeepStrictEqual } from 'node:util'
import { canonicalNumber } from '../numbers.ts'
import { comparable, type Told } from './answers.ts'

/**
 * Where DynamoDB Local says something else than the simulator, and that is right. Whatever is not here fails the test.
 *
 * Never asked, because one of the two is known to do it in its own way:
 * - `NOT NOT a`: dynalite's parser, which the simulator uses, takes it for a mistake. Nobody writes it.
 * - Pages of an index that end between entries of one key: which of them comes first, nobody says.
 * - The consumed capacity: of transactions, DynamoDB Local counts only the largest item; the simulator counts none.
 * Never seen: conflicts of transactions, throttling, time-outs, anything that is behind. DynamoDB Local has none.
 */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: 'the wording of a mistake, and which one of several is told',
    why: 'DynamoDB does not promise it, and nobody here reads it; messages.test.ts compares those that matter.',
    explains: ({ local, simulated }) =>
      local.error === 'ValidationException' && simulated.error === 'ValidationException',
  },
  {
    name: 'whether a mistake in one item of a transaction is told of that item, or of the request',
    why: 'DynamoDB lists under the reasons of an item what depends on its table or on what is stored. DynamoDB Local tells some of these so and some of the request, or gives no reasons at all.',
    explains: ({ local, simulated }) => isMistake(local) && isMistake(simulated),
  },
  {
    name: 'two operations on one item of a transaction',
    why: 'DynamoDB refuses the request. DynamoDB Local looks at conditions first, and does refuse the request where all of them hold.',
    explains: ({ local, simulated }) =>
      local.error === 'TransactionCanceledException' &&
      simulated.message === 'Transaction request cannot include multiple operations on one item',
  },
  {
    name: 'a position after the last item that can be',
    why: 'A page that is full has a position. DynamoDB Local leaves it out where the range of the query ends with that very key.',
    explains: ({ local, simulated }) =>
      isDeepStrictEqual(local.output, without(simulated.output, 'LastEvaluatedKey')),
  },
  {
    name: 'the capacity that deleting consumed',
    why: 'Only DynamoDB Local tells it without having been asked.',
    explains: ({ local, simulated }) =>
      isDeepStrictEqual(without(local.output, 'ConsumedCapacity'), simulated.output),
  },
  {
    name: 'how a number inside a list or a map is written',
    why: 'DynamoDB has one way to write each number. DynamoDB Local keeps there what it was given, such as 2.50.',
    explains: ({ local, simulated }) => isDeepStrictEqual(withPlainNumbers(local), simulated),
  },
  {
    name: 'a full stop',
    why: 'After the message of a condition check that failed, in DynamoDB Local.',
    explains: ({ local, simulated }) =>
      local.message === simulated.message &&
      isDeepStrictEqual(withoutStops(local), withoutStops(simulated)),
  },
]

/** The same mistake in other words: DynamoDB Local's, and DynamoDB's, which are the simulator's. */
export const OTHER_WORDS: readonly { readonly local: string; readonly dynamoDb: string }[] = [
  {
    local: 'Cannot do operations on a non-existent table',
    dynamoDb: 'Requested resource not found',
  },
  {
    local: 'A value provided cannot be converted into a number',
    dynamoDb: 'The parameter cannot be converted to a numeric value: much',
  },
  {
    local: 'One or more parameter values were invalid: Input collection [a, a] contains duplicates',
    dynamoDb:
      'One or more parameter values were invalid: Input collection [a, a] contains duplicates.',
  },
  {
    local: 'Query condition missed key schema element',
    dynamoDb: 'Query condition missed key schema element: pk',
  },
]

/** Words that AWS reserves, and DynamoDB Local takes as a name. */
export const FREE_IN_LOCAL: ReadonlySet<string> = new Set(['CONVERT', 'SIZE'])

export interface KnownDifference {
  readonly name: string
  readonly why: string
  readonly explains: (answers: Answers) => boolean
}

export interface Answers {
  readonly local: Told
  readonly simulated: Told
}

/** Undefined where they agree; otherwise what explains it, if anything does. */
export function differenceOf(answers: Answers): KnownDifference | 'unknown' | undefined {
  if (isDeepStrictEqual(answers.local, answers.simulated)) return undefined
  return KNOWN_DIFFERENCES.find(({ explains }) => explains(answers)) ?? 'unknown'
}

function isMistake({ error, reasons }: Told): boolean {
  if (error === 'ValidationException') return true
  if (error !== 'TransactionCanceledException' || !reasons) return false
  return reasons.length === 0 || reasons.some(({ Code }) => Code === 'ValidationError')
}

function without(output: unknown, name: string): unknown {
  if (typeof output !== 'object' || output === null) return output
  return Object.fromEntries(Object.entries(output).filter(([member]) => member !== name))
}

function withPlainNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainNumbers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name === 'N' && typeof member === 'string') return [name, canonicalNumber(member)]
      if (name === 'NS' && Array.isArray(member)) return [name, member.map(canonicalNumber).sort()]
      return [name, withPlainNumbers(member)]
    }),
  )
}

function withoutStops({ reasons = [] }: Told): unknown {
  return comparable(
    reasons.map((reason) => ({ ...reason, Message: reason.Message?.replace(/\.$/, '') })),
    true,
  )
}
