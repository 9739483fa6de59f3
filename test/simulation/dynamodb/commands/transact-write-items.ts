import {
  type CancellationReason,
  DynamoDBServiceException,
  type TransactWriteItem,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb'
import type { Random } from '../../random.ts'
import { cancelled, invalid, otherRequest, stillRunning } from '../errors.ts'
import { type Answer, type Handle, type Service, tableOf, writeSlot } from '../service.ts'
import { takesWrite } from '../throughput.ts'
import type { Token } from '../tokens.ts'
import {
  type Outcome,
  placed,
  readWrite,
  type UnplacedWrite,
  type Write,
  type WriteRequest,
} from '../writes.ts'
import {
  CONFLICT,
  EXCEEDED,
  MOST_ITEMS,
  MOST_TRANSACTION_BYTES,
  NONE,
  THROTTLED,
} from './transaction.ts'

export interface TransactWriteInput extends TransactWriteItemsCommandInput {
  /** The client made the token itself, for this request: nobody else has it. */
  readonly isOwnToken: boolean
}

/**
 * First every item is looked at and taken in hand; if one of them cannot be, nothing happens. From then on it is
 * certain that all are written, but not at one moment: somebody who reads them one by one may see some as they were.
 */
export const transactWriteItems: Handle<TransactWriteInput> = (service, input, respond) => {
  const token = tokenOf(input)
  const known = token ? service.tokens.look(token) : 'new'
  if (known !== 'new') {
    respond(answerAgain(known))
    return 0
  }
  const writes = readWrites(service, input)
  const { random, faults } = service
  const { transactionUs, slowTransaction } = faults()
  const slowUs = random.chance(slowTransaction.chance) ? random.between(slowTransaction.byUs) : 0
  const afterUs = random.between(transactionUs) + slowUs

  const hands = {}
  const prepared = writes.map((write) => prepare(service, write, hands))
  const isCancelled = prepared.some(({ reason }) => reason !== NONE)
  if (token) service.tokens.begin(token)
  const finish = () => {
    for (const { write, after } of prepared) {
      if (!write) continue
      if (!isCancelled) apply(service, write, after, hands)
      release(write, hands)
    }
    if (token) service.tokens.end(token, !isCancelled)
    respond(isCancelled ? { error: cancelled(prepared.map(({ reason }) => reason)) } : DONE)
  }
  if (afterUs === 0) {
    finish()
    return 0
  }
  if (!isCancelled) applySomeEarly(service, random, prepared, hands, afterUs)
  service.after(afterUs, finish)
  return afterUs
}

const DONE: Answer = { output: {} }
const NOTHING: Outcome = { item: undefined, bytes: 0 }
const WORD_BITS = 31

interface Prepared {
  /** Undefined for one that does not fit its table. */
  readonly write: Write | undefined
  readonly reason: CancellationReason
  readonly after: Outcome
}

type Read =
  | { readonly kind: 'write'; readonly write: Write }
  | { readonly kind: 'misfit'; readonly message: string }

function tokenOf({ ClientRequestToken, isOwnToken, ...input }: TransactWriteInput) {
  if (ClientRequestToken === undefined) return undefined
  const token: Token = { text: ClientRequestToken, input: isOwnToken ? undefined : input }
  return token
}

function answerAgain(known: 'running' | 'committed' | 'other'): Answer {
  switch (known) {
    case 'running':
      return { error: stillRunning() }
    case 'committed':
      return DONE
    case 'other':
      return { error: otherRequest() }
  }
}

function readWrites(service: Service, { TransactItems = [] }: TransactWriteInput): Read[] {
  if (TransactItems.length < 1 || TransactItems.length > MOST_ITEMS) {
    throw invalid(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length between 1 and ${MOST_ITEMS}`,
    )
  }
  const unplaced = TransactItems.map((item) => {
    const { tableName, request } = requestOf(item)
    return readWrite(tableOf(service, tableName), request)
  })
  if (unplaced.reduce((sum, { bytes }) => sum + bytes, 0) > MOST_TRANSACTION_BYTES) {
    throw invalid('Transaction items size exceeds the maximum of 4 MB')
  }
  const reads = unplaced.map(fitted)
  const slots = reads.flatMap((read) => (read.kind === 'write' ? [read.write.slot] : []))
  if (new Set(slots).size < slots.length) {
    for (const read of reads) if (read.kind === 'write') tidy(read.write)
    throw invalid('Transaction request cannot include multiple operations on one item')
  }
  return reads
}

/** What the table's keys are is looked at with each item, and is told with it. */
function fitted(write: UnplacedWrite): Read {
  try {
    return { kind: 'write', write: placed(write) }
  } catch (error) {
    if (!(error instanceof DynamoDBServiceException)) throw error
    return { kind: 'misfit', message: error.message }
  }
}

function requestOf(item: TransactWriteItem): {
  tableName: string | undefined
  request: WriteRequest
} {
  const { Put, Update, Delete, ConditionCheck } = item
  if ([Put, Update, Delete, ConditionCheck].filter(Boolean).length !== 1) {
    throw invalid(
      'TransactItems can only contain one of Check, Put, Update or Delete in each of its items',
    )
  }
  if (Put) return { tableName: Put.TableName, request: { ...Put, kind: 'put' } }
  if (Update) return { tableName: Update.TableName, request: { ...Update, kind: 'update' } }
  if (Delete) return { tableName: Delete.TableName, request: { ...Delete, kind: 'delete' } }
  const check = { ...ConditionCheck, Key: ConditionCheck?.Key }
  return { tableName: check.TableName, request: { ...check, kind: 'check' } }
}

function prepare(service: Service, read: Read, hands: object): Prepared {
  if (read.kind === 'misfit') {
    const reason = { Code: 'ValidationError', Message: read.message }
    return { write: undefined, reason, after: NOTHING }
  }
  const { write } = read
  const { slot } = write
  const before = slot.item
  const against = (reason: CancellationReason) => ({ write, reason, after: NOTHING })
  const refusal = reasonAgainst(service, write)
  if (refusal) return against(refusal)
  if (!write.holds(before)) {
    return against({
      Code: 'ConditionalCheckFailed',
      Message: 'The conditional request failed',
      ...(write.showsOld && before && { Item: before }),
    })
  }
  try {
    const after = write.outcome(before)
    slot.heldBy = hands
    return { write, reason: NONE, after }
  } catch (error) {
    if (!(error instanceof DynamoDBServiceException)) throw error
    return against({ Code: 'ValidationError', Message: error.message })
  }
}

function reasonAgainst(service: Service, { slot, bytes }: Write): CancellationReason | undefined {
  const { random, faults } = service
  if (slot.heldBy || random.chance(faults().itemConflict)) return CONFLICT
  if (random.chance(faults().itemThrottled) || !takesWrite(service, slot, { bytes, factor: 2 })) {
    return random.pick([THROTTLED, EXCEEDED])
  }
  return undefined
}

function applySomeEarly(
  service: Service,
  random: Random,
  prepared: readonly Prepared[],
  hands: object,
  afterUs: number,
): void {
  const lot = random.below(2 ** WORD_BITS)
  const early = prepared.filter((_, place) => (lot >> (place % WORD_BITS)) & 1)
  if (early.length === 0) return
  service.after(random.below(afterUs), () => {
    for (const { write, after } of early) {
      if (!write) continue
      apply(service, write, after, hands)
      release(write, hands)
    }
  })
}

function apply(service: Service, { table, slot, isCheck }: Write, after: Outcome, hands: object) {
  if (slot.heldBy === hands && !isCheck) writeSlot(service, table, slot, after)
}

function release(write: Write, hands: object): void {
  if (write.slot.heldBy === hands) write.slot.heldBy = undefined
  tidy(write)
}

function tidy({ table, slot }: Write): void {
  table.shelf.tidy(slot)
}
