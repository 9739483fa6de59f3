/** A bug that is planted into the code under test, to prove that the tests find it. */
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
