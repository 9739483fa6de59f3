import type { PostResult } from '../../../lib/ledger/post.ts'
import type { WalletId } from '../../../lib/money/account.ts'
import type { AssetCode } from '../../../lib/money/asset.ts'
import { type BalanceId, balanceName, movementsOf } from '../../../lib/money/posting.ts'
import { type Transaction, transactionId } from '../../../lib/money/transaction.ts'
import type { WalletStatus } from '../../../lib/money/wallet.ts'
import { explain, type Model, type Operation } from '../linearizability.ts'
import type { Asked, Log } from '../world/log.ts'
import { ASSETS } from '../world/plan.ts'
import type { PostAction } from '../world/step.ts'
import type { Breach } from './breach.ts'

/**
 * What the clients were told of a balance has to be explained by one order of what happened to it, in which everything
 * happened between its call and its answer. Of what nobody heard the end, the ledger tells whether it happened.
 */
export function findDisorder(
  log: Log,
  transactions: readonly Transaction[],
  endUs: number,
): Breach[] {
  const histories = Map.groupBy(
    [...writes(log, transactions), ...declines(log.posts), ...reads(log), ...statusChanges(log)],
    ({ balance }) => balance,
  )
  return Array.from(histories, ([balance, operations]) =>
    disorderOf(balance, narrowed(operations, endUs)),
  ).flat()
}

interface State {
  readonly available: number
  readonly held: number
  readonly seq: number
  readonly status: WalletStatus
}

interface BalanceOperation extends Operation<State> {
  readonly balance: string
  /** Of a write: the number of its entry, which says where it stands among the others. */
  readonly seq?: number | undefined
}

/** A right history needs some more than it has operations. */
const VISITED_PER_OPERATION = 50
const LEAST_VISITED = 500_000

const MODEL: Model<State> = {
  initial: { available: 0, held: 0, seq: 0, status: 'ACTIVE' },
  keyOf: ({ available, held, seq, status }) => `${available} ${held} ${seq} ${status}`,
}

function disorderOf(balance: string, operations: readonly BalanceOperation[]): Breach[] {
  const found = explain(MODEL, operations, {
    maxVisited: Math.max(LEAST_VISITED, VISITED_PER_OPERATION * operations.length),
  })
  if (found.kind === 'explained') return []
  const stuck = found.stuckBefore.slice(0, 5).map(({ name }) => name)
  const { available, held, seq, status } = found.state
  const text = `${balance}: ${found.kind} after ${found.longest.length} of ${operations.length} operations, at ${available} and ${held} held, entry ${seq}, ${status}; next would be one of: ${stuck.join('; ')}`
  return [{ check: 'one order', text, about: balance.split('#')[0] ?? balance }]
}

/**
 * What nobody heard of could have happened at any time until the end, and there are too many times. But it was not after
 * what has a later number, nor before what has an earlier one.
 */
function narrowed(operations: readonly BalanceOperation[], endUs: number): BalanceOperation[] {
  const writes = operations.filter(({ seq }) => seq !== undefined)
  writes.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0))
  let earliestUs = 0
  const begun = writes.map((write) => {
    earliestUs = Math.max(earliestUs, write.invokedUs)
    return { ...write, invokedUs: earliestUs }
  })
  let latestUs = endUs
  const bounded = begun.reverse().map((write) => {
    latestUs = Math.min(latestUs, write.answeredUs ?? latestUs)
    return { ...write, answeredUs: latestUs }
  })
  // Where one must have begun after its end, no order explains it, and the search says so of what was really told.
  if (bounded.some(({ invokedUs, answeredUs }) => answeredUs < invokedUs)) return [...operations]
  const others = operations.filter(({ seq }) => seq === undefined)
  return [...bounded, ...others]
}

/** Each transaction once, whoever sent it how often. */
function writes(log: Log, transactions: readonly Transaction[]): BalanceOperation[] {
  const sends = Map.groupBy(log.posts, ({ action }) => transactionId(action.client, action.key))
  return transactions.flatMap((transaction) => {
    const all = sends.get(transaction.id) ?? []
    const invokedUs = Math.min(...all.map(({ fromUs }) => fromUs))
    const answers = all.flatMap(({ heard }) =>
      heard?.result.kind === 'posted' ? [heard.atUs] : [],
    )
    const movements = movementsOf(transaction.postings, transaction.hold)
    return movements.map((movement, index): BalanceOperation => {
      const { availableDelta = 0, heldDelta, postings } = movement
      const after = transaction.balances[index]
      const isDebit = heldDelta > 0 || postings.some(({ amount }) => amount < 0)
      const passesAFreeze = !isDebit || ['CAPTURE', 'REVERSE'].includes(transaction.type)
      return {
        balance: balanceName(movement),
        seq: after?.seq,
        name: `${transaction.type} ${transaction.id} ${availableDelta} to ${after?.available}, entry ${after?.seq}`,
        // Nobody asks for what a sweeper does: it may do it at any time.
        invokedUs: all.length > 0 ? invokedUs : 0,
        answeredUs: answers.length > 0 ? Math.min(...answers) : undefined,
        mustHappen: true,
        apply({ available, held, seq, status }) {
          const next = {
            available: available + availableDelta,
            held: held + heldDelta,
            seq: seq + 1,
          }
          const isAsSaid =
            next.available === after?.available &&
            next.held === after.held &&
            next.seq === after.seq
          const isAllowed = status === 'ACTIVE' || (status === 'FROZEN' && passesAFreeze)
          return isAsSaid && isAllowed ? { ...next, status } : undefined
        },
      }
    })
  })
}

/** A decline tells something, too. */
function declines(posts: readonly Asked<PostAction, PostResult>[]): BalanceOperation[] {
  return posts.flatMap(({ action, fromUs, heard }) => {
    if (heard?.result.kind !== 'declined') return []
    const { decline } = heard.result
    const told = (id: BalanceId, name: string, isSo: (state: State) => boolean) => ({
      ...{ balance: balanceName(id), name: `${action.key}: ${name}` },
      ...{ invokedUs: fromUs, answeredUs: heard.atUs, isRead: true },
      apply: (state: State) => (isSo(state) ? state : undefined),
    })
    switch (decline.code) {
      case 'INSUFFICIENT_FUNDS': {
        const { available, required, holdId } = decline
        // Of a hold, not of the balance.
        if (holdId) return []
        const name = `declined, for ${available} is not ${required}`
        return [
          told(decline, name, (state) => state.available === available && available < required),
        ]
      }
      case 'WALLET_FROZEN':
        return balancesOf(action, decline.walletId).map((id) =>
          told(id, 'declined, for it is frozen', ({ status }) => status === 'FROZEN'),
        )
      case 'WALLET_CLOSED':
        return balancesOf(action, decline.walletId).map((id) =>
          told(id, 'declined because it is closed', ({ status }) => status === 'CLOSED'),
        )
      default:
        return []
    }
  })
}

/** The balances of a wallet that a command names. */
function balancesOf({ command }: PostAction, walletId: WalletId): BalanceId[] {
  if (command.type === 'HOLD') return [{ walletId, asset: command.asset }]
  if (!('postings' in command)) return []
  const assets = new Set<AssetCode>()
  for (const { from, to, asset } of command.postings) {
    if (from === walletId || to === walletId) assets.add(asset)
  }
  return Array.from(assets, (asset) => ({ walletId, asset }))
}

/** Strongly consistent ones. What others see can be old. */
function reads({ reads: asked, wallets }: Log): BalanceOperation[] {
  const ofBalances = asked.flatMap(({ number, action, fromUs, heard }) => {
    if (!heard || !action.consistent || action.agoMs !== undefined) return []
    const { result, atUs } = heard
    const seen = result.kind === 'found' ? result.balance : NOTHING
    return [readOf(balanceName(action), seen, { number, fromUs, atUs })]
  })
  const ofWallets = wallets.flatMap(({ number, action: { walletId }, fromUs, heard }) => {
    if (!heard) return []
    return ASSETS.map((asset) => {
      const seen = heard.result?.balances.find((balance) => balance.asset === asset) ?? NOTHING
      return readOf(balanceName({ walletId, asset }), seen, { number, fromUs, atUs: heard.atUs })
    })
  })
  return [...ofBalances, ...ofWallets]
}

type Seen = Pick<State, 'available' | 'held' | 'seq'>

const NOTHING: Seen = { available: 0, held: 0, seq: 0 }

interface When {
  readonly number: number
  readonly fromUs: number
  readonly atUs: number
}

function readOf(balance: string, seen: Seen, { number, fromUs, atUs }: When): BalanceOperation {
  return {
    balance,
    name: `step ${number} read ${seen.available} and ${seen.held} held, entry ${seen.seq}`,
    invokedUs: fromUs,
    answeredUs: atUs,
    isRead: true,
    apply: (state) => {
      const isSame =
        state.available === seen.available && state.held === seen.held && state.seq === seen.seq
      return isSame ? state : undefined
    },
  }
}

/** All balances of a wallet change their status at one moment, those too that are not opened yet. */
function statusChanges({ statuses }: Log): BalanceOperation[] {
  return statuses.flatMap(({ number, action, fromUs, heard }) => {
    if (heard?.result.kind === 'refused') return []
    const { status, walletId } = action
    return ASSETS.map((asset) => ({
      balance: balanceName({ walletId, asset }),
      name: `step ${number} set it ${status}`,
      invokedUs: fromUs,
      answeredUs: heard?.result.kind === 'done' ? heard.atUs : undefined,
      apply: (state: State) => {
        const isEmpty = state.available === 0 && state.held === 0
        return status === 'CLOSED' && !isEmpty ? undefined : { ...state, status }
      },
    }))
  })
}
