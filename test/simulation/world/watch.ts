import {
  type CancellationReason,
  type DynamoDBClient,
  GetItemCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { isThrottle } from '../../../lib/store/failures.ts'
import type { SimulatedClient } from '../dynamodb/client.ts'
import type { Tally, Way } from '../tally.ts'

/**
 * Notes which ways the code under test goes, by what it sends and what it hears. It changes nothing. What follows from two
 * requests in a row is noted only where there is one call at a time, and within that.
 */
export function watch(client: SimulatedClient, tally: Tally): Watched {
  const last: Last = { isInDoubt: false, isDeclining: false, isAlone: true }
  const note = createNotes(tally, last)
  const blank: DynamoDBClient = Object.create(null)
  const watched = Object.assign(blank, {
    send: (command: GetItemCommand, options?: object) =>
      client.send(command, options).then(
        (output) => {
          note(command, output, undefined)
          return output
        },
        (error) => {
          note(command, {}, error)
          throw error
        },
      ),
  })
  return {
    client: watched,
    begin(isAlone) {
      Object.assign(last, { isInDoubt: false, isDeclining: false, isAlone })
    },
  }
}

export interface Watched {
  readonly client: SimulatedClient
  /** A call begins. */
  readonly begin: (isAlone: boolean) => void
}

/** Of the last request. */
interface Last {
  isAlone: boolean
  /** It was a write without an answer. */
  isInDoubt: boolean
  /** It was read for a decline. */
  isDeclining: boolean
}

function createNotes(tally: Tally, last: Last) {
  return (command: object, output: object, error: unknown): void => {
    if (attemptsOf(error ?? output) > 1) tally.count('the SDK sent a request again')
    const way = wayOf(last, command, output, error)
    if (way) tally.count(way)
    if (last.isDeclining && command instanceof TransactWriteItemsCommand) {
      tally.count('took a decline back')
    }
    const isDone = error === undefined
    last.isDeclining = last.isAlone && isDone && command instanceof TransactGetItemsCommand
    last.isInDoubt = last.isAlone && isLeftInDoubt(last, command, { isDone, way })
  }
}

function isLeftInDoubt(
  { isInDoubt }: Last,
  command: object,
  { isDone, way }: { readonly isDone: boolean; readonly way: Way | undefined },
): boolean {
  if (command instanceof TransactWriteItemsCommand) return !isDone && way === undefined
  return isInDoubt && !(isDone && command instanceof GetItemCommand)
}

function wayOf(last: Last, command: object, output: object, error: unknown): Way | undefined {
  if (command instanceof TransactWriteItemsCommand) return error ? wayAfter(error) : undefined
  if (command instanceof TransactGetItemsCommand) {
    if (isOfWallet(command))
      return error ? 'could not read a wallet at one moment at once' : 'read a wallet at one moment'
    return error ? 'could not confirm a decline at once' : 'confirmed a decline'
  }
  if (error) return undefined
  if (command instanceof GetItemCommand && last.isInDoubt) return wayAfterDoubt(output)
  return isUnfinished(output) ? 'asked again for keys that were left out' : undefined
}

/** A decline is confirmed by reading the record of its transaction first. */
function isOfWallet({ input }: TransactGetItemsCommand): boolean {
  return input.TransactItems?.[0]?.Get?.Key?.['pk']?.S?.startsWith('W#') === true
}

function wayAfterDoubt(output: object): Way {
  const isFound = 'Item' in output && output.Item !== undefined
  return isFound ? 'lost an answer, and found its record' : 'lost an answer for nothing'
}

/** Undefined where nobody can say what became of the write. */
function wayAfter(error: unknown): Way | undefined {
  if (error instanceof TransactionCanceledException) return wayAfterReasons(error)
  return isThrottle(error) ? 'met a throttle, waited, and tried again' : undefined
}

function wayAfterReasons({ CancellationReasons = [] }: TransactionCanceledException): Way {
  const codes = CancellationReasons.map(({ Code }: CancellationReason) => Code)
  if (codes[0] === FAILED) return 'found its own record in the way, and answered from it'
  if (codes.includes(FAILED)) return 'found a newer state, and planned again from it'
  return codes.includes('TransactionConflict')
    ? 'met another transaction, waited, and tried again'
    : 'met a throttle, waited, and tried again'
}

const FAILED = 'ConditionalCheckFailed'

function isUnfinished(output: object): boolean {
  return 'UnprocessedKeys' in output && Object.keys(Object(output.UnprocessedKeys)).length > 0
}

function attemptsOf(answer: unknown): number {
  const metadata: unknown = Object(answer).$metadata
  return Number(Object(metadata).attempts ?? 0)
}
