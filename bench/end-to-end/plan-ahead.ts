import {
  type DynamoDBClient,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb'
import { realEffects } from '../../lib/ledger/effects.ts'
import { createKnownBalances } from '../../lib/ledger/known-balances.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { verbCommand } from '../../lib/ledger/verbs.ts'
import { toAmount } from '../../lib/money/amount.ts'
import type { Balance } from '../../lib/money/balance.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'

const AMOUNT = toAmount(1)

/** What so many spends of a wallet would send, one after the other, without sending it. */
export async function planSpends(
  tableName: string,
  balance: Balance,
  count: number,
): Promise<TransactWriteItemsCommandInput[]> {
  const planned: TransactWriteItemsCommandInput[] = []
  const memory = createKnownBalances({ now: realEffects.now, keptForMs: Number.POSITIVE_INFINITY })
  const store = openLedgerStore({ client: writingDown(planned), tableName })
  const ledger = openLedger(store, realEffects, memory)
  const { walletId, asset } = balance
  ledger.knownAssets.add(asset)
  memory.learn([balance])
  for (let number = 0; number < count; number += 1) {
    const key = `ahead ${walletId} ${number}`
    const origin = { client: 'server:bench', idempotencyKey: key, requestId: key }
    const command = verbCommand('spend', { walletId, asset, amount: AMOUNT })
    const { kind } = await post(ledger, command, origin)
    if (kind !== 'posted') throw new Error(`a spend was ${kind}`)
  }
  if (planned.length !== count) throw new Error(`${planned.length} transactions, and not ${count}`)
  return planned
}

/** All goes well, and nothing happens. */
function writingDown(planned: TransactWriteItemsCommandInput[]): Pick<DynamoDBClient, 'send'> {
  const send = async (command: object) => {
    if (!(command instanceof TransactWriteItemsCommand)) throw new Error('it should know the rest')
    planned.push(command.input)
    return { $metadata: {} }
  }
  // The SDK's own `send` is overloaded for callbacks, too; nobody here uses them.
  const blank: DynamoDBClient = Object.create(null)
  return Object.assign(blank, { send })
}
