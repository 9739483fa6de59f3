import { EXTERNAL, type SystemAccount, TREASURY, type WalletId } from '../money/account.ts'
import type { Amount } from '../money/amount.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Metadata, TransactionType } from '../money/transaction.ts'
import type { PostRequest } from './request.ts'

interface Verb {
  readonly type: TransactionType
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

export interface VerbRequest {
  readonly walletId: WalletId
  readonly asset: AssetCode
  readonly amount: Amount
  readonly reference?: string | undefined
  readonly metadata?: Metadata | undefined
}

export function verbRequest(name: VerbName, request: VerbRequest): PostRequest {
  const { type, counterparty, direction }: Verb = VERBS[name]
  const { walletId, asset, amount, reference, metadata } = request
  const [from, to] = direction === 'in' ? [counterparty, walletId] : [walletId, counterparty]
  return { type, postings: [{ from, to, asset, amount }], reference, metadata }
}
