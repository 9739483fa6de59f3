import { Duration } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { type AddAlarm, anyIn } from './alarms/alarms.ts'
import type { AddFunction } from './constructs/service-function.ts'
import { eventSource } from './events.ts'
import { ledgerAccess } from './ledger-access.ts'
import { createDeadLetters } from './queues.ts'
import type { Stage } from './settings.ts'

/** As a freeze by hand: it begins tries for 8 s, and each request of the last one may use up its 2 attempts of 4 s. */
const TIMEOUT = Duration.seconds(28)

/** Flags are rare. Where they are not, something else is wrong, and money should still move. */
const MOST_AT_ONCE = 5

/** The most that Lambda does; it waits one minute, and then two. */
const RETRIES = 2
/** Later, a person has looked at the flag, and a wallet that was released must not be frozen once more. */
const FLAG_COUNTS_FOR = Duration.hours(1)

export interface AutoFreezeProps {
  readonly addFunction: AddFunction
  readonly addAlarm: AddAlarm
  readonly stage: Stage
  readonly ledger: TableV2
  readonly bus: EventBus
}

/** Freezes what is flagged. EventBridge may fail to call the function, and the function may fail: both are kept. */
export function createAutoFreeze(
  scope: Construct,
  { addFunction, addAlarm, stage, ledger, bus }: AutoFreezeProps,
): void {
  const missed = createDeadLetters(scope, 'MissedFreezes', stage)
  const freeze = addFunction('freeze', {
    description: 'Freezes the wallet that a flag is about',
    timeout: TIMEOUT,
    reservedConcurrency: MOST_AT_ONCE,
    environment: { LEDGER_TABLE: ledger.tableName },
    access: [
      ...ledgerAccess('freeze', ledger),
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [missed.queueArn] }),
    ],
  })
  freeze.live.configureAsyncInvoke({
    retryAttempts: RETRIES,
    maxEventAge: FLAG_COUNTS_FOR,
    onFailure: { bind: () => ({ destination: missed.queueArn }) },
  })
  new Rule(scope, 'FreezeFlagged', {
    description: 'Freezes the wallet that a flag is about',
    eventBus: bus,
    eventPattern: { source: [eventSource(stage)], detailType: ['fraud.flagged'] },
    targets: [
      new LambdaFunction(freeze.live, { deadLetterQueue: missed, maxEventAge: FLAG_COUNTS_FOR }),
    ],
  })
  addAlarm({
    ...anyIn(missed),
    id: 'FreezeMissed',
    says: 'A wallet was flagged, and could not be frozen.',
  })
}
