import { type Account, isSystemAccount, type WalletId } from './account.ts'
import { type Amount, exactSum } from './amount.ts'
import type { AssetCode } from './asset.ts'
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
export interface Movement {
  readonly walletId: WalletId
  readonly asset: AssetCode
  readonly postings: readonly SidePosting[]
  /** The sum of the postings; undefined where no balance could ever hold it. */
  readonly availableDelta: number | undefined
  readonly heldDelta: number
}

/** The movements of the wallets that the postings name, in the order in which they first name them. */
export function netPostings(postings: readonly Posting[]): Movement[] {
  assertPostings(postings)
  const sides = new Map<string, { walletId: WalletId; asset: AssetCode; postings: SidePosting[] }>()
  const addSide = (account: Account, asset: AssetCode, side: SidePosting) => {
    if (isSystemAccount(account)) return
    const key = balanceName(account, asset)
    const known = sides.get(key)
    if (known) known.postings.push(side)
    else sides.set(key, { walletId: account, asset, postings: [side] })
  }
  for (const { from, to, asset, amount } of postings) {
    addSide(from, asset, { counterparty: to, amount: -amount })
    addSide(to, asset, { counterparty: from, amount })
  }
  return Array.from(sides.values(), (side) => ({
    ...side,
    availableDelta: exactSum(side.postings.map(({ amount }) => amount)),
    heldDelta: 0,
  }))
}

/** One wallet's balance of one asset, as a map key. Neither part can contain a `#`. */
export function balanceName(walletId: WalletId, asset: AssetCode): string {
  return `${walletId}#${asset}`
}

function assertPostings(postings: readonly Posting[]): void {
  invariant(postings.length >= 1, 'a transaction has at least one posting')
  invariant(postings.length <= MAX_POSTINGS, `a transaction has at most ${MAX_POSTINGS} postings`)
  for (const { from, to } of postings) {
    invariant(from !== to, 'a posting is between two accounts')
    invariant(
      !(isSystemAccount(from) && isSystemAccount(to)),
      'a posting has a wallet on one side at least',
    )
  }
}
