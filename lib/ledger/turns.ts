/** Runs work on a set of names after all earlier work on any of them, and beside all other work. */
export type TakeTurns = <Result>(
  names: readonly string[],
  work: () => Promise<Result>,
) => Promise<Result>

/**
 * Requests that one process serves at the same time would lose to each other on the same wallet, and pay
 * for it. So they queue here. Nothing depends on it: other processes know nothing of this queue, and the
 * conditions in the table are what keeps money right.
 */
export function createTurns(): TakeTurns {
  const newest = new Map<string, Promise<void>>()

  return async (names, work) => {
    const earlier = names.flatMap((name) => newest.get(name) ?? [])
    const turn = Promise.withResolvers<void>()
    // All names at once, before any wait: whoever comes later waits for us, so no two wait for each other.
    for (const name of names) newest.set(name, turn.promise)
    try {
      if (earlier.length > 0) await Promise.all(earlier)
      return await work()
    } finally {
      turn.resolve()
      for (const name of names) {
        if (newest.get(name) === turn.promise) newest.delete(name)
      }
    }
  }
}
