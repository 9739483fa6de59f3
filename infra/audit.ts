import { Duration } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { EventBus } from 'aws-cdk-lib/aws-events'
import type { Construct } from 'constructs'
import type { AddAlarm } from './alarms/alarms.ts'
import { createAuditAlarms } from './alarms/audit-alarms.ts'
import { auditAccess } from './audit-access.ts'
import type { AddFunction, ServiceFunction } from './constructs/service-function.ts'
import { publishingAccess } from './events.ts'
import { ledgerAccess } from './ledger-access.ts'
import { followLedger, type LedgerStream, streamAccess } from './ledger-stream.ts'
import { breaksRule } from './rules-of-aws.ts'
import type { Stage } from './settings.ts'

/**
 * So that it can say itself which records should come again: a function that runs out of time cannot, and all of
 * them do. A batch is a hundred balances at most, 16 side by side, so seven rounds. Where DynamoDB or EventBridge hangs,
 * each round ends with the first request that has used up its attempts, after 8 s or 12 s; with one request before
 * and one after all rounds, that is 100 s.
 */
const TIMEOUT = Duration.minutes(2)

export interface AuditProps extends LedgerStream {
  readonly addFunction: AddFunction
  readonly addAlarm: AddAlarm
  readonly stage: Stage
  readonly audit: TableV2
  readonly bus: EventBus
  readonly environment: Readonly<Record<string, string>>
}

/** What follows the ledger, checks it, and tells of it. */
export function createAudit(
  scope: Construct,
  { addFunction, addAlarm, stage, audit, bus, environment, ...stream }: AuditProps,
): void {
  const auditor = addFunction('audit', {
    description: 'Follows the ledger: projects it, looks for fraud, and tells what happened',
    timeout: TIMEOUT,
    environment,
    access: [
      ...ledgerAccess('audit', stream.ledger),
      ...auditAccess('audit', audit),
      publishingAccess(bus),
      ...streamAccess(stream),
    ],
  })
  acceptWildcards(auditor, stage)
  createAuditAlarms(addAlarm, stage, auditor, followLedger(scope, auditor.live, stream))
}

/** As the CDK names what one stack takes from the other: another id of that bucket, and a rule is broken here. */
const OBJECTS = 'ExportsOutputFnGetAttFailedRecordsDEC8AD7EArn0700AC87/*'

function acceptWildcards(auditor: ServiceFunction, stage: Stage): void {
  breaksRule(auditor, 'IAM5[Resource::*]', 'To list streams, IAM knows nothing smaller.')
  breaksRule(
    auditor,
    `IAM5[Resource::strongbox-${stage}-data:${OBJECTS}]`,
    'Lambda chooses the names of the records that it keeps there, and may do nothing but put them.',
  )
}
