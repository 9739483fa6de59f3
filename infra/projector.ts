import type { EventBus } from 'aws-cdk-lib/aws-events'
import { eventSource } from './events.ts'
import type { Settings } from './settings.ts'

/**
 * What functions/projector.ts asks for besides the tables. The same for all who project: what is replayed by hand is
 * told as the stream would have told it, and flagged by the same rules.
 */
export function projectorEnvironment(
  settings: Settings,
  { eventBusName }: Pick<EventBus, 'eventBusName'>,
): Record<string, string> {
  return {
    EVENT_BUS: eventBusName,
    EVENT_SOURCE: eventSource(settings.stage),
    ...configured('RAPID_WITHDRAWALS_COUNT', settings.rapidWithdrawalsCount),
    ...configured('RAPID_WITHDRAWALS_WITHIN_MS', settings.rapidWithdrawalsWithinMs),
    ...configured('LARGE_WITHDRAWAL_AMOUNT', settings.largeWithdrawalAmount),
  }
}

function configured(name: string, value: number | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: String(value) }
}
