import type { TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb'
import { decide, type LedgerState } from '../../lib/ledger/decide.ts'
import { prepare } from '../../lib/ledger/prepare.ts'
import { verbCommand } from '../../lib/ledger/verbs.ts'
import { toAmount } from '../../lib/money/amount.ts'
import type { Balance } from '../../lib/money/balance.ts'
import { balanceName } from '../../lib/money/posting.ts'
import { commitWrites } from '../../lib/store/commit.ts'

const AMOUNT = toAmount(1)

/** The transactions of so many spends of a wallet, one after the other, without sending them. */
export function planSpends(
  tableName: string,
  balance: Balance,
  count: number,
): TransactWriteItemsCommandInput[] {
  const { walletId, asset } = balance
  const command = verbCommand('spend', { walletId, asset, amount: AMOUNT })
  let latest = balance
  return Array.from({ length: count }, (_, number) => {
    const key = `ahead ${walletId} ${number}`
    const origin = { client: 'server:bench', idempotencyKey: key, requestId: key }
    const state: LedgerState = {
      subject: {},
      assets: new Set([asset]),
      balances: new Map([[balanceName(latest), latest]]),
      wallets: new Map(),
    }
    const decision = decide(prepare(command, origin), state, Date.now())
    if (decision.kind !== 'commit') throw new Error(`a spend was ${decision.kind}`)
    latest = decision.commit.changes[0]?.after ?? latest
    return { TransactItems: commitWrites(tableName, decision.commit) }
  })
}
