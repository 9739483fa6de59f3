import { Duration } from 'aws-cdk-lib'
import type { ServiceFunction } from '../constructs/service-function.ts'
import type { Stage } from '../settings.ts'
import type { AddAlarm } from './alarms.ts'
import { lambdaMetric, ourMetric } from './metrics.ts'

/** The sweep runs each minute; one run may be late, and the next one finds what it left. */
const SWEEPS_WITHIN = Duration.minutes(5)
/** What is in the way of one run, a busy wallet for instance, is not in the way of many. */
const RUNS_IN_A_ROW = 5

export function createSweepAlarms(
  addAlarm: AddAlarm,
  stage: Stage,
  { functionName }: ServiceFunction,
): void {
  addAlarm({
    id: 'HoldsStay',
    says: 'Holds whose time is over could not be given back, run after run.',
    metric: ourMetric(stage, 'sweep', 'FellShort', 'Maximum'),
    isWrong: { above: 0 },
    periods: RUNS_IN_A_ROW,
  })
  addAlarm({
    id: 'SweepHasNotRun',
    says: 'Nobody looks for holds whose time is over.',
    metric: lambdaMetric(functionName, 'Invocations', 'Sum').with({ period: SWEEPS_WITHIN }),
    isWrong: { below: 1 },
    periods: 1,
    silenceIsWrong: true,
  })
}
