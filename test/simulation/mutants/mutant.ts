/** A mistake that is planted into the code under test, to see that it is found. */
export interface Mutant {
  readonly name: string
  readonly changes: readonly Change[]
}

export interface Change {
  /** From the root of the repository. */
  readonly file: string
  /** Is there exactly once. */
  readonly find: string
  readonly replace: string
}
