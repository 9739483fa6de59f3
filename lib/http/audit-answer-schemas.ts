import * as z from 'zod/mini'
import { TRANSACTION_TYPES, type TransactionType } from '../money/transaction.ts'
import { count, time, whole } from './answer-schemas.ts'
import { transactionType } from './schemas.ts'

/** What the audit answers: for the document and for types, as in answer-schemas.ts. */

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
    type: transactionType(),
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
