import type { Entry } from '../money/balance.ts'
import type { TransactionType } from '../money/transaction.ts'

/** How often something happened to a balance, and how much it moved. Sums can pass 2^53, so they are exact. */
export interface Total {
  readonly count: bigint
  readonly in: bigint
  readonly out: bigint
  /** Set aside, or given back, where nothing came in and nothing went out. */
  readonly shifted: bigint
}

export type Totals = Readonly<Partial<Record<TransactionType, Total>>>

const NOTHING: Total = { count: 0n, in: 0n, out: 0n, shifted: 0n }

export function addToTotals(totals: Totals, entry: Entry): Totals {
  const { type } = entry
  const { count, in: came, out: went, shifted } = totals[type] ?? NOTHING
  const moved = BigInt(entry.availableDelta) + BigInt(entry.heldDelta)
  const held = BigInt(entry.heldDelta)
  return {
    ...totals,
    [type]: {
      count: count + 1n,
      in: moved > 0n ? came + moved : came,
      out: moved < 0n ? went - moved : went,
      shifted: moved === 0n ? shifted + (held < 0n ? -held : held) : shifted,
    },
  }
}
