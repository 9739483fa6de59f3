import { type Command, fingerprint } from '../../lib/ledger/command.ts'
import { type Account, isSystemAccount } from '../../lib/money/account.ts'
import { MAX_AMOUNT } from '../../lib/money/amount.ts'
import type { Posting } from '../../lib/money/posting.ts'
import type { WalletStatus } from '../../lib/money/wallet.ts'

/**
 * A wallet service in one screen or two: no database, no conflicts, no hashes, no plans. It predicts every
 * answer of the real one, and shares with it nothing but the words.
 */
export interface ModelHold {
  readonly wallet: string
  readonly asset: string
  readonly expiresAt: number
  remaining: bigint
  state: 'OPEN' | 'EXPIRED' | 'CLOSED'
}

interface ModelTransaction {
  readonly type: Command['type']
  readonly postings: readonly Posting[]
  reversed: bigint
}

interface Effect {
  readonly postings: readonly Posting[]
  /** What changes between available and held. */
  readonly shift?: { readonly name: string; readonly delta: bigint }
  readonly allowOverdraft?: boolean
  /** A freeze does not stand in its way. */
  readonly allowFrozen?: boolean
  readonly apply?: () => void
}

export class Model {
  readonly available = new Map<string, bigint>()
  readonly held = new Map<string, bigint>()
  readonly statuses = new Map<string, WalletStatus>()
  /** By id. */
  readonly holds = new Map<string, ModelHold>()
  readonly transactions = new Map<string, ModelTransaction>()
  readonly posted = new Map<string, string>()
  #now = 0

  /** What becomes of a command; `id` is what it will be called if anything does. */
  expect(command: Command, key: string, id: string, now: number): string {
    this.#now = now
    const print = fingerprint(command)
    const earlier = this.posted.get(key)
    if (earlier !== undefined) return earlier === print ? 'replayed' : 'key-reused'
    const effect = this.#effectOf(command, id)
    if (typeof effect === 'string') return effect
    const refusal = this.#move(effect)
    if (refusal) return refusal
    effect.apply?.()
    this.posted.set(key, print)
    this.transactions.set(id, { type: command.type, postings: effect.postings, reversed: 0n })
    return 'posted'
  }

  /** An operator's write of metadata creates the wallet. */
  expectMetadata(wallet: string): string {
    this.statuses.set(wallet, this.statuses.get(wallet) ?? 'ACTIVE')
    return 'done'
  }

  expectStatus(wallet: string, status: WalletStatus): string {
    const now = this.statuses.get(wallet)
    if (now === undefined) return 'WALLET_NOT_FOUND'
    if (now === status) return 'done'
    if (now === 'CLOSED') return 'WALLET_CLOSED'
    const owned = [...this.available, ...this.held].filter(([name]) =>
      name.startsWith(`${wallet}#`),
    )
    if (status === 'CLOSED' && owned.some(([, value]) => value !== 0n)) return 'WALLET_NOT_EMPTY'
    this.statuses.set(wallet, status)
    return 'done'
  }

  /** How many holds a sweeper gives back. */
  expectSweep(now: number): number {
    const over = Array.from(this.holds.values()).filter(
      ({ state, expiresAt }) => state === 'OPEN' && expiresAt <= now,
    )
    for (const hold of over) this.#release(hold)
    return over.length
  }

  #effectOf(command: Command, id: string): Effect | string {
    switch (command.type) {
      case 'HOLD': {
        const { walletId, asset, amount, expiresInSeconds } = command
        const expiresAt = this.#now + expiresInSeconds * 1000
        const remaining = BigInt(amount)
        const hold = { wallet: walletId, asset, expiresAt, remaining, state: 'OPEN' as const }
        return {
          postings: [],
          shift: { name: `${walletId}#${asset}`, delta: remaining },
          apply: () => this.holds.set(id.replace('txn_', 'hold_'), hold),
        }
      }
      case 'CAPTURE':
        return this.#capture(command)
      case 'VOID':
      case 'EXPIRE': {
        const hold = this.holds.get(command.holdId)
        const refusal = this.#refuseHold(hold)
        if (!hold || refusal) return refusal ?? 'HOLD_NOT_FOUND'
        const name = `${hold.wallet}#${hold.asset}`
        return {
          postings: [],
          shift: { name, delta: -hold.remaining },
          apply: () => Object.assign(hold, { remaining: 0n, state: 'CLOSED' }),
        }
      }
      case 'REVERSE':
        return this.#reverse(command)
      default: {
        const isCircle = command.postings.some(({ from, to }) => from === to)
        return isCircle ? 'SAME_WALLET' : { postings: command.postings }
      }
    }
  }

  #capture({ walletId, holdId, amount, to }: Extract<Command, { type: 'CAPTURE' }>) {
    const hold = this.holds.get(holdId)
    const refusal = this.#refuseHold(hold)
    if (!hold || refusal) return refusal ?? 'HOLD_NOT_FOUND'
    if (to === walletId) return 'SAME_WALLET'
    const taken = amount === undefined ? hold.remaining : BigInt(amount)
    if (taken > hold.remaining) return 'INSUFFICIENT_FUNDS'
    const posting = {
      from: walletId,
      to: to ?? '@treasury',
      asset: hold.asset,
      amount: Number(taken),
    }
    return {
      postings: [posting as Posting],
      shift: { name: `${hold.wallet}#${hold.asset}`, delta: -taken },
      allowFrozen: true,
      apply: () => {
        hold.remaining -= taken
        hold.state = hold.remaining > 0n ? 'OPEN' : 'CLOSED'
      },
    }
  }

  #reverse(command: Extract<Command, { type: 'REVERSE' }>): Effect | string {
    const { transactionId, amount, allowDebt } = command
    const original = this.transactions.get(transactionId)
    if (!original) return 'TRANSACTION_NOT_FOUND'
    if (['HOLD', 'VOID', 'EXPIRE', 'REVERSE'].includes(original.type)) return 'NOT_REVERSIBLE'
    const isDivisible = original.postings.length === 1
    if (amount !== undefined && !isDivisible) return 'NOT_DIVISIBLE'
    const left = BigInt(original.postings[0]?.amount ?? 0) - original.reversed
    const taken = amount === undefined ? left : BigInt(amount)
    if (left === 0n || taken > left) return 'ALREADY_REVERSED'
    const postings = original.postings.map(({ from, to, asset, amount: whole }) => {
      return { from: to, to: from, asset, amount: isDivisible ? Number(taken) : whole } as Posting
    })
    return {
      postings,
      allowOverdraft: allowDebt,
      allowFrozen: true,
      apply: () => {
        original.reversed += taken
      },
    }
  }

  #refuseHold(hold: ModelHold | undefined): string | undefined {
    if (!hold) return 'HOLD_NOT_FOUND'
    if (hold.state === 'CLOSED') return 'HOLD_CLOSED'
    return hold.expiresAt <= this.#now ? 'HOLD_EXPIRED' : undefined
  }

  /** Changes the balances, or says why not. */
  #move(effect: Effect): string | undefined {
    const { postings, shift } = effect
    const deltas = sumUp(postings)
    const paying = new Set(postings.map(({ from, asset }) => `${from}#${asset}`))
    // What is set aside comes first, as the hold is what the command is about.
    const all = shift ? new Map([[shift.name, 0n], ...deltas]) : deltas
    const changes = Array.from(all, ([name, delta]): Change => {
      const heldDelta = shift?.name === name ? shift.delta : 0n
      const isDebit = paying.has(name) || heldDelta > 0n
      return { name, delta: delta - heldDelta, heldDelta, isDebit }
    })
    for (const change of changes) {
      const refusal = this.#refuse(change, effect)
      if (refusal) return refusal
    }
    for (const change of changes) this.#apply(change)
    return undefined
  }

  #apply({ name, delta, heldDelta }: Change): void {
    this.available.set(name, (this.available.get(name) ?? 0n) + delta)
    this.held.set(name, (this.held.get(name) ?? 0n) + heldDelta)
    const wallet = ownerOf(name)
    this.statuses.set(wallet, this.statuses.get(wallet) ?? 'ACTIVE')
  }

  #refuse(
    { name, delta, heldDelta, isDebit }: Change,
    { allowOverdraft = false, allowFrozen = false }: Effect,
  ): string | undefined {
    const after = (this.available.get(name) ?? 0n) + delta
    const heldAfter = (this.held.get(name) ?? 0n) + heldDelta
    if (![delta, after, heldAfter, after + heldAfter].every(fits)) return 'BALANCE_LIMIT'
    const status = this.statuses.get(ownerOf(name))
    if (isDebit && status === undefined) return 'WALLET_NOT_FOUND'
    if (status === 'CLOSED') return 'WALLET_CLOSED'
    if (status === 'FROZEN' && isDebit && !allowFrozen) return 'WALLET_FROZEN'
    return delta < 0n && after < 0n && !allowOverdraft ? 'INSUFFICIENT_FUNDS' : undefined
  }

  #release(hold: ModelHold): void {
    const name = `${hold.wallet}#${hold.asset}`
    this.available.set(name, (this.available.get(name) ?? 0n) + hold.remaining)
    this.held.set(name, (this.held.get(name) ?? 0n) - hold.remaining)
    hold.remaining = 0n
    hold.state = 'EXPIRED'
  }
}

interface Change {
  readonly name: string
  readonly delta: bigint
  readonly heldDelta: bigint
  /** Whether any of it goes out, whatever comes in beside it. */
  readonly isDebit: boolean
}

/** What the postings bring to each balance, in the order in which they name them. */
function sumUp(postings: readonly Posting[]): Map<string, bigint> {
  const deltas = new Map<string, bigint>()
  const add = (owner: Account, asset: string, delta: bigint) => {
    const name = `${owner}#${asset}`
    if (!isSystemAccount(owner)) deltas.set(name, (deltas.get(name) ?? 0n) + delta)
  }
  for (const { from, to, asset, amount } of postings) {
    add(from, asset, -BigInt(amount))
    add(to, asset, BigInt(amount))
  }
  return deltas
}

function ownerOf(name: string): string {
  return name.slice(0, name.indexOf('#'))
}

function fits(value: bigint): boolean {
  return value >= -BigInt(MAX_AMOUNT) && value <= BigInt(MAX_AMOUNT)
}
