import type { Balance } from '../money/balance.ts'
import { type BalanceId, balanceName } from '../money/posting.ts'
import type { Effects } from './effects.ts'

/**
 * What this function instance wrote last, so that the next write need not read it first. Money does not depend on it:
 * a plan from a balance that has moved since is refused by the condition on its head, and nothing is declined before
 * it was read. But a refusal is billed like a write, so the instance trusts its memory only while that is right nearly
 * always. docs/adr/0022-known-balances.md
 */
export interface KnownBalances {
  /** As this instance wrote them. Undefined unless all are known: what reads one reads the others, too. */
  readonly recall: (ids: readonly BalanceId[]) => Recalled | undefined
  /** Whether to write without reading. */
  readonly isTrusted: () => boolean
  /** What came out of it: of a memory that a write relied on, or of one that was only compared with what was read. */
  readonly judge: (
    recalled: Recalled,
    verdict: 'right' | 'wrong',
    use: 'relied' | 'compared',
  ) => void
  /** What was committed just now. */
  readonly learn: (written: readonly Balance[]) => void
  readonly forget: (ids: readonly BalanceId[]) => void
  /** How often a write relied on it, since it was last asked. */
  readonly take: () => { readonly hits: number; readonly misses: number }
}

export type Recalled = readonly Balance[]

export interface KnownBalancesOptions extends Pick<Effects, 'now'> {
  /** Beyond these, what was written longest ago is forgotten first. None at all turns it off. */
  readonly mostKept?: number
  readonly keptForMs?: number
  /** How often it has to be right to make up for being wrong once. */
  readonly rightForOneWrong?: number
}

export const MOST_KEPT_BALANCES = 1_000
/** A player taps in bursts. The longer ago it is, the likelier another instance was asked since. */
export const KEPT_FOR_MS = 60_000
/** A refused write costs 6 write units, and what a hit saves is 1 read unit: in dollars, thirty times less. */
export const RIGHT_FOR_ONE_WRONG = 30

interface Kept {
  readonly balance: Balance
  readonly untilMs: number
}

export function createKnownBalances({
  now,
  mostKept = MOST_KEPT_BALANCES,
  keptForMs = KEPT_FOR_MS,
  rightForOneWrong = RIGHT_FOR_ONE_WRONG,
}: KnownBalancesOptions): KnownBalances {
  /** By `balanceName`, in the order in which they were written. */
  const kept = new Map<string, Kept>()
  // The first mistake is on credit; after it, an instance earns the next one by comparing, which is free.
  let rightInARow = rightForOneWrong
  let hits = 0
  let misses = 0

  function find(id: BalanceId): Balance | undefined {
    const found = kept.get(balanceName(id))
    return found && now() < found.untilMs ? found.balance : undefined
  }

  function forget(ids: readonly BalanceId[]): void {
    for (const id of ids) kept.delete(balanceName(id))
  }

  function learnOne(balance: Balance): void {
    const known = find(balance)
    // Answers can overtake each other, and the older one may come last.
    if (known && known.seq > balance.seq) return
    forget([balance])
    // Frozen before or after? Nobody can say.
    if (known && known.seq === balance.seq && !isSame(known, balance)) return
    kept.set(balanceName(balance), { balance, untilMs: now() + keptForMs })
  }

  return {
    recall(ids) {
      const found = ids.map(find).filter((balance) => balance !== undefined)
      return ids.length > 0 && found.length === ids.length ? found : undefined
    },

    isTrusted: () => rightInARow >= rightForOneWrong,

    judge(recalled, verdict, use) {
      const isRight = verdict === 'right'
      rightInARow = isRight ? Math.min(rightInARow + 1, rightForOneWrong) : 0
      if (!isRight) forget(recalled)
      if (use === 'compared') return
      if (isRight) hits += 1
      else misses += 1
    },

    learn(written) {
      for (const balance of written) learnOne(balance)
      for (const oldest of kept.keys()) {
        if (kept.size <= mostKept) break
        kept.delete(oldest)
      }
    },

    forget,

    take() {
      const taken = { hits, misses }
      hits = 0
      misses = 0
      return taken
    },
  }
}

/** Whether the table has just what was recalled. */
export function isAsRecalled(recalled: Recalled, found: readonly Balance[]): boolean {
  const byName = new Map(found.map((balance) => [balanceName(balance), balance]))
  return recalled.every((balance) => {
    const there = byName.get(balanceName(balance))
    return there !== undefined && isSame(there, balance)
  })
}

/** The head is the hash of all that was ever done to a balance; what a wallet may do is beside it. */
function isSame(a: Balance, b: Balance): boolean {
  return a.head === b.head && a.status === b.status
}
