import type { Effects } from './effects.ts'

/** How long, and how often, one request tries before it tells its caller to come again. */
export const TRY_FOR_MS = 8_000
const MAX_TRIES = 100
const SHORTEST_UNIT_MS = 5
const GROWTH = 8
/** So that nobody comes again and again in the last moments, when a crowd has its hands full. */
const LEAST_LIMIT_MS = 1_000

/** A try that wrote nothing, as far as anybody can tell; `newer` is what its refusal showed. */
export interface Lost<State extends object> {
  readonly kind: 'lost'
  readonly newer?: State
}

export interface Race<State extends object, Result> {
  readonly giveUpAt: number
  readonly load: () => Promise<State>
  readonly attempt: (state: State) => Promise<Result | Lost<State>>
}

/** Tries until something comes of it. Undefined when that took too long, or too many tries. */
export async function untilWon<State extends object, Result extends { readonly kind: string }>(
  effects: Effects,
  { giveUpAt, load, attempt }: Race<State, Result>,
): Promise<Result | undefined> {
  if (effects.now() >= giveUpAt) return undefined
  let state: State = await load()
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const triedAt = effects.now()
    // What was read may have taken long. A write that begins now would come when its caller waits no more.
    if (triedAt >= giveUpAt) return undefined
    const result = await attempt(state)
    if (!isLost(result)) return result
    if (result.newer !== undefined && tries === 0) {
      state = result.newer
      continue
    }
    // Losing twice means a crowd. Step back; what is known now will be old by then, and one read costs a
    // sixth of a write that loses again.
    const lostAt = effects.now()
    const leftMs = giveUpAt - lostAt
    const pauseMs = waitMs({ tries, tookMs: lostAt - triedAt, leftMs }, effects)
    if (pauseMs >= leftMs) return undefined
    await effects.sleep(pauseMs)
    state = await load()
  }
  return undefined
}

function isLost<State extends object, Result extends { readonly kind: string }>(
  result: Result | Lost<State>,
): result is Lost<State> {
  return result.kind === 'lost'
}

interface Loss {
  /** Before this one. */
  readonly tries: number
  readonly tookMs: number
  readonly leftMs: number
}

/**
 * Full jitter, so that the losers of one race do not meet again in the next. The unit is the time that the
 * try took: it grows with the crowd, so the waits fit DynamoDB on a quiet and on a busy day. A crowd's tries cost
 * money, so the waits soon grow long, but not beyond half of what is left: whoever has waited comes more often than one
 * who has just come. What else was tried: docs/performance.md.
 */
function waitMs({ tries, tookMs, leftMs }: Loss, { random }: Effects): number {
  const growing = Math.max(SHORTEST_UNIT_MS, tookMs) * GROWTH ** tries
  return random() * Math.min(growing, Math.max(LEAST_LIMIT_MS, leftMs / 2))
}
