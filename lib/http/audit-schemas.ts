import * as z from 'zod/mini'
import { FLAG_ID_PATTERN } from '../audit/flag.ts'
import { SYSTEM_ACCOUNT_PATTERN } from '../money/account.ts'
import { madeOnce } from './made-once.ts'
import {
  assetCode,
  cursor,
  isForwards,
  limit,
  moment,
  NOT_FORWARDS,
  order,
  walletId,
} from './schemas.ts'

/** What the audit is asked. */

const DEAD_LETTER_ID_PATTERN = /^[0-9a-f]{26}$/
const MAX_RULE_LENGTH = 64

const flagId = madeOnce(() =>
  z
    .string()
    .check(
      z.regex(FLAG_ID_PATTERN, 'must be flag_ and 26 hexadecimal digits'),
      z.meta({ id: 'FlagId', examples: ['flag_5b2c9d0e7f1a4b3c8d6e9f0a1b'] }),
    ),
)

const deadLetterId = madeOnce(() =>
  z
    .string()
    .check(
      z.regex(DEAD_LETTER_ID_PATTERN, 'must be 26 hexadecimal digits'),
      z.meta({ id: 'DeadLetterId', examples: ['5b2c9d0e7f1a4b3c8d6e9f0a1b'] }),
    ),
)

const systemAccount = madeOnce(() =>
  z
    .string()
    .check(
      z.regex(SYSTEM_ACCOUNT_PATTERN, 'must be a system account, such as @treasury'),
      z.meta({ id: 'SystemAccount', examples: ['@treasury'] }),
    ),
)

export const accountParams = madeOnce(() => z.strictObject({ account: systemAccount() }))
export const flagParams = madeOnce(() => z.strictObject({ flagId: flagId() }))
export const deadLetterParams = madeOnce(() => z.strictObject({ deadLetterId: deadLetterId() }))

const between = madeOnce(() => ({
  from: z.optional(moment()).check(z.describe('Not before this time.')),
  to: z.optional(moment()).check(z.describe('Before this time, which is after `from`.')),
}))

export const statementQuery = madeOnce(() =>
  z
    .strictObject({
      asset: assetCode(),
      ...between(),
      order: order(),
      limit: limit(),
      cursor: cursor(),
    })
    .check(z.refine(isForwards, NOT_FORWARDS)),
)

const ofWallet = madeOnce(() => z.optional(walletId()).check(z.describe('About this wallet only.')))

export const flagsQuery = madeOnce(() =>
  z
    .strictObject({
      walletId: ofWallet(),
      rule: z
        .optional(
          z
            .string()
            .check(
              z.regex(/^[A-Z][A-Z_]+$/, 'must be the name of a rule'),
              z.maxLength(MAX_RULE_LENGTH, 'is too long'),
            ),
        )
        .check(
          z.meta({ description: 'Raised by this rule only.', examples: ['RAPID_WITHDRAWALS'] }),
        ),
      ...between(),
      limit: limit(),
      cursor: cursor(),
    })
    .check(z.refine(isForwards, NOT_FORWARDS)),
)

export const deadLettersQuery = madeOnce(() =>
  z
    .strictObject({ walletId: ofWallet(), ...between(), limit: limit(), cursor: cursor() })
    .check(z.refine(isForwards, NOT_FORWARDS)),
)

/* What is inside cursors. */

export const listingPosition = madeOnce(() => z.strictObject({ after: z.string() }))
export const linePosition = madeOnce(() => z.strictObject({ sortKey: z.string() }))
