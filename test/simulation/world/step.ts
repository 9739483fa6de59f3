import type { Command } from '../../../lib/ledger/command.ts'
import type { WalletId } from '../../../lib/money/account.ts'
import type { AssetCode } from '../../../lib/money/asset.ts'
import type { WalletStatus } from '../../../lib/money/wallet.ts'

/** One thing that a client of the wallet wants. The whole of a run is a list of these, and of the weather. */
export interface Step {
  readonly number: number
  /** When it begins. */
  readonly atUs: number
  readonly action: Action
}

export type Action =
  | PostAction
  | ReadAction
  | WalletAction
  | MetadataAction
  | WalkAction
  | StatusAction

export interface PostAction {
  readonly kind: 'post'
  readonly client: string
  readonly key: string
  readonly command: Command
  readonly manner: Manner
}

/**
 * How a client goes about it. Each sends the same key again while it hears nothing, or that it should come again:
 * - patient: until it has an answer.
 * - hasty: not at all. It never hears what became of it.
 * - twins: two at the same time, as a phone does that was shaken.
 * - late: once more long after it has its answer, as a phone does that was in a tunnel.
 */
export type Manner = 'patient' | 'hasty' | 'twins' | 'late'

export interface ReadAction {
  readonly kind: 'read'
  readonly walletId: WalletId
  readonly asset: AssetCode
  readonly consistent: boolean
  /** The balance as it was so long ago; now, if it is not given. */
  readonly agoMs?: number
}

/** Reads a wallet with all its balances, as they are at one moment. */
export interface WalletAction {
  readonly kind: 'wallet'
  readonly walletId: WalletId
}

/** Replaces the metadata of a wallet, which may be new. */
export interface MetadataAction {
  readonly kind: 'metadata'
  readonly walletId: WalletId
  /** No two steps write the same. */
  readonly text: string
  /** Reads the wallet first, and replaces only what it has read. */
  readonly isConditional: boolean
}

export interface WalkAction {
  readonly kind: 'walk'
  readonly what: 'entries' | 'transactions' | 'holds'
  readonly walletId: WalletId
  /** All of them, unless it is given. */
  readonly asset?: AssetCode
  readonly order: 'asc' | 'desc'
  readonly limit: number
}

export interface StatusAction {
  readonly kind: 'status'
  readonly walletId: WalletId
  readonly status: WalletStatus
}

/** On one line, for whoever reads how it came to a failure. */
export function stepText({ number, atUs, action }: Step): string {
  return `${String(number).padStart(5)}  ${(atUs / 1_000).toFixed(1).padStart(9)} ms  ${actionText(action)}`
}

function actionText(action: Action): string {
  switch (action.kind) {
    case 'post':
      return `${action.manner} ${action.client} ${action.key}: ${commandText(action.command)}`
    case 'read': {
      const how = action.consistent ? 'now' : 'more or less now'
      const when = action.agoMs === undefined ? how : `${action.agoMs} ms ago`
      return `reads the balance ${action.walletId} ${action.asset}, ${when}`
    }
    case 'wallet':
      return `reads the wallet ${action.walletId}`
    case 'metadata': {
      const { text, walletId, isConditional } = action
      return `writes "${text}" to ${walletId}${isConditional ? ' with If-Match' : ''}`
    }
    case 'walk': {
      const { what, walletId, asset = 'all', order, limit } = action
      return `walks the ${what} of ${walletId} ${asset}, ${order}, ${limit} a page`
    }
    case 'status':
      return `sets ${action.walletId} ${action.status}`
  }
}

function commandText(command: Command): string {
  switch (command.type) {
    case 'HOLD':
      return `HOLD ${command.amount} ${command.asset} of ${command.walletId} for ${command.expiresInSeconds} s`
    case 'CAPTURE':
    case 'VOID':
    case 'EXPIRE':
      return `${command.type} ${command.holdId} of ${command.walletId}${amountText(command)}`
    case 'REVERSE':
      return `REVERSE ${command.transactionId}${amountText(command)}${command.allowDebt ? ' into debt' : ''}`
    default: {
      const moves = command.postings.map(({ from, to, asset, amount }) => {
        return `${amount} ${asset} ${from} -> ${to}`
      })
      return `${command.type} ${moves.join(', ')}`
    }
  }
}

function amountText(command: object): string {
  return 'amount' in command && command.amount !== undefined ? `, ${command.amount}` : ''
}
