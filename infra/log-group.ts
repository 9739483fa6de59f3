import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { removalPolicyOf } from './removal-policy.ts'
import type { Settings } from './settings.ts'

/** Every log is kept as long as all others of its stage. */
export function createLogGroup(
  scope: Construct,
  id: string,
  { stage, logRetentionDays }: Pick<Settings, 'stage' | 'logRetentionDays'>,
): LogGroup {
  return new LogGroup(scope, id, {
    retention: logRetentionDays,
    removalPolicy: removalPolicyOf(stage),
  })
}
