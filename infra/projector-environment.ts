import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { EventBus } from 'aws-cdk-lib/aws-events'
import { eventSource } from './events.ts'
import type { Settings } from './settings.ts'

export interface ProjectorTargets {
  readonly ledger: TableV2
  readonly audit: TableV2
  readonly bus: EventBus
}

/**
 * What functions/projector.ts asks for. The same for all who project: what is replayed by hand is
 * told as the stream would have told it, and flagged by the same rules.
 */
export function projectorEnvironment(
  settings: Settings,
  { ledger, audit, bus }: ProjectorTargets,
): Record<string, string> {
  return {
    LEDGER_TABLE: ledger.tableName,
    AUDIT_TABLE: audit.tableName,
    EVENT_BUS: bus.eventBusName,
    EVENT_SOURCE: eventSource(settings.stage),
    ...configured('RAPID_WITHDRAWALS_COUNT', settings.rapidWithdrawalsCount),
    ...configured('RAPID_WITHDRAWALS_WITHIN_MS', settings.rapidWithdrawalsWithinMs),
    ...configured('LARGE_WITHDRAWAL_AMOUNT', settings.largeWithdrawalAmount),
  }
}

function configured(name: string, value: number | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: String(value) }
}
