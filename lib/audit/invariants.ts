import { isDeepStrictEqual } from 'node:util'
import { isSystemAccount } from '../money/account.ts'
import type { Balance, Entry } from '../money/balance.ts'
import { findChainBreak } from '../money/chain.ts'
import type { Hold, HoldShift } from '../money/hold.ts'
import { balanceName, type Movement, movementsOf } from '../money/posting.ts'
import type { BalanceAfter, Transaction } from '../money/transaction.ts'
import { type StatusRecord, statusRecordOf, type Wallet } from '../money/wallet.ts'

/** A whole ledger. */
export interface LedgerContents {
  readonly balances: readonly Balance[]
  readonly entries: readonly Entry[]
  readonly transactions: readonly Transaction[]
  readonly wallets: readonly Wallet[]
  readonly statusRecords: readonly StatusRecord[]
  readonly holds: readonly Hold[]
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
    ...wrongReversals(contents),
    ...uncountedBalances(contents),
    ...wrongHolds(contents),
    ...unexplainedHolds(contents),
    ...wrongStatuses(contents),
    ...wrongStatusHistories(contents),
    ...closedWithMoney(contents),
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
    .map((entry) => violation(1, entryName(entry), 'has no transaction'))
  const incomplete = transactions
    .filter((transaction) => !isWhole(transaction, found.get(transaction.id) ?? []))
    .map(({ id }) => violation(1, id, 'its entries are not what it says'))
  return [...orphans, ...incomplete]
}

function isWhole(transaction: Transaction, entries: readonly Entry[]): boolean {
  const movements = movementsOf(transaction.postings, transaction.hold)
  if (movements.length !== entries.length) return false
  return movements.every((movement, index) => {
    const entry = entries.find((candidate) => balanceName(candidate) === balanceName(movement))
    return entry !== undefined && agrees(transaction, movement, transaction.balances[index], entry)
  })
}

function agrees(
  { type, at, reference }: Transaction,
  { availableDelta, heldDelta, postings }: Movement,
  after: BalanceAfter | undefined,
  entry: Entry,
): boolean {
  const said = { type, at, reference, availableDelta, heldDelta, postings, ...after }
  return Object.entries(said).every(([name, value]) =>
    isDeepStrictEqual(value, Object(entry)[name]),
  )
}

/** 1: what was taken back of a transaction is what its reversals say, and never more than there was. */
function wrongReversals({ transactions }: LedgerContents): Violation[] {
  const taken = new Map<string, bigint>()
  for (const { reverses, postings } of transactions) {
    if (!reverses) continue
    taken.set(reverses, (taken.get(reverses) ?? 0n) + BigInt(postings[0]?.amount ?? 0))
  }
  return transactions
    .filter(({ id, reversed, postings }) => {
      const most = postings[0]?.amount ?? 0
      return BigInt(reversed) !== (taken.get(id) ?? 0n) || reversed > most
    })
    .map(({ id, reversed }) => violation(1, id, `its reversals do not add up to ${reversed}`))
}

/** 2: every balance belongs to a wallet that counts it. That it is the sum of its entries, the chain shows. */
function uncountedBalances({ balances, wallets }: LedgerContents): Violation[] {
  const counts = new Map(wallets.map(({ id, balanceCount }) => [id, balanceCount]))
  const owned = Map.groupBy(balances, ({ walletId }) => walletId)
  return Array.from(new Set([...counts.keys(), ...owned.keys()]))
    .filter((id) => counts.get(id) !== (owned.get(id)?.length ?? 0))
    .map((id) =>
      violation(2, id, `counts ${counts.get(id)} balances, has ${owned.get(id)?.length ?? 0}`),
    )
}

/** 2: what a balance holds is what remains of its open holds. */
function wrongHolds({ balances, holds }: LedgerContents): Violation[] {
  const open = Map.groupBy(
    holds.filter(({ state }) => state === 'OPEN'),
    balanceName,
  )
  const remaining = (name: string) =>
    (open.get(name) ?? []).reduce((sum, hold) => sum + BigInt(hold.remaining), 0n)
  const held = new Map(balances.map((balance) => [balanceName(balance), BigInt(balance.held)]))
  return Array.from(new Set([...held.keys(), ...open.keys()]))
    .filter((name) => (held.get(name) ?? 0n) !== remaining(name))
    .map((name) => {
      return violation(2, name, `holds ${held.get(name) ?? 0n}, its open holds ${remaining(name)}`)
    })
}

/** 2: a hold is what the transactions that name it made of it. */
function unexplainedHolds({ holds, transactions }: LedgerContents): Violation[] {
  const told = Map.groupBy(
    transactions.flatMap(({ type, hold }) => (hold ? [{ type, ...hold }] : [])),
    ({ holdId }) => holdId,
  )
  const known = new Set(holds.map(({ id }) => id))
  const missing = Array.from(told.keys())
    .filter((id) => !known.has(id))
    .map((id) => violation(2, id, 'is named by a transaction and is not there'))
  const wrong = holds
    .filter((hold) => !isExplained(hold, told.get(hold.id) ?? []))
    .map(({ id }) => violation(2, id, 'is not what its transactions made of it'))
  return [...missing, ...wrong]
}

function isExplained(
  hold: Hold,
  told: readonly (HoldShift & Pick<Transaction, 'type'>)[],
): boolean {
  const made = told.find(({ type }) => type === 'HOLD')
  const left = told.reduce((sum, { delta }) => sum + BigInt(delta), 0n)
  const state = left > 0n ? 'OPEN' : stateAfter(new Set(told.map(({ type }) => type)))
  return (
    made?.delta === hold.amount &&
    left === BigInt(hold.remaining) &&
    state === hold.state &&
    told.every((shift) => balanceName(shift) === balanceName(hold))
  )
}

function stateAfter(types: ReadonlySet<Transaction['type']>): Hold['state'] {
  if (types.has('VOID')) return 'VOIDED'
  return types.has('EXPIRE') ? 'EXPIRED' : 'CAPTURED'
}

/** 2: a wallet and its balances have one status. */
function wrongStatuses({ balances, wallets }: LedgerContents): Violation[] {
  const statuses = new Map(wallets.map(({ id, status }) => [id, status]))
  return balances
    .filter(({ walletId, status }) => statuses.get(walletId) !== status)
    .map((balance) => violation(2, balanceName(balance), `is ${balance.status}, its wallet is not`))
}

/** 2: the changes of a wallet's status are recorded without a gap, and the last one is what the wallet says. */
function wrongStatusHistories({ wallets, statusRecords }: LedgerContents): Violation[] {
  const histories = Map.groupBy(statusRecords, ({ walletId }) => walletId)
  const known = new Set(wallets.map(({ id }) => id))
  const orphans = Array.from(histories.keys())
    .filter((id) => !known.has(id))
    .map((id) => violation(2, id, 'has a status history and no wallet'))
  const wrong = wallets
    .filter((wallet) => !isHistoryOf(wallet, histories.get(wallet.id) ?? []))
    .map(({ id }) => violation(2, id, 'its status history does not lead to its status'))
  return [...orphans, ...wrong]
}

function isHistoryOf(wallet: Wallet, records: readonly StatusRecord[]): boolean {
  // A wallet from before there were records has no time of its last change.
  if (wallet.changedAt === undefined) return records.length === 0
  const inOrder = records.toSorted((a, b) => a.number - b.number)
  return (
    inOrder.every(({ number }, index) => number === index + 1) &&
    isDeepStrictEqual(inOrder.at(-1), statusRecordOf(wallet))
  )
}

/** 2: a wallet is closed when it is empty, and stays empty. */
function closedWithMoney({ balances }: LedgerContents): Violation[] {
  return balances
    .filter(({ status, available, held }) => status === 'CLOSED' && (available !== 0 || held !== 0))
    .map((balance) => violation(2, balanceName(balance), 'is closed and not empty'))
}

/** 3: nobody has less than nothing, but who was taken back more from than was left. */
function debts({ entries }: LedgerContents): Violation[] {
  return entries
    .filter(({ type, available, availableDelta, held }) => {
      return held < 0 || (available < 0 && availableDelta < 0 && type !== 'REVERSE')
    })
    .map((entry) => violation(3, entryName(entry), 'goes below zero'))
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

function entryName(entry: Entry): string {
  return `${balanceName(entry)} entry ${entry.seq}`
}

function violation(invariant: Violation['invariant'], where: string, reason: string): Violation {
  return { invariant, where, reason }
}
