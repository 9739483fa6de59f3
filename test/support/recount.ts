import type { LedgerContents } from '../../lib/audit/invariants.ts'
import { isSystemAccount } from '../../lib/money/account.ts'
import { balanceName } from '../../lib/money/posting.ts'

/** What the projections must say, counted from the whole ledger at once, by another way. */
export function recount({ balances, entries, transactions }: LedgerContents) {
  /** By type: what came from system accounts, or went to them. */
  const moved = (asset: string, side: 'from' | 'to') => {
    const sums: Record<string, bigint> = {}
    for (const { type, postings } of transactions) {
      for (const posting of postings) {
        if (posting.asset !== asset || !isSystemAccount(posting[side])) continue
        sums[type] = (sums[type] ?? 0n) + BigInt(posting.amount)
      }
    }
    return sums
  }
  const accountsOf = (asset: string) => {
    const sums: Record<string, bigint> = {}
    for (const posting of transactions.flatMap(({ postings }) => postings)) {
      if (posting.asset !== asset) continue
      for (const [account, sign] of [
        [posting.from, -1n],
        [posting.to, 1n],
      ] as const) {
        if (!isSystemAccount(account)) continue
        sums[account] = (sums[account] ?? 0n) + sign * BigInt(posting.amount)
      }
    }
    return sums
  }
  return {
    inWallets: (asset: string) =>
      balances
        .filter((balance) => balance.asset === asset)
        .reduce((sum, { available, held }) => sum + BigInt(available) + BigInt(held), 0n),
    held: (asset: string) =>
      balances
        .filter((balance) => balance.asset === asset)
        .reduce((sum, { held }) => sum + BigInt(held), 0n),
    issued: (asset: string) => moved(asset, 'from'),
    burned: (asset: string) => moved(asset, 'to'),
    accounts: accountsOf,
    /** By balance and type: how often, and what came in and went out. */
    totals: () => {
      const totals: Record<string, { count: bigint; in: bigint; out: bigint }> = {}
      for (const entry of entries) {
        const name = `${balanceName(entry)} ${entry.type}`
        const total = totals[name] ?? { count: 0n, in: 0n, out: 0n }
        const moved = BigInt(entry.availableDelta + entry.heldDelta)
        totals[name] = {
          count: total.count + 1n,
          in: total.in + (moved > 0n ? moved : 0n),
          out: total.out + (moved < 0n ? -moved : 0n),
        }
      }
      return totals
    },
  }
}
