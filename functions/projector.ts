import { walletFrozen } from '../lib/audit/events-of-wallet.ts'
import type { Projector } from '../lib/audit/projector.ts'
import { type Publisher, publishNothing, tellPublisher } from '../lib/audit/publish.ts'
import { openEventBridge, publishToEventBridge } from '../lib/audit/publish-to-eventbridge.ts'
import { allRules, DEFAULT_THRESHOLDS, type Thresholds } from '../lib/audit/rules/all.ts'
import { type AuditTable, openAuditTable } from '../lib/audit/table/audit-table.ts'
import { openDynamoDb } from '../lib/store/client.ts'
import { openLedgerStore } from '../lib/store/ledger-store.ts'
import { optional, setting } from './settings.ts'

/** What the functions of the audit make once, when their instance starts. */

export function auditTableFromEnvironment(): AuditTable {
  return openAuditTable({ client: openDynamoDb(), tableName: setting('AUDIT_TABLE') })
}

export function projectorFromEnvironment(): Projector {
  const source = optional('EVENT_SOURCE') ?? 'strongbox'
  const publish = publisher()
  return {
    ledger: openLedgerStore({ client: openDynamoDb(), tableName: setting('LEDGER_TABLE') }),
    table: auditTableFromEnvironment(),
    rules: allRules(thresholdsFromEnvironment()),
    tell: tellPublisher(source, publish),
    tellOfWallet: async (record) => {
      const event = walletFrozen(source, record)
      if (event) await publish([event])
    },
  }
}

function publisher(): Publisher {
  const busName = optional('EVENT_BUS')
  return busName ? publishToEventBridge({ client: openEventBridge(), busName }) : publishNothing
}

export function thresholdsFromEnvironment(): Thresholds {
  const { rapidWithdrawals, largeWithdrawal } = DEFAULT_THRESHOLDS
  return {
    rapidWithdrawals: {
      count: Number(optional('RAPID_WITHDRAWALS_COUNT') ?? rapidWithdrawals.count),
      withinMs: Number(optional('RAPID_WITHDRAWALS_WITHIN_MS') ?? rapidWithdrawals.withinMs),
    },
    largeWithdrawal: {
      amount: Number(optional('LARGE_WITHDRAWAL_AMOUNT') ?? largeWithdrawal.amount),
    },
  }
}
