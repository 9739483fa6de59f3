import * as z from 'zod/mini'
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
  .check(
    z.regex(FLAG_ID_PATTERN, 'must be flag_ and 26 hexadecimal digits'),
    z.meta({ id: 'FlagId', examples: ['flag_5b2c9d0e7f1a4b3c8d6e9f0a1b'] }),
  )

const deadLetterId = z
  .string()
  .check(
    z.regex(DEAD_LETTER_ID_PATTERN, 'must be 26 hexadecimal digits'),
    z.meta({ id: 'DeadLetterId', examples: ['5b2c9d0e7f1a4b3c8d6e9f0a1b'] }),
  )

const systemAccount = z
  .string()
  .check(
    z.regex(SYSTEM_ACCOUNT_PATTERN, 'must be a system account, such as @treasury'),
    z.meta({ id: 'SystemAccount', examples: ['@treasury'] }),
  )

export const accountParams = z.strictObject({ account: systemAccount })
export const flagParams = z.strictObject({ flagId })
export const deadLetterParams = z.strictObject({ deadLetterId })

const between = {
  from: z.optional(moment).check(z.describe('Not before this time.')),
  to: z.optional(moment).check(z.describe('Before this time, which is after `from`.')),
}

export const statementQuery = z
  .strictObject({ asset: assetCode, ...between, order, limit, cursor })
  .check(z.refine(isForwards, NOT_FORWARDS))

const ofWallet = z.optional(walletId).check(z.describe('About this wallet only.'))

export const flagsQuery = z
  .strictObject({
    walletId: ofWallet,
    rule: z
      .optional(
        z
          .string()
          .check(
            z.regex(/^[A-Z][A-Z_]+$/, 'must be the name of a rule'),
            z.maxLength(MAX_RULE_LENGTH, 'is too long'),
          ),
      )
      .check(z.meta({ description: 'Raised by this rule only.', examples: ['RAPID_WITHDRAWALS'] })),
    ...between,
    limit,
    cursor,
  })
  .check(z.refine(isForwards, NOT_FORWARDS))

export const deadLettersQuery = z
  .strictObject({ walletId: ofWallet, ...between, limit, cursor })
  .check(z.refine(isForwards, NOT_FORWARDS))

/* What is inside cursors. */

export const listingPosition = z.strictObject({ after: z.string() })
export const linePosition = z.strictObject({ sortKey: z.string() })

/* What comes out. */

const sum = z.int().check(z.describe('Exact, also beyond 2^53.'))
const total = z
  .strictObject({
    count: count.check(z.describe('How often.')),
    amount: sum,
    in: sum.check(z.describe('How much of it came in.')),
    out: sum.check(z.describe('How much of it went out.')),
  })
  .check(z.meta({ id: 'Total' }))

/** One for each type of transaction that there was. */
const totals = Object.fromEntries(
  TRANSACTION_TYPES.map((type) => [type, z.optional(total)]),
) as Record<TransactionType, z.ZodMiniOptional<typeof total>>

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
  .check(z.meta({ id: 'Stats' }))

export const supplyAnswer = z
  .strictObject({
    asset: z.string(),
    issued: sum.check(z.describe('What wallets got from system accounts.')),
    burned: sum.check(z.describe('What they gave back.')),
    inWallets: sum.check(z.describe('Available and held.')),
    held: sum,
    inTransit: sum.check(
      z.describe('Sent by a wallet, and not yet projected at the other: 0 when all is quiet.'),
    ),
    accounts: z.record(z.string(), sum).check(z.describe('What became of each system account.')),
    issuedBy: z.record(z.string(), sum).check(z.describe('By type of transaction.')),
    burnedBy: z.record(z.string(), sum).check(z.describe('By type of transaction.')),
    asOf: z
      .nullable(time)
      .check(z.describe('About when the newest change was made that the audit has seen.')),
  })
  .check(z.meta({ id: 'Supply' }))

export const lineAnswer = z
  .strictObject({
    transactionId: z.string(),
    type: transactionType,
    account: z.string(),
    asset: z.string(),
    walletId: z.string(),
    amount: whole.check(z.describe('From the side of the account: positive came in.')),
    reference: z.nullable(z.string()),
    at: time,
  })
  .check(z.meta({ id: 'StatementLine' }))

export const flagAnswer = z
  .strictObject({
    id: z.string(),
    rule: z.string(),
    walletId: z.string(),
    asset: z.string(),
    transactionIds: z.array(z.string()),
    reason: z.nullable(z.string()),
    at: time,
    acknowledged: z.nullable(z.strictObject({ by: z.string(), at: time })),
  })
  .check(z.meta({ id: 'Flag' }))

export const deadLetterAnswer = z
  .strictObject({
    id: z.string(),
    walletId: z.nullable(z.string()),
    asset: z.nullable(z.string()),
    reason: z.string(),
    attempts: count,
    firstFailedAt: time,
    record: z.looseObject({}).check(z.describe('As the stream brought it, whole.')),
  })
  .check(z.meta({ id: 'DeadLetter' }))

export const replayAnswer = z
  .strictObject({
    replayed: count.check(z.describe('Letters that are gone, because their balance is right.')),
    entries: count.check(z.describe('Entries that were projected for it.')),
    failed: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
    more: z.boolean().check(z.describe('Whether there are more: ask again.')),
  })
  .check(z.meta({ id: 'Replay' }))
