import { balanceName } from '../money/posting.ts'
import { type TransactionId, transactionId } from '../money/transaction.ts'
import { type Command, fingerprint, type Origin } from './command.ts'
import type { SubjectName } from './operations/operation.ts'
import { subjectOf, touchedBy } from './operations/resolve.ts'

/** Everything about a request that does not depend on the state of the ledger. Computed once, however often it is tried. */
export interface PreparedRequest {
  readonly command: Command
  readonly client: string
  readonly requestId: string
  readonly id: TransactionId
  readonly fingerprint: string
  readonly subject: SubjectName
  /** Requests of one process that share a key run one after the other. */
  readonly lockKeys: readonly string[]
}

export function prepare(
  command: Command,
  { client, idempotencyKey, requestId }: Origin,
): PreparedRequest {
  return {
    command,
    client,
    requestId,
    id: transactionId(client, idempotencyKey),
    fingerprint: fingerprint(command),
    subject: subjectOf(command),
    lockKeys: lockKeysOf(command),
  }
}

/** The balances, or the item that says which balances. */
function lockKeysOf(command: Command): string[] {
  switch (command.type) {
    case 'CAPTURE':
    case 'VOID':
    case 'EXPIRE':
      // A sweeper that releases many holds of one wallet would conflict with itself on the balance.
      return [command.walletId]
    case 'REVERSE':
      return [command.transactionId]
    default:
      return touchedBy(command, {}).map(balanceName)
  }
}
