import type { App } from 'aws-cdk-lib'
import { DataStack } from './data-stack.ts'
import { ServiceStack } from './service-stack.ts'
import type { Stage } from './stage.ts'

/** All that is deployed. The data has a stack of its own, so that replacing the service cannot touch it. */
export function buildStrongbox(app: App, stage: Stage) {
  const data = new DataStack(app, `strongbox-${stage}-data`, { stage })
  const service = new ServiceStack(app, `strongbox-${stage}-service`, {
    stage,
    ledger: data.ledger,
  })
  return { data, service }
}
