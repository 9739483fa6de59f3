import { readOptions, runCommand, StartFailure } from '../../local/failure.ts'
import { killAgainAndAgain } from './kill.ts'
import { showKills, showStorm } from './show.ts'
import { ordersInAStorm } from './storm.ts'

const HELP = `Kills and disturbs the real thing, and then looks whether all that was said is true. docs/chaos.md says more.

  npm run chaos                       both parts, in full
  npm run chaos -- --only kill        only one of them: kill, or proxy
  npm run chaos -- --seed 7           the same clients, victims and moments again, as far as real processes do the same
  npm run chaos -- --kills 5          fewer kills
  npm run chaos -- --barrier off      what DynamoDB Local loses when nobody waits for its disk
`

const ANSWERS_BETWEEN_KILLS = 60
const ORDERS_OF_EACH = 60

await runCommand(async () => {
  const options = readOptions(HELP, {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '50' },
    only: { type: 'string' },
    barrier: { type: 'string', default: 'on' },
  })
  if (!options) return
  const seed = toCount('seed', options.seed)
  const { barrier } = options
  if (barrier !== 'on' && barrier !== 'off') throw new StartFailure('--barrier is on, or off.')
  const { only } = options
  if (only !== undefined && only !== 'kill' && only !== 'proxy') {
    throw new StartFailure('--only is kill, or proxy.')
  }
  const faults: string[] = []
  if (only !== 'proxy') {
    const report = await killAgainAndAgain({
      seed,
      barrier,
      kills: toCount('kills', options.kills),
      answersBetween: ANSWERS_BETWEEN_KILLS,
      onKill: (kill) => process.stderr.write(`killed ${kill}\n`),
    })
    process.stdout.write(showKills(report))
    faults.push(...report.faults)
  }
  if (only !== 'kill') {
    // What a storm makes the functions log is its very purpose.
    process.env['POWERTOOLS_LOG_LEVEL'] ??= 'SILENT'
    process.env['POWERTOOLS_METRICS_DISABLED'] ??= 'true'
    const report = await ordersInAStorm({ seed, ordersOfEach: ORDERS_OF_EACH })
    process.stdout.write(showStorm(report))
    faults.push(...report.faults)
  }
  if (faults.length > 0) process.exitCode = 1
})

function toCount(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new StartFailure(`--${name} is a whole number, not "${text}".`)
}
