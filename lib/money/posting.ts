import { type Account, isAccount, isSystemAccount, type WalletId } from './account.ts'
import { type Amount, exactSum } from './amount.ts'
import type { AssetCode } from './asset.ts'
import type { HoldShift } from './hold.ts'
import { invariant } from './invariant.ts'

/** One debit and one credit in one row, so that it cannot be unbalanced. */
export interface Posting {
  readonly from: Account
  readonly to: Account
  readonly asset: AssetCode
  readonly amount: Amount
}

export const MAX_POSTINGS = 40

/** A posting seen from one of its sides: positive came in, negative went out. */
export interface SidePosting {
  readonly counterparty: Account
  readonly amount: number
}

/** Everything that a transaction does to one wallet's balance of one asset. */
export interface Movement extends BalanceId {
  readonly postings: readonly SidePosting[]
  /** What the postings bring, less what is set aside; undefined where no balance could ever hold it. */
  readonly availableDelta: number | undefined
  readonly heldDelta: number
}

/** The movements of the wallets that a transaction names, in the order in which it first names them. */
export function movementsOf(postings: readonly Posting[], hold?: HoldShift): Movement[] {
  assertPostings(postings)
  invariant(postings.length > 0 || hold !== undefined, 'a transaction moves something')
  const sides = new Map<string, { walletId: WalletId; asset: AssetCode; postings: SidePosting[] }>()
  const sideOf = (walletId: WalletId, asset: AssetCode) => {
    const key = balanceName({ walletId, asset })
    const side = sides.get(key) ?? { walletId, asset, postings: [] }
    sides.set(key, side)
    return side.postings
  }
  if (hold) sideOf(hold.walletId, hold.asset)
  for (const { from, to, asset, amount } of postings) {
    if (!isSystemAccount(from)) sideOf(from, asset).push({ counterparty: to, amount: -amount })
    if (!isSystemAccount(to)) sideOf(to, asset).push({ counterparty: from, amount })
  }
  const held = hold && balanceName(hold)
  return Array.from(sides, ([key, side]) => {
    const heldDelta = hold && key === held ? hold.delta : 0
    const amounts = side.postings.map(({ amount }) => amount)
    return { ...side, availableDelta: exactSum([...amounts, -heldDelta]), heldDelta }
  })
}

/** The balances that postings debit or credit, each once. System accounts have none. */
export function balancesIn(postings: readonly Posting[]): BalanceId[] {
  const balances = new Map<string, BalanceId>()
  for (const { from, to, asset } of postings) {
    for (const account of [from, to]) {
      if (isSystemAccount(account)) continue
      const id = { walletId: account, asset }
      balances.set(balanceName(id), id)
    }
  }
  return Array.from(balances.values())
}

/** Which balance: the one that a wallet has of an asset. */
export interface BalanceId {
  readonly walletId: WalletId
  readonly asset: AssetCode
}

/** The same as a text, for maps and queues. Neither part can contain a `#`. */
export function balanceName({ walletId, asset }: BalanceId): string {
  return `${walletId}#${asset}`
}

function assertPostings(postings: readonly Posting[]): void {
  invariant(postings.length <= MAX_POSTINGS, `a transaction has at most ${MAX_POSTINGS} postings`)
  for (const { from, to } of postings) {
    invariant([from, to].every(isAccount), 'a posting is between accounts')
    invariant(from !== to, 'a posting is between two accounts')
    invariant(
      !(isSystemAccount(from) && isSystemAccount(to)),
      'a posting has a wallet on one side at least',
    )
  }
}
