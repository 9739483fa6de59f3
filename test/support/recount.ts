import type { LedgerContents } from '../../lib/audit/invariants.ts'
import { isSystemAccount } from '../../lib/money/account.ts'
import { balanceName } from '../../lib/money/posting.ts'

/** What the projections must say, counted from the whole ledger at once, by another way. */
export function recount({ balances, entries, transactions }: LedgerContents) {
  const count = (type: string, asset: string, side: 'from' | 'to') =>
    transactions
      .filter((transaction) => transaction.type === type)
      .flatMap(({ postings }) => postings)
      .filter((posting) => posting.asset === asset && isSystemAccount(posting[side]))
      .reduce((sum, { amount }) => sum + BigInt(amount), 0n)
  const accounts = new Map<string, bigint>()
  for (const { from, to, asset, amount } of transactions.flatMap(({ postings }) => postings)) {
    for (const [account, sign] of [
      [from, -1n],
      [to, 1n],
    ] as const) {
      const name = `${account} ${asset}`
      if (isSystemAccount(account))
        accounts.set(name, (accounts.get(name) ?? 0n) + sign * BigInt(amount))
    }
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
    issued: (type: string, asset: string) => count(type, asset, 'from'),
    burned: (type: string, asset: string) => count(type, asset, 'to'),
    account: (account: string, asset: string) => accounts.get(`${account} ${asset}`) ?? 0n,
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
