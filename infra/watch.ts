import { Duration } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import { auditAccess } from './audit-access.ts'
import type { AddFunction, ServiceFunction } from './constructs/service-function.ts'
import { ledgerAccess } from './ledger-access.ts'
import { createSchedule } from './schedule.ts'

const EVERY = Duration.minutes(5)

/** It reads 32 sums of each asset, side by side: hundreds of assets fit, and a look is over before the next one. */
const TIMEOUT = Duration.minutes(2)

export interface WatchProps {
  readonly addFunction: AddFunction
  readonly ledger: TableV2
  readonly audit: TableV2
}

/** Looks at the books every few minutes: what is wrong there would otherwise be seen by who asks for it. */
export function createWatch(
  scope: Construct,
  { addFunction, ledger, audit }: WatchProps,
): ServiceFunction {
  const watch = addFunction('watch', {
    description: 'Looks at the books, and tells what they say',
    timeout: TIMEOUT,
    environment: { LEDGER_TABLE: ledger.tableName, AUDIT_TABLE: audit.tableName },
    access: [...ledgerAccess('watch', ledger), ...auditAccess('watch', audit)],
  })
  createSchedule(scope, 'WatchSchedule', {
    description: 'Looks at the books',
    every: EVERY,
    target: watch.live,
  })
  return watch
}
