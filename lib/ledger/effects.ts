/** Everything that is not decided by the request and the table. A simulator brings its own. */
export interface Effects {
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** From 0, inclusive, to 1, exclusive. */
  readonly random: () => number
}

export const realEffects: Effects = {
  now: Date.now,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
}
