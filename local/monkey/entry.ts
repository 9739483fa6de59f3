import * as z from 'zod'
import {
  type Account,
  isAccount,
  WALLET_ID_PATTERN,
  type WalletId,
} from '../../lib/money/account.ts'
import { ASSET_CODE_PATTERN, type AssetCode } from '../../lib/money/asset.ts'
import type { Entry } from '../../lib/money/balance.ts'
import {
  TRANSACTION_ID_PATTERN,
  TRANSACTION_TYPES,
  type TransactionId,
} from '../../lib/money/transaction.ts'

const walletId = z
  .string()
  .regex(WALLET_ID_PATTERN)
  .transform((id) => id as WalletId)
const asset = z
  .string()
  .regex(ASSET_CODE_PATTERN)
  .transform((code) => code as AssetCode)
const transactionId = z
  .string()
  .regex(TRANSACTION_ID_PATTERN)
  .transform((id) => id as TransactionId)
const account = z
  .string()
  .refine(isAccount)
  .transform((name) => name as Account)

/** As a client reads it, who minds no field that is new. */
const entry = z.object({
  walletId,
  item: z.object({
    transactionId,
    asset,
    type: z.enum(TRANSACTION_TYPES),
    availableDelta: z.int(),
    heldDelta: z.int(),
    available: z.int(),
    held: z.int(),
    version: z.int(),
    postings: z.array(z.object({ counterparty: account, amount: z.int() })),
    reference: z.nullable(z.string()),
    at: z.iso.datetime(),
    prevHash: z.string(),
    hash: z.string(),
  }),
})

/** An entry of the API as the ledger has it, so that its hash can be computed; undefined where it is none. */
export function readEntry(ofWallet: string, answered: unknown): Entry | undefined {
  const { data } = entry.safeParse({ walletId: ofWallet, item: answered })
  if (!data) return undefined
  const { version, at, reference, ...rest } = data.item
  return {
    ...{ ...rest, walletId: data.walletId },
    ...{ seq: version, at: Date.parse(at), reference: reference ?? undefined },
  }
}
