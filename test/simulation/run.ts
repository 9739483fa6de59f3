import { hash } from 'node:crypto'
import type { Hold } from '../../lib/money/hold.ts'
import { findWrongAnswers } from './checks/answers.ts'
import { findWrongSums, readBooks } from './checks/books.ts'
import type { Breach } from './checks/breach.ts'
import { findTornHistories } from './checks/histories.ts'
import { findLostMetadata } from './checks/metadata.ts'
import { findDisorder } from './checks/one-order.ts'
import { createTally, type Tally } from './tally.ts'
import { planSteps } from './world/plan.ts'
import { liveOnRestored } from './world/restore.ts'
import type { Step } from './world/step.ts'
import { drawWeather, type Storm } from './world/weather.ts'
import { liveThrough, type World } from './world/world.ts'

/** One run: everything in it comes from these. */
export interface RunOptions {
  readonly seed: number
  readonly steps: number
  /** The numbers of the steps that are taken; all of them, if it is not given. */
  readonly only?: ReadonlySet<number> | undefined
  readonly without?: ReadonlySet<Storm> | undefined
  readonly tally?: Tally
  /** Of the trace; the newest, if it is not given. */
  readonly keptLines?: number | undefined
}

export interface Run {
  readonly breaches: readonly Breach[]
  readonly steps: readonly Step[]
  /** Calls of clients that reached the code under test, those that were sent again included. */
  readonly calls: number
  readonly digest: string
  readonly trace: readonly string[]
}

export async function run({
  seed,
  steps: count,
  only,
  without = new Set(),
  tally = createTally(),
  keptLines,
}: RunOptions): Promise<Run> {
  const steps = planSteps({ seed, count }).filter(({ number }) => only?.has(number) ?? true)
  const weather = drawWeather(seed, without)
  let world: World | undefined
  let breaches: readonly Breach[]
  try {
    world = await liveThrough({ seed, steps, weather, tally, keptLines })
    breaches = await judge(world)
  } catch (error) {
    breaches = [{ check: 'it ends', text: textOf(error) }]
  }
  return {
    breaches,
    steps,
    calls: world?.fleet.served() ?? 0,
    digest: world ? digestOf(world) : '',
    trace: world?.scheduler.trace.recent() ?? [],
  }
}

/** What happened, and what came of it. */
function digestOf({ scheduler, database }: World): string {
  const state = JSON.stringify([database.items('Ledger'), database.items('Audit')])
  return hash('sha256', `${scheduler.trace.digest()} ${state}`)
}

/** So long a call may take, its last try and the look-up after it included. */
const LONGEST_CALL_MS = 28_000

/** What is dear to look for is looked for where nothing else is wrong: what is wrong already has no order. */
async function judge(world: World): Promise<readonly Breach[]> {
  const { log, fleet, scheduler } = world
  const { contents, breaches } = readBooks(world)
  const { transactions, entries, holds } = contents
  const plain = [
    ...fleet.crashes.map((error) => ({ check: 'no mistakes', text: textOf(error) })),
    ...breaches,
    ...findWrongAnswers(log, transactions),
    ...findTornHistories(log, entries),
    ...openHolds(holds),
    ...longCalls(fleet),
  ]
  if (plain.length > 0) return plain
  await world.catchUp()
  return [
    ...world.mistakes.map((error) => ({ check: 'no mistakes', text: textOf(error) })),
    ...findDisorder(log, transactions, scheduler.nowUs()),
    ...findLostMetadata(log, contents.wallets, scheduler.nowUs()),
    ...(await findWrongSums(world, contents)),
    ...(await liveOnRestored(world)),
  ]
}

function openHolds(holds: readonly Hold[]): Breach[] {
  return holds
    .filter(({ state }) => state === 'OPEN')
    .map(({ id }) => ({ check: 'holds end', text: `${id} is open long after its time` }))
}

function longCalls({ longestCallMs, overlong }: World['fleet']): Breach[] {
  if (overlong() === 0 && longestCallMs() <= LONGEST_CALL_MS) return []
  const text = `${overlong()} ran into the time-out, the longest of the others took ${longestCallMs()} ms`
  return [{ check: 'calls are bounded', text }]
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
