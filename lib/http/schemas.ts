import * as z from 'zod'
import {
  isAccount,
  isSystemAccount,
  SYSTEM_ACCOUNT_PATTERN,
  WALLET_ID_PATTERN,
  type WalletId,
} from '../money/account.ts'
import { type Amount, MAX_AMOUNT } from '../money/amount.ts'
import { ASSET_CODE_PATTERN, type AssetCode, MAX_SCALE } from '../money/asset.ts'
import { HOLD_ID_PATTERN, HOLD_STATES, type HoldId } from '../money/hold.ts'
import { MAX_POSTINGS } from '../money/posting.ts'
import {
  TRANSACTION_ID_PATTERN,
  TRANSACTION_TYPES,
  type TransactionId,
} from '../money/transaction.ts'
import { WALLET_STATUSES } from '../money/wallet.ts'

/** What goes in is parsed here, once; what is behind can trust its types. */

const MAX_REFERENCE_BYTES = 128
const MAX_METADATA_ENTRIES = 16
const MAX_METADATA_BYTES = 512
const MAX_NAME_LENGTH = 64
const MAX_PAGE = 100
const DEFAULT_PAGE = 25
const MAX_CURSOR_LENGTH = 1024
const MAX_HOLD_SECONDS = 2_592_000
const DEFAULT_HOLD_SECONDS = 3_600

const utf8Bytes = (text: string) => Buffer.byteLength(text, 'utf8')
// A lone surrogate cannot be stored as UTF-8, and would come back as another text.
const isUnicode = (text: string) => text.isWellFormed()

const wholeNumber = (least: number, most: number) => {
  const rule = `must be a whole number from ${least} to ${most}`
  return z.number(rule).int(rule).min(least, rule).max(most, rule)
}

const named = (pattern: RegExp, rule: string) => z.string(rule).regex(pattern, rule)

const unicode = (mostBytes: number) =>
  z
    .string('must be a text')
    .refine(isUnicode, 'must be well-formed Unicode')
    .refine(
      (text) => utf8Bytes(text) <= mostBytes,
      `must be at most ${mostBytes} characters (bytes, in UTF-8)`,
    )

const walletId = named(
  WALLET_ID_PATTERN,
  'must be 1 to 64 letters, digits or . _ : @ -, and begin with a letter or digit',
).transform((id) => id as WalletId)

const account = z
  .string('must be a wallet id or a system account')
  .refine(isAccount, `must be a wallet id, or a system account as in ${SYSTEM_ACCOUNT_PATTERN}`)

const assetCode = named(
  ASSET_CODE_PATTERN,
  'must be 2 to 32 capital letters, digits or _, and begin with a letter',
).transform((code) => code as AssetCode)

const transactionId = named(
  TRANSACTION_ID_PATTERN,
  'must be txn_ and 26 letters or digits',
).transform((id) => id as TransactionId)

const holdId = named(HOLD_ID_PATTERN, 'must be hold_ and 26 letters or digits').transform(
  (id) => id as HoldId,
)

const amount = wholeNumber(1, MAX_AMOUNT).transform((value) => value as Amount)

const metadata = z
  .record(
    z.string().min(1, 'must not be empty'),
    z.string('must be a text'),
    'must be an object of texts',
  )
  .refine((words) => Object.entries(words).flat().every(isUnicode), 'must be well-formed Unicode')
  .refine(
    (words) => Object.keys(words).length <= MAX_METADATA_ENTRIES,
    `must have at most ${MAX_METADATA_ENTRIES} entries`,
  )
  .refine(
    (words) => utf8Bytes(Object.entries(words).flat().join('')) <= MAX_METADATA_BYTES,
    `must be at most ${MAX_METADATA_BYTES} bytes in all, names and values`,
  )

const remarks = {
  reference: unicode(MAX_REFERENCE_BYTES).optional(),
  metadata: metadata.optional(),
}
const money = { asset: assetCode, amount }

export const moneyBody = z.strictObject({ ...money, ...remarks })
export const transferBody = z.strictObject({ to: walletId, ...money, ...remarks })
export const exchangeBody = z
  .strictObject({ from: z.strictObject(money), to: z.strictObject(money), ...remarks })
  .refine(({ from, to }) => from.asset !== to.asset, {
    path: ['to', 'asset'],
    message: 'must be another asset',
  })

export const postBody = z.strictObject({
  postings: z
    .array(
      z
        .strictObject({ from: account, to: account, ...money })
        .refine(({ from, to }) => !(isSystemAccount(from) && isSystemAccount(to)), {
          message: 'must have a wallet on one side at least',
        }),
      'must be a list of postings',
    )
    .min(1, 'must not be empty')
    .max(MAX_POSTINGS, `must be at most ${MAX_POSTINGS}`),
  ...remarks,
})

export const holdBody = z.strictObject({
  ...money,
  expiresInSeconds: wholeNumber(1, MAX_HOLD_SECONDS).default(DEFAULT_HOLD_SECONDS),
})
export const captureBody = z.strictObject({ amount: amount.optional(), to: walletId.optional() })
export const reverseBody = z.strictObject({
  amount: amount.optional(),
  allowDebt: z.boolean('must be true or false').default(false),
})
export const statusBody = z.strictObject({ reason: unicode(MAX_REFERENCE_BYTES).optional() })
export const walletBody = z.strictObject({ metadata })

export const assetBody = z.strictObject({
  name: unicode(MAX_NAME_LENGTH).min(1, 'must not be empty'),
  scale: wholeNumber(0, MAX_SCALE),
})

export const walletParams = z.strictObject({ walletId })
export const balanceParams = z.strictObject({ walletId, asset: assetCode })
export const holdParams = z.strictObject({ walletId, holdId })
export const transactionParams = z.strictObject({ transactionId })
export const assetParams = z.strictObject({ code: assetCode })
export const nothing = z.strictObject({})

/** A time in a query, as milliseconds; a date alone is its midnight in UTC. */
const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'must be an ISO 8601 date or time')
  .transform((text) => Date.parse(text))

const consistent = z
  .enum(['true', 'false'], 'must be true or false')
  .default('false')
  .transform((word) => word === 'true')

const LIMIT_RULE = `must be a whole number from 1 to ${MAX_PAGE}`
const limit = z
  .string()
  .regex(/^[1-9]\d{0,2}$/, LIMIT_RULE)
  .default(String(DEFAULT_PAGE))
  .transform(Number)
  .pipe(z.number().max(MAX_PAGE, LIMIT_RULE))

const cursor = z.string().max(MAX_CURSOR_LENGTH, 'is too long').optional()

export const readQuery = z.strictObject({ consistent })
export const balanceQuery = z.strictObject({ at: moment.optional(), consistent })
export const verifyQuery = z.strictObject({ asset: assetCode })
export const pageQuery = z.strictObject({ limit, cursor })
export const holdsQuery = z.strictObject({ limit, cursor, consistent })

const historyFields = {
  asset: assetCode.optional(),
  from: moment.optional(),
  to: moment.optional(),
  order: z.enum(['desc', 'asc'], 'must be desc or asc').default('desc'),
  limit,
  cursor,
  consistent,
}
const isForwards = ({ from, to }: { from?: number | undefined; to?: number | undefined }) =>
  from === undefined || to === undefined || from < to
const NOT_FORWARDS = { path: ['to'], message: 'must be after from' }

export const ledgerQuery = z.strictObject(historyFields).refine(isForwards, NOT_FORWARDS)

export const historyQuery = z
  .strictObject({
    ...historyFields,
    type: z.enum(TRANSACTION_TYPES, `must be one of ${TRANSACTION_TYPES.join(', ')}`).optional(),
  })
  .refine(isForwards, NOT_FORWARDS)

/* What is inside cursors. */

export const historyPosition = z.strictObject({ at: z.int(), asset: assetCode, seq: z.int() })
export const assetPosition = z.strictObject({ code: assetCode })

/* What comes out. */

const time = z.iso.datetime()
const whole = z.int()

export const balanceAnswer = z.strictObject({
  walletId: z.string(),
  asset: z.string(),
  available: whole,
  held: whole,
  version: whole,
  at: time,
})

export const walletAnswer = z.strictObject({
  id: z.string(),
  status: z.enum(WALLET_STATUSES),
  metadata: z.record(z.string(), z.string()),
  balances: z.array(balanceAnswer),
  createdAt: time,
})

const postingAnswer = z.strictObject({
  from: z.string(),
  to: z.string(),
  asset: z.string(),
  amount: whole.min(1),
})

export const transactionAnswer = z.strictObject({
  id: z.string().regex(TRANSACTION_ID_PATTERN),
  type: z.enum(TRANSACTION_TYPES),
  postings: z.array(postingAnswer),
  balances: z.array(balanceAnswer.omit({ at: true })),
  reference: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  holdId: z.string().optional(),
  reverses: z.string().optional(),
  createdAt: time,
})

export const entryAnswer = z.strictObject({
  transactionId: z.string(),
  type: z.enum(TRANSACTION_TYPES),
  asset: z.string(),
  availableDelta: whole,
  heldDelta: whole,
  available: whole,
  held: whole,
  version: whole,
  postings: z.array(z.strictObject({ counterparty: z.string(), amount: whole })),
  reference: z.string().nullable(),
  at: time,
  prevHash: z.string(),
  hash: z.string(),
})

export const verifyAnswer = z.strictObject({
  ok: z.boolean(),
  entries: whole,
  head: z.string(),
  firstBreak: z.strictObject({ version: whole, reason: z.string() }).nullable(),
})

export const holdAnswer = z.strictObject({
  id: z.string().regex(HOLD_ID_PATTERN),
  walletId: z.string(),
  asset: z.string(),
  amount: whole.min(1),
  remaining: whole,
  state: z.enum(HOLD_STATES),
  expiresAt: time,
  transactionId: z.string(),
  createdAt: time,
})

export const assetAnswer = z.strictObject({
  code: z.string(),
  name: z.string(),
  scale: whole,
  active: z.boolean(),
})

export const healthAnswer = z.strictObject({ status: z.literal('ok') })

/** What was asked to find out, and how long each of it took to answer. */
export const readyAnswer = z.strictObject({
  status: z.literal('ok'),
  checks: z.record(z.string(), z.strictObject({ ok: z.literal(true), durationMs: whole })),
})

export const openApiAnswer = z.looseObject({ openapi: z.string() })

export const text = z.string()

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() })
