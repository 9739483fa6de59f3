import type { App } from 'aws-cdk-lib'
import { DataStack } from './data-stack.ts'
import { ServiceStack } from './service-stack.ts'
import type { Settings } from './settings.ts'

/** All that is deployed. The data has a stack of its own, so that replacing the service cannot touch it. */
export function buildStrongbox(app: App, settings: Settings) {
  const { stage } = settings
  const data = new DataStack(app, `strongbox-${stage}-data`, { stage })
  const service = new ServiceStack(app, `strongbox-${stage}-service`, {
    settings,
    ledger: data.ledger,
    audit: data.audit,
    failedRecords: data.failedRecords,
    apiKeys: data.apiKeys,
  })
  return { data, service }
}
