import type { Effects } from '../../lib/ledger/effects.ts'
import type { Ledger } from '../../lib/ledger/ledger.ts'
import { RETRY_BUDGET_MS } from '../../lib/ledger/retry.ts'

/** How requests that lost a race for a balance go on. */
export interface Policy {
  readonly name: string
  /** For one request: what it works with instead of the instance's ledger. */
  readonly forRequest: (ledger: Ledger) => Ledger
}

/** lib/ledger/retry.ts. */
export const OURS: Policy = {
  name: 'as it is',
  forRequest: (ledger) => ledger,
}

const FIXED_MS = 20
const SHORT_MS = 250
/** About what a write takes that meets nobody. */
const UNIT_MS = 11
const DOUBLED_AT_MOST_MS = 2_000
/** As the SDK of AWS waits by default where it tries again by itself. */
const SDK_UNIT_MS = 50
const SDK_LONGEST_MS = 20_000

/** The same code, with other waits: what decides about them comes from outside, so nothing has to be changed for it. */
export const OTHERS: readonly Policy[] = [
  {
    name: 'not at once after the first loss',
    forRequest: (ledger) => ({ ...ledger, store: withoutNewer(ledger.store) }),
  },
  {
    name: 'without jitter: the longest wait each time',
    forRequest: (ledger) => withEffects(ledger, { random: () => 1 }),
  },
  {
    name: `never longer than ${SHORT_MS} ms`,
    forRequest: (ledger) =>
      withEffects(ledger, { sleep: (ms) => ledger.effects.sleep(Math.min(ms, SHORT_MS)) }),
  },
  {
    name: `always ${FIXED_MS} ms`,
    forRequest: (ledger) => withEffects(ledger, { sleep: () => ledger.effects.sleep(FIXED_MS) }),
  },
  {
    name: `the SDK's: full jitter of ${SDK_UNIT_MS} ms, doubled each time`,
    forRequest: (ledger) => doubling(ledger, SDK_UNIT_MS, SDK_LONGEST_MS),
  },
]

/** The usual way, and the one that is compared among hundreds, too. */
export const DOUBLED: Policy = {
  name: `full jitter, doubled each time, up to ${DOUBLED_AT_MOST_MS / 1000} s`,
  forRequest: (ledger) => doubling(ledger, 2 * UNIT_MS, DOUBLED_AT_MOST_MS),
}

function doubling(ledger: Ledger, firstMs: number, longestMs: number): Ledger {
  let waits = 0
  const giveUpAt = ledger.effects.now() + RETRY_BUDGET_MS
  const sleep = () => {
    const ms = ledger.effects.random() * Math.min(longestMs, firstMs * 2 ** waits)
    waits += 1
    // Who would wait beyond the end, ends.
    return ledger.effects.sleep(Math.min(ms, giveUpAt - ledger.effects.now()))
  }
  return withEffects(ledger, { sleep })
}

function withEffects(ledger: Ledger, effects: Partial<Effects>): Ledger {
  return { ...ledger, effects: { ...ledger.effects, ...effects } }
}

/** What was refused looks as if another transaction had been in the way, which shows nothing. */
function withoutNewer(store: Ledger['store']): Ledger['store'] {
  return {
    ...store,
    async commit(commit) {
      const outcome = await store.commit(commit)
      return outcome.kind === 'stale' ? { kind: 'contended' } : outcome
    },
  }
}
