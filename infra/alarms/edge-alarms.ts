import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch'
import type { Doors } from '../edge/door.ts'
import type { Settings } from '../settings.ts'
import { type AddAlarm, MINUTE } from './alarms.ts'

const MOST_FAILED_PERCENT = 1
const SLOW_FOR_MINUTES = 5

/** What callers see, whichever door they come through. */
export function createEdgeAlarms(
  addAlarm: AddAlarm,
  doors: Doors,
  { p99AlarmMs }: Pick<Settings, 'p99AlarmMs'>,
) {
  const apiFails = addAlarm({
    id: 'ApiFails',
    says: `More than ${MOST_FAILED_PERCENT} of 100 answers are failures of ours.`,
    metric: failedPercent(doors),
    isWrong: { above: MOST_FAILED_PERCENT },
    periods: 3,
    wrongPeriods: 2,
  })
  addAlarm({
    id: 'ApiIsSlow',
    says: `One of 100 requests takes longer than ${p99AlarmMs} ms.`,
    metric: slowest(doors),
    isWrong: { above: p99AlarmMs },
    periods: SLOW_FOR_MINUTES,
  })
  return { apiFails }
}

function failedPercent(doors: Doors): MathExpression {
  const [failures, requests] = [named(doors, 'failures'), named(doors, 'requests')]
  const sum = (metrics: object) => `SUM([${Object.keys(metrics).join(', ')}])`
  return new MathExpression({
    label: 'Failures, of 100 answers',
    expression: `100 * ${sum(failures)} / ${sum(requests)}`,
    usingMetrics: { ...failures, ...requests },
    period: MINUTE,
  })
}

function slowest(doors: Doors): MathExpression {
  const latencies = named(doors, 'latency', 'p99')
  return new MathExpression({
    label: 'The slowest of 100 requests, ms',
    expression: `MAX([${Object.keys(latencies).join(', ')}])`,
    usingMetrics: latencies,
    period: MINUTE,
  })
}

function named(doors: Doors, name: 'failures' | 'requests' | 'latency', statistic = 'Sum') {
  return Object.fromEntries(
    Object.entries(doors).map(([doorName, { metrics }]) => [
      `${doorName}${name}`,
      metrics[name]({ statistic, period: MINUTE }),
    ]),
  )
}
