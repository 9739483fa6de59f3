import { RemovalPolicy } from 'aws-cdk-lib'
import type { Stage } from './settings.ts'

/** What prod has is kept, whatever becomes of its stack; what dev has goes with it. */
export function removalPolicyOf(stage: Stage): RemovalPolicy {
  return stage === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY
}
