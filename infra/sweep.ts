import { Duration } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import type { AddFunction, ServiceFunction } from './constructs/service-function.ts'
import { ledgerAccess } from './ledger-access.ts'
import { createSchedule } from './schedule.ts'

const EVERY = Duration.minutes(1)

/** So that a run is over when the next one starts: longer, and they would do the same work side by side. */
const TIMEOUT = EVERY

/** Its turn comes also when all else is busy; a second run would do the same work. */
const AT_ONCE = 1

export interface SweepProps {
  readonly addFunction: AddFunction
  readonly ledger: TableV2
}

/** Two runs at once are safe: a hold is released under a key of its own, so they make one transaction of it. */
export function createSweep(
  scope: Construct,
  { addFunction, ledger }: SweepProps,
): ServiceFunction {
  const sweep = addFunction('sweep', {
    description: 'Gives back what is held by holds whose time is over',
    timeout: TIMEOUT,
    environment: { LEDGER_TABLE: ledger.tableName },
    access: ledgerAccess('sweep', ledger),
    reservedConcurrency: AT_ONCE,
  })
  createSchedule(scope, 'SweepSchedule', {
    description: 'Gives back what is held by holds whose time is over',
    every: EVERY,
    target: sweep.live,
  })
  return sweep
}
