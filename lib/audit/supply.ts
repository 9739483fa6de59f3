import { isSystemAccount } from '../money/account.ts'
import type { Entry } from '../money/balance.ts'

/**
 * What one entry changes in the sums over all wallets of an asset. Every sum of changes keeps
 * `inWallets + inTransit + all accounts = 0`, so it can be checked at any moment, in the middle of anything.
 */
export interface SupplyChange {
  readonly inWallets: bigint
  readonly held: bigint
  /** Sent by one wallet and not yet seen to arrive at the other, whose entry is projected by itself. */
  readonly inTransit: bigint
  /** From the house to wallets and back, by the type of the transaction. */
  readonly issued: Readonly<Record<string, bigint>>
  readonly burned: Readonly<Record<string, bigint>>
  /** What became of each system account. */
  readonly accounts: Readonly<Record<string, bigint>>
  /** How many entries of each type. */
  readonly entries: Readonly<Record<string, bigint>>
}

export const NO_CHANGE: SupplyChange = {
  inWallets: 0n,
  held: 0n,
  inTransit: 0n,
  issued: {},
  burned: {},
  accounts: {},
  entries: {},
}

export function supplyChange(entry: Entry): SupplyChange {
  const house = entry.postings.filter(({ counterparty }) => isSystemAccount(counterparty))
  const others = entry.postings.filter(({ counterparty }) => !isSystemAccount(counterparty))
  const accounts = house.map(({ counterparty, amount }) => ({ [counterparty]: -BigInt(amount) }))
  return {
    inWallets: BigInt(entry.availableDelta) + BigInt(entry.heldDelta),
    held: BigInt(entry.heldDelta),
    inTransit: -sum(others.map(({ amount }) => BigInt(amount))),
    issued: byType(entry, sum(house.map(({ amount }) => BigInt(Math.max(amount, 0))))),
    burned: byType(entry, sum(house.map(({ amount }) => BigInt(Math.max(-amount, 0))))),
    accounts: accounts.reduce(addNamed, {}),
    entries: { [entry.type]: 1n },
  }
}

export function addSupply(a: SupplyChange, b: SupplyChange): SupplyChange {
  return {
    inWallets: a.inWallets + b.inWallets,
    held: a.held + b.held,
    inTransit: a.inTransit + b.inTransit,
    issued: addNamed(a.issued, b.issued),
    burned: addNamed(a.burned, b.burned),
    accounts: addNamed(a.accounts, b.accounts),
    entries: addNamed(a.entries, b.entries),
  }
}

/** Invariant 5. */
export function imbalance({ inWallets, inTransit, accounts }: SupplyChange): bigint {
  return inWallets + inTransit + sum(Object.values(accounts))
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}

function byType({ type }: Entry, amount: bigint): Record<string, bigint> {
  return amount === 0n ? {} : { [type]: amount }
}

function addNamed(
  a: Readonly<Record<string, bigint>>,
  b: Readonly<Record<string, bigint>>,
): Record<string, bigint> {
  const names = Array.from(new Set([...Object.keys(a), ...Object.keys(b)]))
  return Object.fromEntries(names.map((name) => [name, (a[name] ?? 0n) + (b[name] ?? 0n)]))
}
