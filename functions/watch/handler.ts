import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { MetricUnit } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { type Books, readBooks } from '../../lib/audit/books.ts'
import { imbalance, type SupplyChange } from '../../lib/audit/supply.ts'
import { WATCH_METRICS } from '../../lib/audit/watch-metrics.ts'
import { openDynamoDb } from '../../lib/store/client.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { createMetrics } from '../metrics.ts'
import { auditTableFromEnvironment } from '../projector.ts'
import { setting } from '../settings.ts'

const store = openLedgerStore({ client: openDynamoDb(), tableName: setting('LEDGER_TABLE') })
const audit = auditTableFromEnvironment()
const logger = new Logger()
const metrics = createMetrics()

/** CloudWatch asks for money for each value of a dimension: those that come first by name are drawn, all are checked. */
const DRAWN_ASSETS = 20

export interface Watched {
  readonly unbalanced: readonly string[]
}

/** Looks at the books, so that somebody is told of what is wrong in them before anybody asks. */
async function watch(): Promise<Watched> {
  const books = await readBooks({ store, audit })
  const unbalanced = Array.from(books.supplies).filter(([, supply]) => imbalance(supply) !== 0n)
  for (const [asset, supply] of unbalanced) {
    logger.critical('an asset is not balanced', { asset, ...numbersOf(supply) })
  }
  publish(books, unbalanced.length)
  publishAssets(books)
  return { unbalanced: unbalanced.map(([asset]) => asset) }
}

function publish({ progress, deadLetters, openFlags }: Books, unbalanced: number): void {
  metrics.addMetric(WATCH_METRICS.runs, MetricUnit.Count, 1)
  metrics.addMetric(WATCH_METRICS.unbalancedAssets, MetricUnit.Count, unbalanced)
  metrics.addMetric(WATCH_METRICS.openDeadLetters, MetricUnit.Count, deadLetters)
  metrics.addMetric(WATCH_METRICS.openFlags, MetricUnit.Count, openFlags)
  if (progress) {
    const { changedAt, projectedAt } = progress
    metrics.addMetric(WATCH_METRICS.lag, MetricUnit.Milliseconds, since(changedAt, projectedAt))
    const age = since(changedAt, Date.now())
    metrics.addMetric(WATCH_METRICS.newestChangeAge, MetricUnit.Milliseconds, age)
  }
  metrics.publishStoredMetrics()
}

function publishAssets({ supplies }: Books): void {
  const byName = Array.from(supplies).toSorted(([a], [b]) => (a < b ? -1 : 1))
  for (const [asset, { inWallets, held }] of byName.slice(0, DRAWN_ASSETS)) {
    metrics.addDimension('asset', asset)
    // CloudWatch keeps the 53 bits of a double; it is a line in a graph, and the books are exact.
    metrics.addMetric(WATCH_METRICS.inWallets, MetricUnit.NoUnit, Number(inWallets))
    metrics.addMetric(WATCH_METRICS.held, MetricUnit.NoUnit, Number(held))
    metrics.publishStoredMetrics()
  }
}

/** Two clocks can differ. */
function since(from: number, to: number): number {
  return Math.max(0, to - from)
}

/** JSON has no whole numbers of any length, so they are texts. */
function numbersOf(supply: SupplyChange) {
  const { inWallets, held, inTransit, accounts } = supply
  return {
    imbalance: String(imbalance(supply)),
    inWallets: String(inWallets),
    held: String(held),
    inTransit: String(inTransit),
    accounts: Object.fromEntries(
      Object.entries(accounts).map(([account, amount]) => [account, String(amount)]),
    ),
  }
}

export const handler = middy<unknown, Watched, Error, Context>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(watch)
