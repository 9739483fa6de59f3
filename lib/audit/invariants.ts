import { isSystemAccount } from '../money/account.ts'
import type { Balance, Entry } from '../money/balance.ts'
import { findChainBreak } from '../money/chain.ts'
import { balanceName, movementsOf } from '../money/posting.ts'
import type { Transaction } from '../money/transaction.ts'
import type { Wallet } from '../money/wallet.ts'

/** A whole ledger, or all that is in it of the wallets in question. */
export interface LedgerContents {
  readonly balances: readonly Balance[]
  readonly entries: readonly Entry[]
  readonly transactions: readonly Transaction[]
  readonly wallets: readonly Wallet[]
}

/** The number is that of the invariant in docs/invariants.md. */
export interface Violation {
  readonly invariant: 1 | 2 | 3 | 4 | 5
  readonly where: string
  readonly reason: string
}

export function findViolations(contents: LedgerContents): Violation[] {
  return [
    ...halfTransactions(contents),
    ...uncountedBalances(contents),
    ...debts(contents),
    ...brokenChains(contents),
    ...unbalancedAssets(contents),
  ]
}

/** 1: a transaction is in the ledger whole or not at all. */
function halfTransactions({ transactions, entries }: LedgerContents): Violation[] {
  const found = Map.groupBy(entries, ({ transactionId }) => transactionId)
  const known = new Set(transactions.map(({ id }) => id))
  const orphans = entries
    .filter(({ transactionId }) => !known.has(transactionId))
    .map((entry) => violation(1, balanceName(entry), `entry ${entry.seq} has no transaction`))
  const incomplete = transactions
    .filter((transaction) => !isWhole(transaction, found.get(transaction.id) ?? []))
    .map(({ id }) => violation(1, id, 'its entries are not what its postings say'))
  return [...orphans, ...incomplete]
}

function isWhole(transaction: Transaction, entries: readonly Entry[]): boolean {
  const movements = movementsOf(transaction.postings, transaction.hold)
  if (movements.length !== entries.length) return false
  return movements.every((movement, index) => {
    const after = transaction.balances[index]
    const entry = entries.find((candidate) => balanceName(candidate) === balanceName(movement))
    return (
      entry !== undefined &&
      entry.availableDelta === movement.availableDelta &&
      entry.heldDelta === movement.heldDelta &&
      entry.seq === after?.seq &&
      entry.available === after.available &&
      entry.held === after.held
    )
  })
}

/** 2: every balance belongs to a wallet that counts it. That it is the sum of its entries, the chain shows. */
function uncountedBalances({ balances, wallets }: LedgerContents): Violation[] {
  const counts = new Map(wallets.map(({ id, balanceCount }) => [id, balanceCount]))
  const owned = Map.groupBy(balances, ({ walletId }) => walletId)
  return Array.from(new Set([...counts.keys(), ...owned.keys()]))
    .filter((id) => counts.get(id) !== owned.get(id)?.length)
    .map((id) =>
      violation(2, id, `counts ${counts.get(id)} balances, has ${owned.get(id)?.length}`),
    )
}

/** 3: nobody has less than nothing. */
function debts({ entries, balances }: LedgerContents): Violation[] {
  return [...entries, ...balances]
    .filter(({ available, held }) => available < 0 || held < 0)
    .map((row) => violation(3, balanceName(row), `is below zero at ${row.seq}`))
}

/** 4, and the sums of 2: one chain of entries leads to every balance. */
function brokenChains({ balances, entries }: LedgerContents): Violation[] {
  const chains = Map.groupBy(entries, balanceName)
  const ofBalances = balances.flatMap((balance) => {
    const chain = (chains.get(balanceName(balance)) ?? []).toSorted((a, b) => a.seq - b.seq)
    const broken = findChainBreak(balance, chain)
    return broken ? [violation(4, balanceName(balance), `${broken.reason}, at ${broken.seq}`)] : []
  })
  const named = new Set(balances.map(balanceName))
  const ofNobody = Array.from(chains.keys())
    .filter((name) => !named.has(name))
    .map((name) => violation(4, name, 'has entries and no balance'))
  return [...ofBalances, ...ofNobody]
}

/** 5: over all accounts, the house's included, an asset sums to zero. */
function unbalancedAssets({ balances, transactions }: LedgerContents): Violation[] {
  const sums = new Map<string, bigint>()
  const add = (asset: string, amount: number) =>
    sums.set(asset, (sums.get(asset) ?? 0n) + BigInt(amount))
  for (const { asset, available, held } of balances) {
    add(asset, available)
    add(asset, held)
  }
  for (const { from, to, asset, amount } of transactions.flatMap(({ postings }) => postings)) {
    if (isSystemAccount(from)) add(asset, -amount)
    if (isSystemAccount(to)) add(asset, amount)
  }
  return Array.from(sums)
    .filter(([, sum]) => sum !== 0n)
    .map(([asset, sum]) => violation(5, asset, `sums to ${sum}`))
}

function violation(invariant: Violation['invariant'], where: string, reason: string): Violation {
  return { invariant, where, reason }
}
