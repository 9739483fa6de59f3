import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch'
import type { IConstruct } from 'constructs'

/** Where requests come in, whichever edge it is of. */
export interface Door extends IConstruct {
  readonly apiId: string
  readonly stageName: string
  /** What the service itself and its canary call it by. */
  readonly url: string
  readonly metrics: DoorMetrics
}

/** By their names. */
export type Doors = Readonly<Record<string, Door>>

/** API Gateway counts the same things for both of its kinds, under other names. */
export interface DoorMetrics {
  readonly requests: (options?: MetricOptions) => Metric
  /** Answers with a 5xx. */
  readonly failures: (options?: MetricOptions) => Metric
  /** Answers with a 4xx. */
  readonly refusals: (options?: MetricOptions) => Metric
  readonly latency: (options?: MetricOptions) => Metric
}
