/** However slowly everything answers. */
export const LONGEST_WALK_MS = 90_000
export const LONGEST_TIDYING_MS = 20_000

/**
 * Longer than a walk and its tidying. What a walk that broke off could not give back, the sweep has given back before
 * the next walk on the same wallet begins: those of the canary are five minutes apart.
 */
export const HOLD_SECONDS = 120
