import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { MiddlewareObj } from '@middy/core'
import type { ConflictCount } from '../ledger/conflict-count.ts'
import type { ApiResponse } from './api.ts'
import { PROBLEMS, type ProblemCode } from './problem.ts'
import type { ApiEvent } from './request.ts'
import { trailOf } from './trail.ts'

export interface MeasureOptions {
  readonly metrics: Metrics
  readonly conflictCount: Pick<ConflictCount, 'take'>
}

/**
 * How often what was done, with what outcome, and how long it took. Dimensions cost money by their values, so
 * there are two with few; the code of a problem is a property, which logs can be searched for.
 */
export function measure({
  metrics,
  conflictCount,
}: MeasureOptions): MiddlewareObj<ApiEvent, ApiResponse> {
  const publish: MiddlewareObj<ApiEvent, ApiResponse>['after'] = ({ event, context, response }) => {
    const { operation, code, startedAt } = trailOf(context, event)
    const { conflicts, retries } = conflictCount.take()
    // All of it at once: another request must not come between a dimension and its metrics.
    metrics.addDimensions({ operation: operation ?? 'unknown', outcome: outcomeOf(code) })
    metrics.addMetadata('code', code ?? 'OK')
    metrics.addMetadata('requestId', context.awsRequestId)
    metrics.addMetric('Requests', MetricUnit.Count, 1)
    metrics.addMetric('Latency', MetricUnit.Milliseconds, performance.now() - startedAt)
    if (response?.headers['idempotency-replayed']) metrics.addMetric('Replays', MetricUnit.Count, 1)
    metrics.publishStoredMetrics()
    if (conflicts + retries === 0) return
    // By the function alone, because an alarm cannot add up what was counted by dimensions.
    metrics.addMetadata('operation', operation ?? 'unknown')
    metrics.addMetric('Conflicts', MetricUnit.Count, conflicts)
    metrics.addMetric('Retries', MetricUnit.Count, retries)
    metrics.publishStoredMetrics()
  }
  return { after: publish, onError: publish }
}

type Outcome = 'done' | 'declined' | 'refused' | 'limited' | 'busy' | 'failed'

/** Declined by the books, refused at the door, limited, or our own fault. */
function outcomeOf(code: ProblemCode | undefined): Outcome {
  if (code === undefined) return 'done'
  const { status } = PROBLEMS[code]
  if (status === 429) return 'limited'
  if (status === 503) return 'busy'
  if (status >= 500) return 'failed'
  return status === 402 || status === 409 ? 'declined' : 'refused'
}
