/** Runs work after all earlier work on any of its keys, and beside all other work. */
export type KeyedMutex = <Result>(
  keys: readonly string[],
  work: () => Promise<Result>,
) => Promise<Result>

/**
 * Requests that one process serves at the same time would conflict on the same wallet, and conflicts cost money. So they
 * queue here. Correctness does not depend on it: other processes do not share this queue, and the conditions in the table
 * are what keeps money right.
 */
export function createKeyedMutex(): KeyedMutex {
  const latest = new Map<string, Promise<void>>()

  return async (keys, work) => {
    const earlier = keys.flatMap((key) => latest.get(key) ?? [])
    const done = Promise.withResolvers<void>()
    // All keys at once, before any wait: later work waits for this one, so no two wait for each other.
    for (const key of keys) latest.set(key, done.promise)
    try {
      if (earlier.length > 0) await Promise.all(earlier)
      return await work()
    } finally {
      done.resolve()
      for (const key of keys) {
        if (latest.get(key) === done.promise) latest.delete(key)
      }
    }
  }
}
