import type { Effects } from './effects.ts'

/** How long, and how often, one request is attempted before its caller is told to retry later. */
export const RETRY_BUDGET_MS = 8_000
const MAX_ATTEMPTS = 100
const SHORTEST_UNIT_MS = 5
const GROWTH = 8
/** So that requests close to their deadline do not retry in quick succession while the balance is contended. */
const LEAST_LIMIT_MS = 1_000

/** An attempt that wrote nothing, as far as the caller can tell. `latest` is the state that the refusal returned. */
export interface Conflict<State extends object> {
  readonly kind: 'conflict'
  readonly latest?: State
}

export interface Retried<State extends object, Result> {
  readonly deadline: number
  readonly load: () => Promise<State>
  readonly attempt: (state: State) => Promise<Result | Conflict<State>>
}

/** Attempts until there is a result. Undefined when that takes too long, or too many attempts. */
export async function retryOnConflict<
  State extends object,
  Result extends { readonly kind: string },
>(
  effects: Effects,
  { deadline, load, attempt }: Retried<State, Result>,
): Promise<Result | undefined> {
  if (effects.now() >= deadline) return undefined
  let state: State = await load()
  for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
    const startedAt = effects.now()
    // Reading may have taken long, and a write that starts now would commit after its caller has given up.
    if (startedAt >= deadline) return undefined
    const result = await attempt(state)
    if (!isConflict(result)) return result
    if (result.latest !== undefined && attempts === 0) {
      state = result.latest
      continue
    }
    // A second conflict means contention. The state is outdated after the wait, and a read costs a sixth of a write that
    // conflicts again.
    const failedAt = effects.now()
    const leftMs = deadline - failedAt
    const pauseMs = waitMs({ attempts, tookMs: failedAt - startedAt, leftMs }, effects)
    if (pauseMs >= leftMs) return undefined
    await effects.sleep(pauseMs)
    state = await load()
  }
  return undefined
}

function isConflict<State extends object, Result extends { readonly kind: string }>(
  result: Result | Conflict<State>,
): result is Conflict<State> {
  return result.kind === 'conflict'
}

interface Attempted {
  /** Before this one. */
  readonly attempts: number
  readonly tookMs: number
  readonly leftMs: number
}

/**
 * Full jitter, so that requests which conflicted once do not meet again. The unit is the time that the attempt took: it grows
 * with contention, so the waits fit a quiet and a busy database. Conflicting attempts cost money, so the waits grow fast, but
 * not beyond half of the time that is left: a request that has waited long retries more often than one that has just come.
 * docs/performance.md has the policies that this one was compared with.
 */
function waitMs({ attempts, tookMs, leftMs }: Attempted, { random }: Effects): number {
  const growing = Math.max(SHORTEST_UNIT_MS, tookMs) * GROWTH ** attempts
  return random() * Math.min(growing, Math.max(LEAST_LIMIT_MS, leftMs / 2))
}
