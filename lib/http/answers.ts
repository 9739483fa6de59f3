import type { Decline } from '../ledger/decline.ts'
import type { BalanceFound } from '../ledger/find-balance.ts'
import type { PostResult } from '../ledger/post.ts'
import type { StatusResult } from '../ledger/wallet-status.ts'
import type { Asset } from '../money/asset.ts'
import type { Balance, Entry } from '../money/balance.ts'
import { type Hold, holdingTransaction, isExpired } from '../money/hold.ts'
import { isoTime } from '../money/time.ts'
import type { Transaction } from '../money/transaction.ts'
import type { Wallet } from '../money/wallet.ts'
import type { Answer } from './api.ts'
import { type Caller, mayAdministerWallets, mayReadWallet } from './caller.ts'
import { busy, invalidRequest, Problem } from './problem.ts'

/** How the ledger's things look to a client. */

export function transactionView(transaction: Transaction, caller: Caller) {
  const { id, type, postings, balances, reference, metadata, hold, reverses, at } = transaction
  const isVisible = (account: string) => mayReadWallet(caller, account)
  return {
    id,
    type,
    // A player sees the own side: who else won a prize, and how much, is theirs to tell.
    postings: postings
      .filter(({ from, to }) => isVisible(from) || isVisible(to))
      .map(({ from, to, asset, amount }) => ({ from, to, asset, amount })),
    balances: balances
      .filter(({ walletId }) => isVisible(walletId))
      .map(({ walletId, asset, available, held, seq }) => {
        return { walletId, asset, available, held, version: seq }
      }),
    reference: reference ?? null,
    metadata,
    ...(hold && isVisible(hold.walletId) && { holdId: hold.holdId }),
    ...(reverses && { reverses }),
    createdAt: isoTime(at),
  }
}

export function balanceView(balance: BalanceFound) {
  const { walletId, asset, available, held, seq, at, settled } = balance
  return {
    ...{ walletId, asset, available, held, version: seq, at: isoTime(at) },
    ...(settled !== undefined && { settled }),
  }
}

export function walletView(wallet: Wallet, balances: readonly Balance[], caller: Caller) {
  const { id, status, reason, changedBy, changedAt, metadata, createdAt } = wallet
  // What an operator wrote about a player is not for the player.
  const lastChange = {
    reason: reason ?? null,
    changedBy: changedBy ?? null,
    changedAt: changedAt === undefined ? null : isoTime(changedAt),
  }
  return {
    id,
    status,
    ...(mayAdministerWallets(caller) && lastChange),
    metadata,
    balances: balances.map(balanceView),
    createdAt: isoTime(createdAt),
  }
}

export function entryView(entry: Entry) {
  const { transactionId, type, asset, availableDelta, heldDelta, available, held } = entry
  const { seq, postings, reference, at, prevHash, hash } = entry
  return {
    transactionId,
    type,
    asset,
    availableDelta,
    heldDelta,
    available,
    held,
    version: seq,
    postings: postings.map(({ counterparty, amount }) => ({ counterparty, amount })),
    reference: reference ?? null,
    at: isoTime(at),
    prevHash,
    hash,
  }
}

export function holdView(hold: Hold, nowMs: number) {
  const { id, walletId, asset, amount, remaining, state, expiresAt, createdAt } = hold
  return {
    id,
    walletId,
    asset,
    amount,
    remaining,
    state: isExpired(hold, nowMs) ? ('EXPIRED' as const) : state,
    expiresAt: isoTime(expiresAt),
    transactionId: holdingTransaction(id),
    createdAt: isoTime(createdAt),
  }
}

export function assetView({ code, name, scale, active }: Asset) {
  return { code, name, scale, active }
}

/** The answer to a request that moves money, whatever became of it. */
export function postAnswer(
  result: PostResult,
  caller: Caller,
): Answer<ReturnType<typeof transactionView>> {
  switch (result.kind) {
    case 'posted': {
      const body = transactionView(result.transaction, caller)
      return result.replayed ? { body, headers: { 'idempotency-replayed': 'true' } } : { body }
    }
    case 'declined':
      throw declineProblem(result.decline, caller)
    case 'key-reused':
      throw new Problem(
        'IDEMPOTENCY_KEY_REUSED',
        `This key made ${result.transactionId} from another request. Use a new key for a new request.`,
      )
    case 'busy':
      throw busy()
  }
}

/** The answer to a request that freezes, releases or closes a wallet. */
export function statusAnswer(
  result: StatusResult,
  walletId: string,
  caller: Caller,
): Answer<ReturnType<typeof walletView>> {
  switch (result.kind) {
    case 'done':
      return { body: walletView(result.wallet, result.balances, caller) }
    case 'refused':
      throw STATUS_PROBLEMS[result.code](walletId)
    case 'busy':
      throw busy()
  }
}

const STATUS_PROBLEMS = {
  WALLET_NOT_FOUND: walletNotFound,
  WALLET_CLOSED: walletClosed,
  WALLET_NOT_EMPTY: (walletId: string) =>
    new Problem(
      'WALLET_NOT_EMPTY',
      `${walletId} still holds something, and only an empty wallet closes.`,
    ),
}

export function declineProblem(decline: Decline, caller: Caller): Problem {
  switch (decline.code) {
    case 'INSUFFICIENT_FUNDS':
      return insufficientFunds(decline, caller)
    case 'WALLET_NOT_FOUND':
      return walletNotFound(decline.walletId)
    case 'WALLET_FROZEN':
      return new Problem(decline.code, `${decline.walletId} is frozen: nothing goes out of it.`)
    case 'WALLET_CLOSED':
      return walletClosed(decline.walletId)
    case 'WALLET_FULL':
      return new Problem('BALANCE_LIMIT', `A wallet holds at most ${decline.limit} assets.`)
    case 'SAME_WALLET':
      return new Problem(decline.code, `${decline.walletId} cannot pay itself.`)
    case 'ASSET_NOT_FOUND':
      return assetNotFound(decline.asset)
    case 'BALANCE_LIMIT': {
      const { walletId, asset } = decline
      const most = Number.MAX_SAFE_INTEGER
      return new Problem(
        decline.code,
        `${asset} of ${walletId} would pass ${most}, the most there is.`,
      )
    }
    case 'TRANSACTION_TOO_LARGE':
      return invalidRequest([
        { path: 'postings', message: 'touch more balances than one transaction can hold' },
      ])
    case 'HOLD_NOT_FOUND':
      return holdNotFound(decline.holdId)
    case 'HOLD_CLOSED':
      return new Problem(
        decline.code,
        `${decline.holdId} is ${decline.state.toLowerCase()} already.`,
      )
    case 'HOLD_EXPIRED':
      return new Problem(decline.code, `The time of ${decline.holdId} is over.`)
    case 'HOLD_NOT_OVER':
      return new Problem('HOLD_CLOSED', `${decline.holdId} has not expired yet.`)
    case 'TRANSACTION_NOT_FOUND':
      return transactionNotFound(decline.transactionId)
    case 'NOT_REVERSIBLE':
      return invalidRequest([
        { path: 'transactionId', message: `names a ${decline.type}, which cannot be reversed` },
      ])
    case 'NOT_DIVISIBLE':
      return invalidRequest([
        { path: 'amount', message: 'must not be given: many postings are reversed whole' },
      ])
    case 'ALREADY_REVERSED': {
      const { transactionId, reversible } = decline
      return new Problem(decline.code, `Of ${transactionId}, ${reversible} is left to reverse.`, {
        members: { reversible },
      })
    }
  }
}

function insufficientFunds(
  decline: Extract<Decline, { code: 'INSUFFICIENT_FUNDS' }>,
  caller: Caller,
): Problem {
  const { walletId, asset, available, required, holdId } = decline
  if (!mayReadWallet(caller, walletId)) {
    const detail = `${walletId} does not have the ${required} ${asset} that are required.`
    return new Problem(decline.code, detail, { members: { required } })
  }
  const place = holdId ?? walletId
  const detail = `${place} has ${available} ${asset} available, and ${required} are required.`
  return new Problem(decline.code, detail, { members: { available, required } })
}

export function walletNotFound(walletId: string): Problem {
  return new Problem(
    'WALLET_NOT_FOUND',
    `${walletId} does not exist. Its first credit creates it, or PUT /v1/wallets/${walletId}.`,
  )
}

function walletClosed(walletId: string): Problem {
  return new Problem('WALLET_CLOSED', `${walletId} is closed: nothing moves there any more.`)
}

export function walletChanged(walletId: string): Problem {
  return new Problem(
    'PRECONDITION_FAILED',
    `${walletId} does not exist, or its metadata has changed. Read it again and send its new ETag.`,
  )
}

export function assetNotFound(asset: string): Problem {
  return new Problem(
    'ASSET_NOT_FOUND',
    `${asset} is not registered. PUT /v1/assets/${asset} registers it.`,
  )
}

export function transactionNotFound(id: string): Problem {
  return new Problem('TRANSACTION_NOT_FOUND', `${id} is not in the ledger.`)
}

export function holdNotFound(id: string): Problem {
  return new Problem('HOLD_NOT_FOUND', `${id} is not a hold of this wallet.`)
}
