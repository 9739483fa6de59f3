import * as z from 'zod'
import { WALLET_ID_PATTERN, type WalletId } from '../money/account.ts'
import { type Amount, MAX_AMOUNT } from '../money/amount.ts'
import { ASSET_CODE_PATTERN, type AssetCode, MAX_SCALE } from '../money/asset.ts'
import {
  TRANSACTION_ID_PATTERN,
  TRANSACTION_TYPES,
  type TransactionId,
} from '../money/transaction.ts'
import { MAX_AT } from '../store/keys.ts'

/** What goes in is parsed here, once; what is behind can trust its types. */

const MAX_REFERENCE_BYTES = 128
const MAX_METADATA_ENTRIES = 16
const MAX_METADATA_BYTES = 512
const MAX_NAME_LENGTH = 64
const MAX_PAGE = 100
const DEFAULT_PAGE = 25

const utf8Bytes = (text: string) => Buffer.byteLength(text, 'utf8')
// A lone surrogate cannot be stored as UTF-8, and would come back as another text.
const isUnicode = (text: string) => text.isWellFormed()

export const walletId = z
  .string()
  .regex(
    WALLET_ID_PATTERN,
    'must be 1 to 64 letters, digits or . _ : @ -, and begin with a letter or digit',
  )
  .transform((id) => id as WalletId)

export const assetCode = z
  .string()
  .regex(
    ASSET_CODE_PATTERN,
    'must be 2 to 32 capital letters, digits or _, and begin with a letter',
  )
  .transform((code) => code as AssetCode)

export const transactionId = z
  .string()
  .regex(TRANSACTION_ID_PATTERN, 'must be txn_ and 26 letters or digits')
  .transform((id) => id as TransactionId)

const AMOUNT_RULE = `must be a whole number from 1 to ${MAX_AMOUNT}`
export const amount = z
  .number(AMOUNT_RULE)
  .int(AMOUNT_RULE)
  .min(1, AMOUNT_RULE)
  .max(MAX_AMOUNT, AMOUNT_RULE)
  .transform((value) => value as Amount)

export const reference = z
  .string('must be a text')
  .refine(isUnicode, 'must be well-formed Unicode')
  .refine(
    (text) => utf8Bytes(text) <= MAX_REFERENCE_BYTES,
    `must be at most ${MAX_REFERENCE_BYTES} characters (bytes, in UTF-8)`,
  )

export const metadata = z
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

export const movementBody = z.strictObject({
  asset: assetCode,
  amount,
  reference: reference.optional(),
  metadata: metadata.optional(),
})

export const assetBody = z.strictObject({
  name: z
    .string('must be a text')
    .min(1, 'must not be empty')
    .max(MAX_NAME_LENGTH, `must be at most ${MAX_NAME_LENGTH} characters`)
    .refine(isUnicode, 'must be well-formed Unicode'),
  scale: z
    .number(`must be a whole number from 0 to ${MAX_SCALE}`)
    .int(`must be a whole number from 0 to ${MAX_SCALE}`)
    .min(0, `must be a whole number from 0 to ${MAX_SCALE}`)
    .max(MAX_SCALE, `must be a whole number from 0 to ${MAX_SCALE}`),
})

export const walletParams = z.strictObject({ id: walletId })
export const balanceParams = z.strictObject({ id: walletId, asset: assetCode })
export const transactionParams = z.strictObject({ id: transactionId })
export const assetParams = z.strictObject({ code: assetCode })
export const nothing = z.strictObject({})

/** A time in a query, as milliseconds; a date alone is its midnight in UTC. */
const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'must be an ISO 8601 date or time')
  .transform((text) => Math.min(Math.max(Date.parse(text), 0), MAX_AT))

const consistent = z
  .enum(['true', 'false'], 'must be true or false')
  .default('false')
  .transform((word) => word === 'true')

const limit = z
  .string()
  .regex(/^[1-9]\d{0,2}$/, `must be a whole number from 1 to ${MAX_PAGE}`)
  .default(String(DEFAULT_PAGE))
  .transform(Number)
  .pipe(z.number().max(MAX_PAGE, `must be a whole number from 1 to ${MAX_PAGE}`))

export const readQuery = z.strictObject({ consistent })

export const historyQuery = z
  .strictObject({
    asset: assetCode.optional(),
    type: z.enum(TRANSACTION_TYPES, `must be one of ${TRANSACTION_TYPES.join(', ')}`).optional(),
    from: moment.optional(),
    to: moment.optional(),
    limit,
    cursor: z.string().max(1024, 'is too long').optional(),
    consistent,
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    message: 'must be after from',
  })

/** What a cursor of the history holds. */
export const historyPosition = z.strictObject({ at: z.int(), asset: assetCode, seq: z.int() })

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
  status: z.enum(['ACTIVE']),
  metadata: z.record(z.string(), z.string()),
  balances: z.array(balanceAnswer),
  createdAt: time,
})

export const transactionAnswer = z.strictObject({
  id: z.string().regex(TRANSACTION_ID_PATTERN),
  type: z.enum(TRANSACTION_TYPES),
  postings: z.array(
    z.strictObject({ from: z.string(), to: z.string(), asset: z.string(), amount: whole.min(1) }),
  ),
  balances: z.array(balanceAnswer.omit({ at: true })),
  reference: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  createdAt: time,
})

export const assetAnswer = z.strictObject({
  code: z.string(),
  name: z.string(),
  scale: whole,
  active: z.boolean(),
})

export const healthAnswer = z.strictObject({ status: z.literal('ok') })

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() })
