import { randomUUID } from 'node:crypto'
import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { MetricUnit } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { CANARY_METRICS } from '../../lib/smoke/canary-metrics.ts'
import { type Walk, walk } from '../../lib/smoke/walk.ts'
import { createMetrics } from '../metrics.ts'
import { setting } from '../settings.ts'
import { keyFromEnvironment } from './key.ts'

const url = setting('CANARY_URL')
const readKey = keyFromEnvironment()
const logger = new Logger()
const metrics = createMetrics()

const ASSET = 'CANARY'
const TIMEOUT_MS = 10_000
const NO_KEY =
  'The canary has no key yet: npm run keys -- create canary --secret (the output ApiKeysSecretArn) --into (the output CanaryKeySecretArn) --scopes wallet:read,wallet:credit,wallet:debit,wallet:reverse'

/**
 * What a player would notice, noticed first: a walk through the door by its URL. One that fails is a metric and a line
 * in the log, and no error of this function: that it runs is one thing, and what it finds another.
 */
async function sing(): Promise<Pick<Walk, 'isOk'>> {
  const walked = await tryToWalk()
  metrics.addMetric(CANARY_METRICS.runs, MetricUnit.Count, 1)
  metrics.addMetric(CANARY_METRICS.failures, MetricUnit.Count, walked?.isOk ? 0 : 1)
  if (walked?.isOk) metrics.addMetric(CANARY_METRICS.latency, MetricUnit.Milliseconds, walked.ms)
  metrics.publishStoredMetrics()
  return { isOk: walked?.isOk ?? false }
}

async function tryToWalk(): Promise<Walk | undefined> {
  const key = await readKey().catch((error) => {
    logger.error('the key of the canary cannot be read', { error })
  })
  if (!key) {
    logger.error(NO_KEY)
    return undefined
  }
  // A wallet that is closed is kept for ever, so one serves for a day and is only emptied.
  const walletId = `canary-${new Date().toISOString().slice(0, 10)}`
  const walked = await walk({
    ...{ url, walletId, asset: ASSET, timeoutMs: TIMEOUT_MS },
    credentials: { kind: 'key', key },
    name: `${walletId}-${randomUUID()}`,
    closes: false,
  })
  report(walletId, walked)
  return walked
}

function report(walletId: string, { isOk, steps, ms }: Walk): void {
  if (isOk) {
    logger.info('the walk is as it has to be', { walletId, ms })
    return
  }
  const failed = steps.filter(({ outcome }) => outcome === 'failed')
  logger.error('the walk is not as it has to be', { walletId, ms, failed })
}

export const handler = middy<unknown, Pick<Walk, 'isOk'>, Error, Context>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(sing)
