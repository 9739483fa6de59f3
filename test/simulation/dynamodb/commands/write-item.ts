import type {
  DeleteItemCommandInput,
  PutItemCommandInput,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { conditionFailed, inTransaction, overloaded } from '../errors.ts'
import { type Answer, type Respond, type Service, tableOf, writeSlot } from '../service.ts'
import type { Slot } from '../shelf.ts'
import { takesWrite } from '../throughput.ts'
import type { Item } from '../values.ts'
import { holds, outcomeOf, readWrite, slotFor, type Write } from '../writes.ts'

type Input = PutItemCommandInput | UpdateItemCommandInput | DeleteItemCommandInput

/** A write of one item. It waits for nobody: where a transaction has the item, it is refused. */
export function writeItem(
  service: Service,
  kind: 'put' | 'update' | 'delete',
  input: Input,
  respond: Respond,
): number {
  const given = 'Item' in input ? input.Item : 'Key' in input ? input.Key : undefined
  const write = readWrite(tableOf(service, input.TableName), kind, given, input)
  const slot = slotFor(write)
  const returns = input.ReturnValues ?? 'NONE'
  const { bytes } = write
  if (!takesWrite(service, slot, { bytes, factor: 1 })) {
    write.table.shelf.tidy(slot)
    respond({ error: overloaded(service.random) })
    return 0
  }
  const afterUs = service.random.between(service.faults().writeUs)
  if (afterUs === 0) {
    respond(answerOf(service, write, slot, returns))
    return 0
  }
  // From here on, whoever reads it in a transaction is in its way.
  slot.pending += 1
  service.after(afterUs, () => {
    slot.pending -= 1
    respond(answerOf(service, write, slot, returns))
  })
  return afterUs
}

function answerOf(service: Service, write: Write, slot: Slot, returns: string): Answer {
  const { table } = write
  const before = slot.item
  try {
    if (slot.heldBy) throw inTransaction()
    if (!holds(write.expressions, before))
      throw conditionFailed(write.showsOld ? before : undefined)
    const after = outcomeOf(write, before)
    writeSlot(service, table, slot, after)
    return { output: returned(returns, before, after.item) }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { error }
  } finally {
    table.shelf.tidy(slot)
  }
}

function returned(returns: string, before: Item | undefined, after: Item | undefined): object {
  switch (returns) {
    case 'NONE':
      return {}
    case 'ALL_OLD':
      return before ? { Attributes: before } : {}
    case 'ALL_NEW':
      return after ? { Attributes: after } : {}
    default:
      throw new Error(`not simulated: ReturnValues ${returns}`)
  }
}
