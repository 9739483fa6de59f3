import * as z from 'zod'
import { FLAG_ID_PATTERN } from '../audit/flag.ts'
import { SYSTEM_ACCOUNT_PATTERN } from '../money/account.ts'
import { TRANSACTION_TYPES, type TransactionType } from '../money/transaction.ts'
import {
  assetCode,
  count,
  cursor,
  isForwards,
  limit,
  moment,
  NOT_FORWARDS,
  order,
  time,
  transactionType,
  walletId,
  whole,
} from './schemas.ts'

/** What the audit is asked, and what it answers. */

const DEAD_LETTER_ID_PATTERN = /^[0-9a-f]{26}$/
const MAX_RULE_LENGTH = 64

const flagId = z
  .string()
  .regex(FLAG_ID_PATTERN, 'must be flag_ and 26 hexadecimal digits')
  .meta({ id: 'FlagId', examples: ['flag_5b2c9d0e7f1a4b3c8d6e9f0a1b'] })

const deadLetterId = z
  .string()
  .regex(DEAD_LETTER_ID_PATTERN, 'must be 26 hexadecimal digits')
  .meta({ id: 'DeadLetterId', examples: ['5b2c9d0e7f1a4b3c8d6e9f0a1b'] })

const systemAccount = z
  .string()
  .regex(SYSTEM_ACCOUNT_PATTERN, 'must be a system account, such as @treasury')
  .meta({ id: 'SystemAccount', examples: ['@treasury'] })

export const accountParams = z.strictObject({ account: systemAccount })
export const flagParams = z.strictObject({ flagId })
export const deadLetterParams = z.strictObject({ deadLetterId })

const between = {
  from: moment.optional().meta({ description: 'Not before this time.' }),
  to: moment.optional().meta({ description: 'Before this time, which is after `from`.' }),
}

export const statementQuery = z
  .strictObject({ asset: assetCode, ...between, order, limit, cursor })
  .refine(isForwards, NOT_FORWARDS)

const ofWallet = walletId.optional().meta({ description: 'About this wallet only.' })

export const flagsQuery = z
  .strictObject({
    walletId: ofWallet,
    rule: z
      .string()
      .regex(/^[A-Z][A-Z_]+$/, 'must be the name of a rule')
      .max(MAX_RULE_LENGTH, 'is too long')
      .optional()
      .meta({ description: 'Raised by this rule only.', examples: ['RAPID_WITHDRAWALS'] }),
    ...between,
    limit,
    cursor,
  })
  .refine(isForwards, NOT_FORWARDS)

export const deadLettersQuery = z
  .strictObject({ walletId: ofWallet, ...between, limit, cursor })
  .refine(isForwards, NOT_FORWARDS)

/* What is inside cursors. */

export const listingPosition = z.strictObject({ after: z.string() })
export const linePosition = z.strictObject({ sortKey: z.string() })

/* What comes out. */

const sum = z.int().meta({ description: 'Exact, also beyond 2^53.' })
const total = z
  .strictObject({
    count: count.meta({ description: 'How often.' }),
    amount: sum,
    in: sum.meta({ description: 'How much of it came in.' }),
    out: sum.meta({ description: 'How much of it went out.' }),
  })
  .meta({ id: 'Total' })

/** One for each type of transaction that there was. */
const totals = Object.fromEntries(
  TRANSACTION_TYPES.map((type) => [type, total.optional()]),
) as Record<TransactionType, z.ZodOptional<typeof total>>

export const statsAnswer = z
  .strictObject({
    walletId: z.string(),
    items: z.array(
      z.strictObject({
        asset: z.string(),
        ...totals,
        firstActivityAt: time,
        lastActivityAt: time,
      }),
    ),
  })
  .meta({ id: 'Stats' })

export const supplyAnswer = z
  .strictObject({
    asset: z.string(),
    issued: sum.meta({ description: 'What wallets got from system accounts.' }),
    burned: sum.meta({ description: 'What they gave back.' }),
    inWallets: sum.meta({ description: 'Available and held.' }),
    held: sum,
    inTransit: sum.meta({
      description: 'Sent by a wallet, and not yet projected at the other: 0 when all is quiet.',
    }),
    accounts: z
      .record(z.string(), sum)
      .meta({ description: 'What became of each system account.' }),
    issuedBy: z.record(z.string(), sum).meta({ description: 'By type of transaction.' }),
    burnedBy: z.record(z.string(), sum).meta({ description: 'By type of transaction.' }),
    asOf: time
      .nullable()
      .meta({ description: 'About when the newest change was made that the audit has seen.' }),
  })
  .meta({ id: 'Supply' })

export const lineAnswer = z
  .strictObject({
    transactionId: z.string(),
    type: transactionType,
    account: z.string(),
    asset: z.string(),
    walletId: z.string(),
    amount: whole.meta({ description: 'From the side of the account: positive came in.' }),
    reference: z.string().nullable(),
    at: time,
  })
  .meta({ id: 'StatementLine' })

export const flagAnswer = z
  .strictObject({
    id: z.string(),
    rule: z.string(),
    walletId: z.string(),
    asset: z.string(),
    transactionIds: z.array(z.string()),
    reason: z.string().nullable(),
    at: time,
    acknowledged: z.strictObject({ by: z.string(), at: time }).nullable(),
  })
  .meta({ id: 'Flag' })

export const deadLetterAnswer = z
  .strictObject({
    id: z.string(),
    walletId: z.string().nullable(),
    asset: z.string().nullable(),
    reason: z.string(),
    attempts: count,
    firstFailedAt: time,
    record: z.looseObject({}).meta({ description: 'As the stream brought it, whole.' }),
  })
  .meta({ id: 'DeadLetter' })

export const replayAnswer = z
  .strictObject({
    replayed: count.meta({ description: 'Letters that are gone, because their balance is right.' }),
    entries: count.meta({ description: 'Entries that were projected for it.' }),
    failed: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
    more: z.boolean().meta({ description: 'Whether there are more: ask again.' }),
  })
  .meta({ id: 'Replay' })
