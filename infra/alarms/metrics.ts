import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { FunctionName } from '../constructs/service-function.ts'
import type { Stage } from '../settings.ts'
import { MINUTE } from './alarms.ts'

type Statistic = 'Sum' | 'Maximum' | 'Minimum' | 'Average' | 'p50' | 'p99'

/** Where our functions write about themselves, each under its own name. An account may hold two stages. */
export function namespaceOf(stage: Stage): string {
  return `Strongbox/${stage}`
}

export function serviceName(name: FunctionName): string {
  return `strongbox-${name}`
}

export function ourMetric(
  stage: Stage,
  name: FunctionName,
  metricName: string,
  statistic: Statistic,
): Metric {
  return new Metric({
    namespace: namespaceOf(stage),
    metricName,
    dimensionsMap: { service: serviceName(name) },
    statistic,
    period: MINUTE,
  })
}

/** What Lambda counts of a function, whichever of its versions ran. */
export function lambdaMetric(
  functionName: string,
  metricName: string,
  statistic: Statistic,
): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic,
    period: MINUTE,
  })
}

export function tableMetric(tableName: string, metricName: string, statistic: Statistic): Metric {
  return new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName },
    statistic,
    period: MINUTE,
  })
}

/** Of metrics that are written only where something happens: what is not there is 0. */
export function sumOf(metrics: Readonly<Record<string, IMetric>>, label: string): MathExpression {
  const filled = Object.keys(metrics).map((name) => `FILL(${name}, 0)`)
  return new MathExpression({
    label,
    expression: `SUM([${filled.join(', ')}])`,
    usingMetrics: { ...metrics },
    period: MINUTE,
  })
}
