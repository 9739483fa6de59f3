import { Duration } from 'aws-cdk-lib'
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { FunctionName, ServiceFunction } from '../constructs/service-function.ts'
import { type AddAlarm, MINUTE } from './alarms.ts'
import { lambdaMetric, sumOf } from './metrics.ts'

/** By the function's name. */
export type Functions = ReadonlyMap<FunctionName, ServiceFunction>

/** Two minutes of three: one request that dies is not worth waking somebody. */
const OFTEN_CALLED = { period: MINUTE, periods: 3, wrongPeriods: 2 }
/** Where minutes pass between two calls, each of them counts. The watch and the canary run every five minutes. */
const RARELY_CALLED = { period: Duration.minutes(10), periods: 1, wrongPeriods: 1 }
const OFTEN = new Set<FunctionName>(['write', 'read', 'sweep', 'audit', 'webhooks'])

/** One for each function that died or ran out of time: what it answered with a 5xx itself, the doors count. */
export function createFailureAlarms(
  addAlarm: AddAlarm,
  functions: Functions,
): ReadonlyMap<FunctionName, Alarm> {
  return new Map(
    Array.from(functions, ([name, { functionName }]) => {
      const { period, ...howOften } = OFTEN.has(name) ? OFTEN_CALLED : RARELY_CALLED
      const alarm = addAlarm({
        id: `${capitalised(name)}Dies`,
        says: `The function ${name} throws, or runs out of time or memory.`,
        metric: lambdaMetric(functionName, 'Errors', 'Sum').with({ period }),
        isWrong: { above: 0 },
        ...howOften,
      })
      return [name, alarm]
    }),
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
    metric: sumOf(metrics, 'Calls that found no room'),
    isWrong: { above: 0 },
    periods: 3,
    wrongPeriods: 2,
  })
}

function capitalised(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}
