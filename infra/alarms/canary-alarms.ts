import { Duration } from 'aws-cdk-lib'
import type { Stage } from '../settings.ts'
import type { AddAlarm } from './alarms.ts'
import { ourMetric } from './metrics.ts'
import { TWO_RUNS } from './watch-alarms.ts'

/** It moves money every five minutes, so an audit that hears of none for longer has stopped. */
const HEARD_OF_NOTHING_MS = Duration.minutes(20).toMilliseconds()

export function createCanaryAlarms(addAlarm: AddAlarm, stage: Stage): void {
  addAlarm({
    id: 'AuditStandsStill',
    says: 'The audit hears of nothing, while the canary moves money.',
    metric: ourMetric(stage, 'watch', 'NewestChangeAge', 'Minimum').with({ period: TWO_RUNS }),
    isWrong: { above: HEARD_OF_NOTHING_MS },
    periods: 1,
  })
  addAlarm({
    id: 'CanaryFails',
    says: 'A whole walk through the API fails, or is not made.',
    metric: ourMetric(stage, 'canary', 'CanaryFailures', 'Minimum').with({ period: TWO_RUNS }),
    isWrong: { above: 0 },
    periods: 1,
    silenceIsWrong: true,
  })
}
