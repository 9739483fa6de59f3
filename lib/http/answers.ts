import type { Decline } from '../ledger/decline.ts'
import type { PostResult } from '../ledger/post.ts'
import type { Asset } from '../money/asset.ts'
import type { Balance } from '../money/balance.ts'
import type { Transaction } from '../money/transaction.ts'
import type { Wallet } from '../money/wallet.ts'
import { busy } from './answer-problems.ts'
import type { Answer } from './api.ts'
import { type Caller, mayReadWallet } from './caller.ts'
import { invalidRequest, Problem } from './problem.ts'

/** How the ledger's things look to a client. */

export function transactionView(transaction: Transaction, caller: Caller) {
  const { id, type, postings, balances, reference, metadata, at } = transaction
  return {
    id,
    type,
    postings: postings.map(({ from, to, asset, amount }) => ({ from, to, asset, amount })),
    balances: balances
      .filter(({ walletId }) => mayReadWallet(caller, walletId))
      .map(({ walletId, asset, available, held, seq }) => {
        return { walletId, asset, available, held, version: seq }
      }),
    reference: reference ?? null,
    metadata,
    createdAt: isoTime(at),
  }
}

export function balanceView({ walletId, asset, available, held, seq, at }: Balance) {
  return { walletId, asset, available, held, version: seq, at: isoTime(at) }
}

export function walletView(
  { id, status, metadata, createdAt }: Wallet,
  balances: readonly Balance[],
) {
  return {
    id,
    status,
    metadata,
    balances: balances.map(balanceView),
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
      throw declineProblem(result.decline)
    case 'key-reused':
      throw new Problem(
        'IDEMPOTENCY_KEY_REUSED',
        `This key made ${result.transactionId} from another request. Use a new key for a new request.`,
      )
    case 'busy':
      throw busy()
  }
}

export function declineProblem(decline: Decline): Problem {
  switch (decline.code) {
    case 'INSUFFICIENT_FUNDS': {
      const { walletId, asset, available, required } = decline
      const detail = `${walletId} has ${available} ${asset} available, and ${required} are required.`
      return new Problem(decline.code, detail, { members: { available, required } })
    }
    case 'WALLET_NOT_FOUND':
      return walletNotFound(decline.walletId)
    case 'ASSET_NOT_FOUND':
      return assetNotFound(decline.asset)
    case 'BALANCE_LIMIT': {
      const { walletId, asset } = decline
      const detail = `${asset} of ${walletId} would pass ${Number.MAX_SAFE_INTEGER}, the most a balance holds.`
      return new Problem(decline.code, detail)
    }
    case 'TRANSACTION_TOO_LARGE':
      return invalidRequest([
        { path: 'postings', message: `touch too many balances for one transaction` },
      ])
  }
}

export function walletNotFound(walletId: string): Problem {
  return new Problem(
    'WALLET_NOT_FOUND',
    `${walletId} does not exist yet. A wallet comes to life with its first credit.`,
  )
}

export function assetNotFound(asset: string): Problem {
  return new Problem(
    'ASSET_NOT_FOUND',
    `${asset} is not registered. PUT /v1/assets/${asset} registers it.`,
  )
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
