import { realEffects } from '../lib/ledger/effects.ts'
import { createKnownBalances, MOST_KEPT_BALANCES } from '../lib/ledger/known-balances.ts'
import { type Ledger, openLedger } from '../lib/ledger/ledger.ts'
import { invariant } from '../lib/money/invariant.ts'
import { openDynamoDb } from '../lib/store/client.ts'
import { openLedgerStore } from '../lib/store/ledger-store.ts'
import { optional, setting } from './settings.ts'

/** One for each function instance, kept while it is warm. */
export function ledgerFromEnvironment(): Ledger {
  const store = openLedgerStore({ client: openDynamoDb(), tableName: setting('LEDGER_TABLE') })
  const mostKept = Number(optional('KNOWN_BALANCES') ?? MOST_KEPT_BALANCES)
  invariant(mostKept >= 0, 'KNOWN_BALANCES is a number from 0 on')
  return openLedger(store, realEffects, createKnownBalances({ ...realEffects, mostKept }))
}
