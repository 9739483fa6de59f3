import { Metrics } from '@aws-lambda-powertools/metrics'
import { optional } from './settings.ts'

/** Deployed, each stage has a namespace of its own: an account may hold two. */
export function createMetrics(): Metrics {
  return new Metrics({ namespace: optional('POWERTOOLS_METRICS_NAMESPACE') ?? 'Strongbox' })
}
