import {
  type CancellationReason,
  DynamoDBServiceException,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb'
import type { Random } from '../../random.ts'
import type { Fault } from '../../tally.ts'
import { cancelled, invalid, otherRequest, stillRunning } from '../errors.ts'
import { type Answer, type Handle, type Service, tableOf, writeSlot } from '../service.ts'
import type { Slot } from '../shelf.ts'
import { takesWrite } from '../throughput.ts'
import type { Token } from '../tokens.ts'
import { holds, type Outcome, outcomeOf, readWrite, slotFor, type Write } from '../writes.ts'
import {
  CONFLICT,
  EXCEEDED,
  MOST_ITEMS,
  MOST_TRANSACTION_BYTES,
  NONE,
  THROTTLED,
} from './transaction.ts'

export interface TransactWriteInput {
  readonly TransactItems: readonly TransactWriteItem[]
  readonly token: Token
}

/**
 * First every item is looked at and taken in hand; if one of them cannot be, nothing happens. From then on it is
 * certain that all are written, but not at one moment: somebody who reads them one by one may see some as they were.
 */
export const transactWriteItems: Handle<TransactWriteInput> = (service, input, respond) => {
  const { TransactItems, token } = input
  const { random, faults, tally, tokens } = service
  const known = tokens.look(token, TransactItems)
  if (known !== 'new') {
    respond(answerAgain(known))
    return 0
  }
  const parts = readParts(service, TransactItems)
  const { transactionUs, slowTransaction } = faults()
  const isSlow = tally.strikes('a transaction took seconds', random.chance(slowTransaction.chance))
  const slowUs = isSlow ? random.between(slowTransaction.byUs) : 0
  const afterUs = random.between(transactionUs) + slowUs

  const hands = {}
  for (const part of parts) prepare(service, part, hands)
  const isCancelled = parts.some(({ reason }) => reason !== NONE)
  tokens.begin(token, TransactItems)
  const finish = () => {
    for (const part of parts) {
      if (!isCancelled) apply(service, part, hands)
      release(part, hands)
    }
    tokens.end(token, !isCancelled)
    respond(isCancelled ? { error: cancelled(parts.map(({ reason }) => reason)) } : DONE)
  }
  if (afterUs === 0) {
    finish()
    return 0
  }
  if (!isCancelled) applySomeEarly(service, random, parts, hands, afterUs)
  service.after(afterUs, finish)
  return afterUs
}

const DONE: Answer = { output: {} }
const NOTHING: Outcome = { item: undefined, bytes: 0 }
const WORD_BITS = 31

/** One of a transaction, and how it stands with it. */
interface Part {
  readonly write: Write
  /** Undefined where it does not fit its table. */
  slot: Slot | undefined
  reason: CancellationReason
  after: Outcome
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

function readParts(service: Service, items: readonly TransactWriteItem[]): Part[] {
  if (items.length < 1 || items.length > MOST_ITEMS) {
    throw invalid(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length between 1 and ${MOST_ITEMS}`,
    )
  }
  const parts = items.map((item): Part => {
    return { write: writeOf(service, item), slot: undefined, reason: NONE, after: NOTHING }
  })
  if (parts.reduce((sum, { write }) => sum + write.bytes, 0) > MOST_TRANSACTION_BYTES) {
    throw invalid('Transaction items size exceeds the maximum of 4 MB')
  }
  const slots = new Set<Slot>()
  let placed = 0
  for (const part of parts) {
    place(part)
    if (!part.slot) continue
    slots.add(part.slot)
    placed += 1
  }
  if (slots.size < placed) {
    for (const part of parts) tidy(part)
    throw invalid('Transaction request cannot include multiple operations on one item')
  }
  return parts
}

/** What the table's keys are is looked at with each item, and is told with it. */
function place(part: Part): void {
  try {
    part.slot = slotFor(part.write)
  } catch (error) {
    refuse(part, error)
  }
}

function refuse(part: Part, error: unknown): void {
  if (!(error instanceof DynamoDBServiceException)) throw error
  part.reason = { Code: 'ValidationError', Message: error.message }
}

function writeOf(service: Service, item: TransactWriteItem): Write {
  const { Put, Update, Delete, ConditionCheck } = item
  const request = Put ?? Update ?? Delete ?? ConditionCheck
  const count = (Put ? 1 : 0) + (Update ? 1 : 0) + (Delete ? 1 : 0) + (ConditionCheck ? 1 : 0)
  if (!request || count > 1) {
    throw invalid(
      'TransactItems can only contain one of Check, Put, Update or Delete in each of its items',
    )
  }
  const table = tableOf(service, request.TableName)
  if (Put) return readWrite(table, 'put', Put.Item, Put)
  if (Update) return readWrite(table, 'update', Update.Key, Update)
  return readWrite(table, Delete ? 'delete' : 'check', (Delete ?? ConditionCheck)?.Key, request)
}

function prepare(service: Service, part: Part, hands: object): void {
  const { write, slot } = part
  if (!slot) return
  const before = slot.item
  const refusal = reasonAgainst(service, slot, write.bytes)
  if (refusal) {
    part.reason = refusal
  } else if (!holds(write.expressions, before)) {
    part.reason = {
      Code: 'ConditionalCheckFailed',
      Message: 'The conditional request failed',
      ...(write.showsOld && before && { Item: before }),
    }
  } else {
    take(part, slot, hands)
  }
}

function take(part: Part, slot: Slot, hands: object): void {
  try {
    part.after = outcomeOf(part.write, slot.item)
    slot.heldBy = hands
  } catch (error) {
    refuse(part, error)
  }
}

function reasonAgainst(
  service: Service,
  slot: Slot,
  bytes: number,
): CancellationReason | undefined {
  const { random, faults, tally } = service
  const { itemConflict, itemThrottled } = faults()
  const draw = (fault: Fault, chance: number) => tally.strikes(fault, random.chance(chance))
  if (
    tally.strikes('an item of a transaction was held by another one', slot.heldBy !== undefined)
  ) {
    return CONFLICT
  }
  if (draw('an item of a transaction was said to be in conflict', itemConflict)) return CONFLICT
  const isThrottled = draw('an item of a transaction was throttled', itemThrottled)
  if (isThrottled || !takesWrite(service, slot, { bytes, factor: 2 })) {
    return random.pick([THROTTLED, EXCEEDED])
  }
  return undefined
}

function applySomeEarly(
  service: Service,
  random: Random,
  parts: readonly Part[],
  hands: object,
  afterUs: number,
): void {
  const lot = random.below(2 ** WORD_BITS)
  const early = parts.filter((_, place) => (lot >> (place % WORD_BITS)) & 1)
  if (early.length === 0) return
  service.after(random.below(afterUs), () => {
    for (const part of early) {
      apply(service, part, hands)
      release(part, hands)
    }
  })
}

function apply(service: Service, { write, slot, after }: Part, hands: object): void {
  if (slot?.heldBy === hands && write.kind !== 'check') writeSlot(service, write.table, slot, after)
}

function release(part: Part, hands: object): void {
  if (part.slot?.heldBy === hands) part.slot.heldBy = undefined
  tidy(part)
}

function tidy({ write, slot }: Part): void {
  if (slot) write.table.shelf.tidy(slot)
}
