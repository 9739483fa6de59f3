import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch'

/** Where requests come in, whichever edge it is of. */
export interface Door {
  readonly url: string
  readonly metrics: DoorMetrics
}

/** API Gateway counts the same things for both of its kinds, under other names. */
export interface DoorMetrics {
  readonly requests: (options?: MetricOptions) => Metric
  /** Answers with a 5xx. */
  readonly failures: (options?: MetricOptions) => Metric
  /** Answers with a 4xx. */
  readonly refusals: (options?: MetricOptions) => Metric
  readonly latency: (options?: MetricOptions) => Metric
}

export interface DoorDomain {
  readonly domainName: string
  readonly certificateArn: string
}
