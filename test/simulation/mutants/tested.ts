import type { Mutant } from './mutant.ts'

/** A mistake that the simulator does not reach. */
export interface TestedMutant extends Mutant {
  /** The files in which at least one test has to fail. */
  readonly tests: readonly string[]
}

export const TESTED_MUTANTS: readonly TestedMutant[] = []
