import type { Breach } from './checks/breach.ts'
import { type Run, type RunOptions, run } from './run.ts'
import { showCounts } from './show-counts.ts'
import { shrink } from './shrink.ts'
import { createTally } from './tally.ts'
import { stepText } from './world/step.ts'
import { STORMS, type Storm } from './world/weather.ts'

export interface Failure {
  readonly seed: number
  readonly steps: number
  readonly only: ReadonlySet<number> | undefined
  readonly without: readonly Storm[]
}

export interface Explaining {
  readonly isTraced?: boolean
  /** Somebody has seen it fail. */
  readonly isKnown?: boolean
}

const BUDGET_TRIES = 400
const BUDGET_MS = 120_000
const SHOWN_BREACHES = 8
const SHOWN_LINES = 60

/** One seed again, and what is wrong with it in as few words as there are. Answers how the command ends. */
export async function explainFailure(
  failure: Failure,
  { isTraced = false, isKnown = false }: Explaining = {},
): Promise<0 | 1> {
  const tally = createTally()
  const first = await run({ ...optionsOf(failure), tally })
  const [worst] = first.breaches
  if (!worst) {
    if (isTraced) console.log(first.trace.join('\n'))
    console.log(showCounts(tally))
    console.log(`\nSeed ${failure.seed}: no violation. ${first.digest}`)
    if (!isKnown) return 0
    console.log('It had one a moment ago: something in the simulation is not of its seed.')
    return 1
  }
  console.log(`\nSeed ${failure.seed}: ${first.breaches.length} violations.`)
  for (const { check, text } of first.breaches.slice(0, SHOWN_BREACHES)) {
    console.log(`  ${check}: ${text}`)
  }
  const isNarrowed = failure.only !== undefined
  const smallest = isNarrowed ? failure : await shrinkFailure(failure, first, worst)
  // With all that happened: what is wrong in the end may have begun long before.
  const last = await run({ ...optionsOf(smallest), keptLines: Number.POSITIVE_INFINITY })
  console.log(`\nIt takes these steps:`)
  for (const step of last.steps) console.log(`  ${stepText(step)}`)
  const about = last.breaches.find(({ check }) => check === worst.check) ?? worst
  console.log(`\n  ${about.check}: ${about.text}\n\nAnd this is how it came to it:`)
  for (const line of linesOf(last, about, isTraced)) console.log(`  ${line}`)
  console.log(`\nTo see it again:\n  ${commandOf(smallest)}`)
  return 1
}

type Part =
  | { readonly kind: 'step'; readonly number: number }
  | { readonly kind: 'storm'; readonly name: Storm }

/** Leaves out steps and kinds of faults, until the same check finds nothing any more. */
async function shrinkFailure(failure: Failure, first: Run, worst: Breach): Promise<Failure> {
  const withParts = (parts: readonly Part[]): Failure => {
    const storms = new Set(parts.flatMap((part) => (part.kind === 'storm' ? [part.name] : [])))
    return {
      ...failure,
      only: new Set(parts.flatMap((part) => (part.kind === 'step' ? [part.number] : []))),
      without: STORMS.filter((name) => !storms.has(name)),
    }
  }
  const parts: Part[] = [
    ...STORMS.filter((name) => !failure.without.includes(name)).map((name) => {
      return { kind: 'storm', name } as const
    }),
    ...first.steps.map(({ number }) => ({ kind: 'step', number }) as const),
  ]
  const fails = async (some: readonly Part[]) => {
    const { breaches } = await run(optionsOf(withParts(some)))
    return breaches.some(({ check }) => check === worst.check)
  }
  console.log(`\nLooking for the fewest steps that show it:`)
  const { parts: smallest } = await shrink(parts, fails, {
    ...{ budgetTries: BUDGET_TRIES, budgetMs: BUDGET_MS, now: Date.now },
    keyOf: (part) => (part.kind === 'step' ? `${part.number}` : part.name),
    onProgress: (found, tries) => {
      const steps = found.filter(({ kind }) => kind === 'step').length
      console.log(
        `  ${steps} steps and ${found.length - steps} kinds of faults, after ${tries} tries`,
      )
    },
  })
  return withParts(smallest)
}

function optionsOf({ seed, steps, only, without }: Failure): RunOptions {
  return { seed, steps, only, without: new Set(without) }
}

/** The last lines about what is wrong; all of them, where somebody wants to see them. */
function linesOf({ trace }: Run, { about }: Breach, isTraced: boolean): readonly string[] {
  if (isTraced) return trace
  const name = about?.split(/[# ]/)[0]
  const lines = name ? trace.filter((line) => line.includes(name)) : trace
  return lines.slice(-SHOWN_LINES)
}

function commandOf({ seed, steps, only, without }: Failure): string {
  const parts = [`npm run simulate -- --seed ${seed} --steps ${steps}`]
  if (only) parts.push(`--only ${Array.from(only).join(',')}`)
  if (without.length > 0) parts.push(`--without ${without.join(',')}`)
  return parts.join(' ')
}
