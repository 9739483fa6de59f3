import { Duration } from 'aws-cdk-lib'
import type { Stage } from '../settings.ts'
import type { AddAlarm } from './alarms.ts'
import { ourMetric } from './metrics.ts'

/** The watch and the canary run every five minutes, and one run may come late. */
export const TWO_RUNS = Duration.minutes(10)
const AN_HOUR_OF_THEM = 6

/** What the books say, whatever has happened to them since. */
export function createWatchAlarms(addAlarm: AddAlarm, stage: Stage): void {
  addAlarm({
    id: 'BooksDoNotBalance',
    says: 'The sum over all accounts of an asset is not 0.',
    metric: ourMetric(stage, 'watch', 'UnbalancedAssets', 'Maximum').with({ period: TWO_RUNS }),
    isWrong: { above: 0 },
    periods: 1,
  })
  addAlarm({
    id: 'DeadLettersWait',
    says: 'Dead letters have been waiting for an hour.',
    metric: ourMetric(stage, 'watch', 'OpenDeadLetters', 'Minimum').with({ period: TWO_RUNS }),
    isWrong: { above: 0 },
    periods: AN_HOUR_OF_THEM,
  })
  addAlarm({
    id: 'WatchHasNotRun',
    says: 'Nobody has looked at the books for twenty minutes.',
    metric: ourMetric(stage, 'watch', 'WatchRuns', 'Sum').with({ period: TWO_RUNS }),
    isWrong: { below: 1 },
    periods: 2,
    silenceIsWrong: true,
  })
}
