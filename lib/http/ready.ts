import { Problem } from './problem.ts'

export type Check = () => Promise<unknown>

export interface ReadyOptions {
  readonly checks: Readonly<Record<string, Check>>
  readonly timeoutMs: number
  readonly now: () => number
}

export interface CheckResult {
  readonly ok: boolean
  readonly durationMs: number
}

/** Anybody may ask, so one answer serves all who ask within this time. */
const ANSWER_IS_GOOD_FOR_MS = 1_000

/** Asks everything that the service needs, at once, and says what did not answer in time. */
export function createReadiness({ checks, timeoutMs, now }: ReadyOptions) {
  let last: { readonly at: number; readonly results: Promise<[string, CheckResult][]> } | undefined

  async function run([name, check]: [string, Check]): Promise<[string, CheckResult]> {
    const startedAt = performance.now()
    const ok = await withinTime(check, timeoutMs)
    return [name, { ok, durationMs: Math.round(performance.now() - startedAt) }]
  }

  return async () => {
    const age = last ? now() - last.at : Number.POSITIVE_INFINITY
    // A clock can be set back, too.
    if (!last || age < 0 || age >= ANSWER_IS_GOOD_FOR_MS) {
      last = { at: now(), results: Promise.all(Object.entries(checks).map(run)) }
    }
    const results = await last.results
    const failed = results.filter(([, { ok }]) => !ok).map(([name]) => name)
    if (failed.length > 0) {
      throw new Problem('NOT_READY', `No answer from: ${failed.join(', ')}.`, {
        members: { checks: Object.fromEntries(results) },
        headers: { 'retry-after': '1' },
      })
    }
    return Object.fromEntries(
      results.map(([name, { durationMs }]) => [name, { ok: true as const, durationMs }]),
    )
  }
}

async function withinTime(check: Check, timeoutMs: number): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), timeoutMs)
  const answered = Promise.resolve()
    .then(check)
    .then(
      () => true,
      () => false,
    )
  try {
    return await Promise.race([answered, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
