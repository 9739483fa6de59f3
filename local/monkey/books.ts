import type { Errand } from './errand.ts'
import { kindOf } from './kinds.ts'
import type { Movement, Shortfall } from './verdict.ts'
import type { World } from './world.ts'

/**
 * The monkey's own books: what it asked for and was told is done. Deltas are what it asked for, and balances are
 * what it was told: that the two fit is not taken for granted, it is one of the things to look at.
 */
export interface Books {
  readonly done: (errand: Errand, movement: Movement, span: Span) => void
  readonly declined: (errand: Errand, decline: Decline) => void
  /** By `accountName`. */
  readonly accounts: ReadonlyMap<string, Account>
  readonly transactions: () => number
  /** What an errand was told, by its name, where it was not done. */
  readonly refusals: ReadonlyMap<string, string>
  /** That there was too little, and where; each is looked into in the end. */
  readonly shortfalls: readonly ToldShort[]
  /** What cannot be, whatever the wallets have. */
  readonly contradictions: readonly Contradiction[]
}

export interface Account {
  readonly walletId: string
  readonly asset: string
  readonly moves: Move[]
}

/** One done errand in one balance. */
export interface Move extends Span {
  readonly errand: string
  readonly kind: string
  readonly type: string
  readonly transactionId: string
  readonly availableDelta: number
  readonly heldDelta: number
  /** As the answer says that it was right after; undefined where it says nothing of this balance. */
  readonly after:
    | { readonly available: number; readonly held: number; readonly version: number }
    | undefined
}

/** From when it was first sent to when it was known: in between, it happened. */
export interface Span {
  readonly sentAt: number
  readonly receivedAt: number
}

export interface Decline extends Span {
  readonly name: string
  readonly shortfall?: Shortfall
}

export interface ToldShort extends Span, Shortfall {
  readonly errand: string
  readonly account: string
}

interface Contradiction {
  readonly errand: string
  readonly where: string
  readonly expected: string
  readonly found: string
}

export function accountName(walletId: string, asset: string): string {
  return `${walletId} ${asset}`
}

export function openBooks(world: World): Books {
  const accounts = new Map<string, Account>()
  const known = new Map<string, string>()
  const refusals = new Map<string, string>()
  const shortfalls: ToldShort[] = []
  const contradictions: Contradiction[] = []

  function accountOf(walletId: string, asset: string): Account {
    const name = accountName(walletId, asset)
    const account = accounts.get(name) ?? { walletId, asset, moves: [] }
    accounts.set(name, account)
    return account
  }
  for (const walletId of world.wallets) {
    accountOf(walletId, world.coins)
    accountOf(walletId, world.gems)
  }

  return {
    ...{ accounts, refusals, shortfalls, contradictions },
    transactions: () => known.size,

    done(errand, { id, type, balances }, span) {
      const other = known.get(id)
      if (other !== undefined) {
        contradictions.push({
          errand: errand.name,
          where: id,
          expected: `a transaction of errand ${errand.name} alone`,
          found: `the one of errand ${other}`,
        })
        return
      }
      known.set(id, errand.name)
      refusals.delete(errand.name)
      for (const effect of kindOf(errand).effects(errand, world)) {
        const { walletId, asset, available, held } = effect
        const after = balances.find((told) => told.walletId === walletId && told.asset === asset)
        accountOf(walletId, asset).moves.push({
          errand: errand.name,
          ...{ kind: errand.kind, type, transactionId: id, after },
          ...{ availableDelta: available, heldDelta: held },
          ...{ sentAt: span.sentAt, receivedAt: span.receivedAt },
        })
      }
    },

    declined(errand, { name, shortfall, sentAt, receivedAt }) {
      refusals.set(errand.name, name)
      const debit = kindOf(errand)
        .effects(errand, world)
        .find(({ available }) => available < 0)
      if (!shortfall || !debit) return
      const account = accountName(debit.walletId, debit.asset)
      shortfalls.push({ errand: errand.name, account, ...shortfall, sentAt, receivedAt })
    },
  }
}

export interface Totals {
  readonly available: number
  readonly held: number
  readonly version: number
}

/** What a balance has to be. */
export function totalsOf({ moves }: Account): Totals {
  const sum = (read: (move: Move) => number) => moves.reduce((total, move) => total + read(move), 0)
  return {
    available: sum(({ availableDelta }) => availableDelta),
    held: sum(({ heldDelta }) => heldDelta),
    version: moves.length,
  }
}
