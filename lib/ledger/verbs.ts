import {
  EXCHANGE,
  EXTERNAL,
  type SystemAccount,
  TREASURY,
  type WalletId,
} from '../money/account.ts'
import type { Amount } from '../money/amount.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Metadata } from '../money/transaction.ts'
import type { PostCommand } from './command.ts'

interface Verb {
  readonly type: PostCommand['type']
  readonly counterparty: SystemAccount
  readonly direction: 'in' | 'out'
}

/** The everyday movements between a wallet and the house: each is one posting. */
export const VERBS = {
  topup: { type: 'TOPUP', counterparty: TREASURY, direction: 'in' },
  bonus: { type: 'BONUS', counterparty: TREASURY, direction: 'in' },
  deposit: { type: 'DEPOSIT', counterparty: EXTERNAL, direction: 'in' },
  spend: { type: 'SPEND', counterparty: TREASURY, direction: 'out' },
  withdraw: { type: 'WITHDRAW', counterparty: EXTERNAL, direction: 'out' },
} as const satisfies Record<string, Verb>

export type VerbName = keyof typeof VERBS

interface Remarks {
  readonly reference?: string | undefined
  readonly metadata?: Metadata | undefined
}

export interface Money {
  readonly asset: AssetCode
  readonly amount: Amount
}

export interface VerbRequest extends Money, Remarks {
  readonly walletId: WalletId
}

export function verbCommand(name: VerbName, request: VerbRequest): PostCommand {
  const { type, counterparty, direction }: Verb = VERBS[name]
  const { walletId, asset, amount, reference, metadata } = request
  const [from, to] = direction === 'in' ? [counterparty, walletId] : [walletId, counterparty]
  return { type, postings: [{ from, to, asset, amount }], reference, metadata }
}

/** From one wallet to another. */
export function transferCommand(request: VerbRequest & { readonly to: WalletId }): PostCommand {
  const { walletId: from, to, asset, amount, reference, metadata } = request
  return { type: 'TRANSFER', postings: [{ from, to, asset, amount }], reference, metadata }
}

export interface ExchangeRequest extends Remarks {
  readonly walletId: WalletId
  readonly from: Money
  readonly to: Money
}

/** One asset of a wallet for another, through the house's exchange. The rate is the caller's business. */
export function exchangeCommand(request: ExchangeRequest): PostCommand {
  const { walletId, from, to, reference, metadata } = request
  return {
    type: 'EXCHANGE',
    postings: [
      { from: walletId, to: EXCHANGE, ...from },
      { from: EXCHANGE, to: walletId, ...to },
    ],
    reference,
    metadata,
  }
}
