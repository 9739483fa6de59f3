import { Logger } from '@aws-lambda-powertools/logger'
import { type Identify, identifyEverybody, identifyNobody } from '../lib/http/caller.ts'
import { realEffects } from '../lib/ledger/effects.ts'
import { type Ledger, openLedger } from '../lib/ledger/ledger.ts'
import { openDynamoDb } from '../lib/store/client.ts'
import { openLedgerStore } from '../lib/store/ledger-store.ts'

/** What every function makes once, when its instance starts. Settings come from the environment only. */

export function ledgerFromEnvironment(): Ledger {
  const store = openLedgerStore({ client: openDynamoDb(), tableName: setting('LEDGER_TABLE') })
  return openLedger(store, realEffects)
}

export function apiOptionsFromEnvironment(): { identify: Identify; logger: Logger } {
  // Closed unless somebody opens it on purpose, so that nothing is ever deployed open by a forgotten setting.
  const isOpen = process.env['STRONGBOX_AUTH'] === 'open'
  return { identify: isOpen ? identifyEverybody : identifyNobody, logger: new Logger() }
}

export function setting(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`the environment variable ${name} is not set`)
  return value
}
