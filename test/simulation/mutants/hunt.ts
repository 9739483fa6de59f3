import { openCrew } from '../crew.ts'
import type { Assignment, Report } from '../worker.ts'
import type { Mutant } from './mutant.ts'

export interface Hunted {
  readonly name: string
  readonly seedsTried: number
  /** Where it was found. */
  readonly seed: number | undefined
  readonly breach: Report['breaches'][number] | undefined
}

export interface Limits {
  readonly steps: number
  readonly seeds: number
  /** How many are hunted side by side. */
  readonly size: number
}

/** Looks for each of them, seed by seed from the first on, so that it tells how soon one is found. */
export async function hunt(
  mutants: readonly Mutant[],
  limits: Limits,
  onHunted: (hunted: Hunted) => void,
): Promise<void> {
  const waiting = mutants.values()
  const hunter = async () => {
    for (const mutant of waiting) onHunted(await huntOne(mutant, limits))
  }
  await Promise.all(Array.from({ length: limits.size }, hunter))
}

/** The code as it is, on the seeds that something was found on: what is wrong there, too, finds nothing. */
export async function findFalseAlarms(
  seeds: ReadonlySet<number>,
  steps: number,
): Promise<number[]> {
  const crew = openCrew({ size: 1 })
  const alarms: number[] = []
  const assignments = Array.from(seeds, (seed) => ({ seed, steps, without: [] }))
  try {
    await crew.work(assignments, ({ seed, breaches }) => {
      if (breaches.length > 0) alarms.push(seed)
      return 'go on'
    })
  } finally {
    await crew.dismiss()
  }
  return alarms
}

async function huntOne({ name }: Mutant, { steps, seeds }: Limits): Promise<Hunted> {
  const crew = openCrew({ size: 1, mutant: name })
  let seedsTried = 0
  let last: Report | undefined
  try {
    await crew.work(assignments(seeds, steps), (report) => {
      seedsTried += 1
      last = report
      return report.breaches.length > 0 ? 'stop' : 'go on'
    })
  } finally {
    await crew.dismiss()
  }
  const [breach] = last?.breaches ?? []
  return { name, seedsTried, seed: breach && last?.seed, breach }
}

function* assignments(seeds: number, steps: number): Generator<Assignment> {
  for (let seed = 1; seed <= seeds; seed += 1) yield { seed, steps, without: [] }
}
