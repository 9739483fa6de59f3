import { expect, test } from 'vitest'
import { keepLog } from '../support/logs.ts'
import { killAgainAndAgain } from './kill.ts'
import { showKills } from './show.ts'

/** Each of them is killed, and one start is. */
const SEED = 6
/** `npm run chaos` kills it 50 times. */
const KILLS = 5
const TIMEOUT_MS = 600_000

test(
  'whoever is killed, the process of the API or its database: what was said is true after the next start',
  async () => {
    const report = await killAgainAndAgain({
      seed: SEED,
      kills: KILLS,
      answersBetween: 40,
      barrier: 'on',
      onOutput: keepLog,
    })

    process.stdout.write(showKills(report))
    expect(report.faults).toEqual([])
    expect(report.lost).toBe(0)
    expect(Object.values(report.kills).reduce((sum, count) => sum + count)).toBe(KILLS)
    expect(Math.min(...Object.values(report.kills))).toBeGreaterThan(0)
    expect(report.acknowledged).toBeGreaterThan(KILLS)
    expect(report.inDoubt).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)
