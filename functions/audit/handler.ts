import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { MetricUnit } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda'
import { type Audited, auditRecords } from '../../lib/audit/audit-records.ts'
import { realEffects } from '../../lib/ledger/effects.ts'
import { createMetrics } from '../metrics.ts'
import { projectorFromEnvironment } from '../projector.ts'

const projector = projectorFromEnvironment()
const logger = new Logger()
const metrics = createMetrics()

/** Woken by the ledger's stream. What could not be done for want of a database comes again; poison does not. */
async function audit({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const { now, sleep } = realEffects
  const audited = await auditRecords(
    { projector, now, sleep, onParked: (error) => logger.error('a record was parked', { error }) },
    Records,
  )
  for (const { walletId, asset, reason } of audited.unexplained) {
    logger.critical('a balance changed and no entry says why', { walletId, asset, reason })
  }
  publish(audited)
  return { batchItemFailures: audited.failed.map((itemIdentifier) => ({ itemIdentifier })) }
}

function publish({ projected, parked, unexplained, failed }: Audited): void {
  metrics.addMetric('EntriesProjected', MetricUnit.Count, projected)
  metrics.addMetric('RecordsParked', MetricUnit.Count, parked)
  metrics.addMetric('RecordsToComeAgain', MetricUnit.Count, failed.length)
  metrics.addMetric('UnexplainedChanges', MetricUnit.Count, unexplained.length)
  metrics.publishStoredMetrics()
}

export const handler = middy<DynamoDBStreamEvent, DynamoDBBatchResponse, Error, Context>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(audit)
