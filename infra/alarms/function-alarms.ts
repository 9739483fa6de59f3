import { Duration } from 'aws-cdk-lib'
import { type Alarm, MathExpression } from 'aws-cdk-lib/aws-cloudwatch'
import type { FunctionName, ServiceFunction } from '../constructs/service-function.ts'
import { type AddAlarm, MINUTE } from './alarms.ts'
import { lambdaMetric } from './metrics.ts'

/** The sweep runs each minute; one run may be late, and the next one finds what it left. */
const SWEEPS_WITHIN = Duration.minutes(5)

/** By the function's name. */
export type Functions = ReadonlyMap<FunctionName, ServiceFunction>

/** One for each function that died or ran out of time: what it answered with a 5xx itself, the doors count. */
export function createFailureAlarms(
  addAlarm: AddAlarm,
  functions: Functions,
): ReadonlyMap<FunctionName, Alarm> {
  return new Map(
    Array.from(functions, ([name, { functionName }]) => [
      name,
      addAlarm({
        id: `${capitalised(name)}Dies`,
        says: `The function ${name} throws, or runs out of time or memory.`,
        metric: lambdaMetric(functionName, 'Errors', 'Sum'),
        isWrong: { above: 0 },
        periods: 3,
        wrongPeriods: 2,
      }),
    ]),
  )
}

/** Those that somebody waits for: an alarm takes ten metrics and no more. */
const WAITED_FOR = ['write', 'read', 'admin', 'ops', 'docs', 'audit'] as const

export function createConcurrencyAlarm(addAlarm: AddAlarm, functions: Functions): void {
  const metrics = Object.fromEntries(
    WAITED_FOR.flatMap((name) => {
      const lambda = functions.get(name)
      return lambda ? [[name, lambdaMetric(lambda.functionName, 'Throttles', 'Sum')]] : []
    }),
  )
  addAlarm({
    id: 'FunctionsThrottled',
    says: 'Lambda starts no more functions: the concurrency of the account, or of one of them, is used up.',
    metric: new MathExpression({
      label: 'Calls that found no room',
      expression: `SUM([${Object.keys(metrics)
        .map((name) => `FILL(${name}, 0)`)
        .join(', ')}])`,
      usingMetrics: metrics,
      period: MINUTE,
    }),
    isWrong: { above: 0 },
    periods: 3,
    wrongPeriods: 2,
  })
}

export function createSweepAlarm(addAlarm: AddAlarm, { functionName }: ServiceFunction): void {
  addAlarm({
    id: 'SweepHasNotRun',
    says: 'Holds whose time is over are not given back.',
    metric: lambdaMetric(functionName, 'Invocations', 'Sum').with({ period: SWEEPS_WITHIN }),
    isWrong: { below: 1 },
    periods: 1,
    silenceIsWrong: true,
  })
}

function capitalised(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}
