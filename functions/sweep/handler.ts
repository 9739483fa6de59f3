import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { MetricUnit } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { type Swept, sweepHolds } from '../../lib/ledger/sweep.ts'
import { fellShort, SWEEP_METRICS } from '../../lib/ledger/sweep-metrics.ts'
import { ledgerFromEnvironment } from '../ledger.ts'
import { createMetrics } from '../metrics.ts'

const ledger = ledgerFromEnvironment()
const logger = new Logger()
const metrics = createMetrics()

/** A release tries for 8 s, and DynamoDB may take its time over the last try. */
const LAST_RELEASE_MS = 25_000

/** Runs on a schedule. What one run leaves, for want of time or because it failed, the next one finds. */
async function sweep(_: unknown, context: Context): Promise<Swept> {
  const stopAtMs = ledger.effects.now() + context.getRemainingTimeInMillis() - LAST_RELEASE_MS
  const swept = await sweepHolds(ledger, {
    stopAtMs,
    requestId: context.awsRequestId,
    onError: (error) => logger.error('a hold was not released', { error }),
  })
  logger.info('swept', { ...swept })
  metrics.addMetric(SWEEP_METRICS.released, MetricUnit.Count, swept.released)
  metrics.addMetric(SWEEP_METRICS.fellShort, MetricUnit.Count, fellShort(swept) ? 1 : 0)
  metrics.publishStoredMetrics()
  return swept
}

export const handler = middy<unknown, Swept, Error, Context>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(sweep)
