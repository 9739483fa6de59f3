import { realEffects } from '../lib/ledger/effects.ts'
import { type Ledger, openLedger } from '../lib/ledger/ledger.ts'
import { openDynamoDb } from '../lib/store/client.ts'
import { openLedgerStore } from '../lib/store/ledger-store.ts'
import { setting } from './settings.ts'

/** One for each function instance, kept while it is warm. */
export function ledgerFromEnvironment(): Ledger {
  const store = openLedgerStore({ client: openDynamoDb(), tableName: setting('LEDGER_TABLE') })
  return openLedger(store, realEffects)
}
