import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { readOptions, runCommand, StartFailure } from '../../local/failure.ts'
import { openCrew } from './crew.ts'
import { explainFailure } from './explain-failure.ts'
import { showCounts, unseen } from './show-counts.ts'
import { createTally, type Tally } from './tally.ts'
import type { Assignment, Report } from './worker.ts'
import { STORMS, type Storm } from './world/weather.ts'

const HELP = `Lives through whole days of the wallet in which everything goes wrong, and looks whether money is right in the end.
The code is that which is deployed; DynamoDB, the network, the clocks and the clients are simulated, and one seed decides
about all of it. So what it found once, it finds again. Ends with 1 if something is wrong: then it prints the seed, what
is wrong, the fewest steps that show it, and the command that does it again.

  npm run simulate                                 100 seeds of 2,000 steps each
  npm run simulate -- --seed 7 --steps 50000       one seed
  npm run simulate -- --minutes 10                 seeds that nobody has seen yet, one after the other

  --seed N             the first seed, or the only one (default: 1, and 1 at random with --minutes)
  --seeds N            how many (default: 100, or 1 with --seed)
  --steps N            how many things clients want, in each (default: 2000)
  --minutes N          for so long, however many seeds that are
  --workers N          threads (default: one for each core)
  --without A,B        leave out these kinds of faults: ${STORMS.slice(0, 8).join(', ')},
                       ${STORMS.slice(8, 15).join(', ')},
                       ${STORMS.slice(15).join(', ')}
  --only 3,17,20       of one seed, take these steps only
  --trace              of one seed, print what happened
`

const DEFAULT_SEEDS = 100
const DEFAULT_STEPS = 2_000
const MAX_STEPS = 1_000_000
const MAX_SEED = 2 ** 31
const MAX_WORKERS = 64
const MINUTE_MS = 60_000
/** After so many, every fault and every way has been seen, or something is wrong with the simulation. */
const ENOUGH_STEPS = 200_000
const REDRAW_MS = 1_000

await runCommand(async () => {
  const options = readOptions(HELP, {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    steps: { type: 'string', default: String(DEFAULT_STEPS) },
    minutes: { type: 'string' },
    workers: { type: 'string', default: String(availableParallelism()) },
    without: { type: 'string', default: '' },
    only: { type: 'string' },
    trace: { type: 'boolean', default: false },
  })
  if (!options) return
  const { seed, seeds, minutes, only, trace } = options
  const steps = toNumber('steps', options.steps, MAX_STEPS)
  const without = toStorms(options.without)
  const isOne = seed !== undefined && seeds === undefined && minutes === undefined
  if (only !== undefined || trace) {
    if (!isOne)
      throw new StartFailure('--only and --trace are about one seed: name it with --seed.')
    const one = { seed: toNumber('seed', seed, MAX_SEED - 1), steps, without, only: toSteps(only) }
    process.exitCode = await explainFailure(one, { isTraced: trace })
    return
  }
  const first = firstSeed(seed, minutes)
  const wanted = isOne ? 1 : toNumber('seeds', seeds ?? String(DEFAULT_SEEDS), MAX_SEED)
  const count = minutes === undefined ? wanted : MAX_SEED - first
  const workers = Math.min(count, toNumber('workers', options.workers, MAX_WORKERS))
  const untilMs = minutes === undefined ? undefined : Date.now() + toMs(minutes)
  process.exitCode = await simulate({ first, count, steps, without, workers, untilMs })
})

interface Simulation {
  readonly first: number
  readonly count: number
  readonly steps: number
  readonly without: readonly Storm[]
  readonly workers: number
  readonly untilMs: number | undefined
}

async function simulate(simulation: Simulation): Promise<0 | 1> {
  const { first, count, steps, without, workers, untilMs } = simulation
  const startMs = Date.now()
  const tally = createTally()
  const progress = createProgress(untilMs === undefined ? count : undefined, steps, startMs)
  let failed: Report | undefined
  const crew = openCrew({ size: workers })
  console.log(
    `Seeds from ${first}${untilMs === undefined ? ` to ${first + count - 1}` : ' on'}, ${steps} steps each, on ${workers} ${workers === 1 ? 'thread' : 'threads'}.`,
  )
  try {
    await crew.work(seedsFrom(simulation), (report) => {
      tally.add(report.counts)
      progress.count(report)
      if (report.breaches.length > 0) failed ??= report
      const isOver = untilMs !== undefined && Date.now() >= untilMs
      return failed || isOver ? 'stop' : 'go on'
    })
  } finally {
    progress.end()
    await crew.dismiss()
  }
  if (failed) {
    const failure = { seed: failed.seed, steps, only: undefined, without }
    return explainFailure(failure, { isKnown: true })
  }
  console.log(progress.summary())
  return showOutcome(tally, progress.seeds() * steps, without)
}

function showOutcome(tally: Tally, lived: number, without: readonly Storm[]): 0 | 1 {
  console.log(showCounts(tally))
  const missing = unseen(tally)
  if (missing.length === 0 || without.length > 0) return 0
  if (lived < ENOUGH_STEPS) {
    console.log(`\nNever seen, which is no wonder after ${lived} steps: ${missing.join('; ')}.`)
    return 0
  }
  console.log(
    `\nNever seen in ${lived} steps, so nothing is proved about it: ${missing.join('; ')}.`,
  )
  return 1
}

function* seedsFrom({ first, count, steps, without }: Simulation): Generator<Assignment> {
  for (let seed = first; seed < first + count; seed += 1) yield { seed, steps, without }
}

/** A line for a person that is drawn again and again, and one now and then for a file. */
function createProgress(expected: number | undefined, steps: number, startMs: number) {
  const isTerminal = process.stderr.isTTY
  let [seeds, calls, cpuMs, drawnMs] = [0, 0, 0, 0]
  const line = () => {
    const seconds = Math.round((Date.now() - startMs) / 1_000)
    const of = expected === undefined ? '' : ` of ${expected}`
    return `${seeds}${of} seeds, ${format(seeds * steps)} steps, ${format(calls)} calls of the ledger, ${seconds} s, no violation`
  }
  return {
    count(report: Report) {
      seeds += 1
      calls += report.calls
      cpuMs += report.cpuMs
      const everyMs = isTerminal ? REDRAW_MS / 5 : REDRAW_MS * 30
      if (report.breaches.length > 0 || Date.now() - drawnMs < everyMs) return
      if (drawnMs > 0 || isTerminal)
        process.stderr.write(isTerminal ? `\r${line()}` : `${line()}\n`)
      drawnMs = Date.now()
    },
    end() {
      if (isTerminal) process.stderr.write('\r\u001b[K')
    },
    seeds: () => seeds,
    summary: () =>
      `${line()}.\n${format(Math.round(calls / (cpuMs / 1_000)))} calls a second of one core, with the audit, the sweepers and all checks.`,
  }
}

function format(count: number): string {
  return count.toLocaleString('en-US')
}

function firstSeed(text: string | undefined, minutes: string | undefined): number {
  if (text !== undefined) return toNumber('seed', text, MAX_SEED - 1)
  return minutes === undefined ? 1 : randomInt(1, MAX_SEED / 2)
}

function toNumber(name: string, text: string, max: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= max) return number
  throw new StartFailure(`--${name} is a number from 1 to ${max}, not "${text}".`)
}

function toMs(minutes: string): number {
  const ms = Number(minutes) * MINUTE_MS
  if (ms > 0) return ms
  throw new StartFailure(`"${minutes}" is no number of minutes.`)
}

function toSteps(text: string | undefined): ReadonlySet<number> | undefined {
  if (text === undefined) return undefined
  const numbers = text.split(',').map(Number)
  if (numbers.every((number) => Number.isInteger(number) && number >= 0)) return new Set(numbers)
  throw new StartFailure(`--only takes the numbers of steps, such as 3,17,20, not "${text}".`)
}

function toStorms(text: string): Storm[] {
  return text.split(',').flatMap((name) => {
    if (name === '') return []
    const storm = STORMS.find((known) => known === name)
    if (!storm)
      throw new StartFailure(`There is no fault "${name}". There are ${STORMS.join(', ')}.`)
    return [storm]
  })
}
