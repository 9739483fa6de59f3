import * as z from 'zod/mini'
import { HOLD_STATES } from '../money/hold.ts'
import { WALLET_STATUSES } from '../money/wallet.ts'
import {
  account,
  amount,
  assetCode,
  holdId,
  metadata,
  NO_PATTERN,
  reference,
  scale,
  transactionId,
  transactionType,
  walletId,
} from './schemas.ts'

/**
 * What comes out. These are for the document and for types: a function that answers makes none of them, and making them
 * would be a tenth of its cold start.
 */

export const time = z.iso.datetime().check(
  z.meta({
    ...NO_PATTERN,
    id: 'Time',
    description: 'In UTC.',
    examples: ['2026-11-21T06:00:00.000Z'],
  }),
)
export const whole = z.int()
export const count = whole.check(z.gte(0))
const hash = z.string().check(
  z.regex(/^[0-9a-f]{64}$/),
  z.meta({
    id: 'Hash',
    description: 'SHA-256, in hexadecimal digits. 64 zeros come before the first.',
  }),
)

const balanceFields = {
  walletId: walletId(),
  asset: assetCode(),
  available: whole.check(z.describe('Can be spent. Below zero after a reversal with `allowDebt`.')),
  held: count.check(z.describe('Is set aside by holds.')),
  version: count.check(z.describe('How many entries made this balance.')),
}

const SETTLED =
  '`true` when the answer is final. `false` while a write that is under way could still change it: until ten minutes after the time asked for, at most.'

export const balanceAnswer = z
  .strictObject({
    ...balanceFields,
    at: time,
    settled: z.optional(z.boolean()).check(z.describe(`With \`at\`: ${SETTLED}`)),
  })
  .check(z.meta({ id: 'Balance', description: 'What a wallet has of one asset, and since when.' }))

export const walletAnswer = z
  .strictObject({
    id: walletId(),
    status: z
      .enum(WALLET_STATUSES)
      .check(
        z.describe(
          '`FROZEN`: money comes in, and only captures and reversals take it out. `CLOSED`: nothing moves.',
        ),
      ),
    reason: z
      .optional(z.nullable(z.string()))
      .check(z.describe('Why the status was last changed. For operators, as the next two.')),
    changedBy: z.optional(z.nullable(z.string())).check(z.describe('The caller who changed it.')),
    changedAt: z.optional(z.nullable(time)).check(z.describe('When it was changed.')),
    metadata: metadata(),
    balances: z.array(balanceAnswer),
    createdAt: time,
  })
  .check(z.meta({ id: 'Wallet' }))

const postingAnswer = z
  .strictObject({ from: account(), to: account(), asset: assetCode(), amount: amount() })
  .check(z.meta({ id: 'Posting', description: 'One debit and one credit in one row.' }))

export const transactionAnswer = z
  .strictObject({
    id: transactionId(),
    type: transactionType(),
    postings: z
      .array(postingAnswer)
      .check(
        z.describe(
          'What moved. A hold, and the end of one, moves nothing; a player sees their own side.',
        ),
      ),
    balances: z
      .array(
        z.strictObject(balanceFields).check(
          z.meta({
            id: 'BalanceAfter',
            description: 'A balance as it was right after a transaction.',
          }),
        ),
      )
      .check(z.describe('Of the wallets whose balances the caller may read.')),
    reference: z.nullable(reference()),
    metadata: metadata(),
    holdId: z.optional(holdId()).check(z.describe('The hold that this made, took from or ended.')),
    reverses: z.optional(transactionId()).check(z.describe('What this sent back.')),
    createdAt: time,
  })
  .check(
    z.meta({
      id: 'Transaction',
      description: 'What happened, all of it or nothing. It never changes.',
    }),
  )

export const entryAnswer = z
  .strictObject({
    transactionId: transactionId(),
    type: transactionType(),
    asset: assetCode(),
    availableDelta: whole,
    heldDelta: whole,
    available: whole.check(z.describe('After this entry.')),
    held: count.check(z.describe('After this entry.')),
    version: whole.check(z.gte(1), z.describe('The number of this entry: 1, 2, 3 and so on.')),
    postings: z
      .array(z.strictObject({ counterparty: account(), amount: whole }))
      .check(z.describe("From this wallet's side: what came in is positive.")),
    reference: z.nullable(reference()),
    at: time,
    prevHash: hash,
    hash,
  })
  .check(
    z.meta({
      id: 'Entry',
      description: 'One change of one balance, chained to the one before it.',
    }),
  )

export const verifyAnswer = z
  .strictObject({
    ok: z.boolean(),
    entries: count.check(z.describe('How many were computed again.')),
    head: hash,
    firstBreak: z.nullable(z.strictObject({ version: whole, reason: z.string() })),
  })
  .check(z.meta({ id: 'Verification' }))

export const holdAnswer = z
  .strictObject({
    id: holdId(),
    walletId: walletId(),
    asset: assetCode(),
    amount: amount(),
    remaining: count.check(z.describe('What can still be captured.')),
    state: z.enum(HOLD_STATES),
    expiresAt: time,
    transactionId: transactionId(),
    createdAt: time,
  })
  .check(z.meta({ id: 'Hold', description: 'Money of a wallet that is set aside.' }))

export const assetAnswer = z
  .strictObject({ code: assetCode(), name: z.string(), scale: scale(), active: z.boolean() })
  .check(z.meta({ id: 'Asset' }))

export const healthAnswer = z
  .strictObject({ status: z.literal('ok') })
  .check(z.meta({ id: 'Health' }))

/** What was asked to find out, and how long each of it took to answer. */
export const readyAnswer = z
  .strictObject({
    status: z.literal('ok'),
    checks: z.record(z.string(), z.strictObject({ ok: z.literal(true), durationMs: count })),
  })
  .check(z.meta({ id: 'Readiness' }))

export const openApiAnswer = z.looseObject({ openapi: z.string() })

export const text = z.string()

const pageFields = <Item extends z.ZodMiniType>(item: Item) => ({
  items: z.array(item),
  nextCursor: z
    .nullable(z.string())
    .check(
      z.describe(
        'For the next page; null on the last one. A page can be short and yet not be the last.',
      ),
    ),
})

const pageId = (item: z.ZodMiniType) => ({ id: `${z.globalRegistry.get(item)?.id}Page` })

export const pageOf = <Item extends z.ZodMiniType>(item: Item) =>
  z.strictObject(pageFields(item)).check(z.meta(pageId(item)))

/** A page of a history, which can end at a time. */
export const historyPageOf = <Item extends z.ZodMiniType>(item: Item) =>
  z
    .strictObject({
      ...pageFields(item),
      settled: z.boolean().check(z.describe(`${SETTLED} Always \`false\` without \`to\`.`)),
    })
    .check(z.meta(pageId(item)))
