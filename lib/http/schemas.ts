import * as z from 'zod/mini'
import {
  type Account,
  isAccount,
  isSystemAccount,
  SYSTEM_ACCOUNT_PATTERN,
  WALLET_ID_PATTERN,
  type WalletId,
} from '../money/account.ts'
import { type Amount, MAX_AMOUNT } from '../money/amount.ts'
import { ASSET_CODE_PATTERN, type AssetCode, MAX_SCALE } from '../money/asset.ts'
import { HOLD_ID_PATTERN, type HoldId } from '../money/hold.ts'
import { MAX_POSTINGS } from '../money/posting.ts'
import {
  TRANSACTION_ID_PATTERN,
  TRANSACTION_TYPES,
  type TransactionId,
} from '../money/transaction.ts'
import { madeOnce } from './made-once.ts'

/**
 * What goes in is parsed here, once; what is behind can trust its types. What `meta` says is for the OpenAPI
 * document: a schema with an `id` has a name there, and a rule that JSON Schema cannot say is in its words.
 *
 * Each is made when it is first asked for. Every function of the API loads all of them, and most of its instances
 * never need more than a few.
 */

const MAX_REFERENCE_BYTES = 128
const MAX_METADATA_ENTRIES = 16
const MAX_METADATA_BYTES = 512
const MAX_NAME_LENGTH = 64
const MAX_PAGE = 100
const DEFAULT_PAGE = 25
const MAX_CURSOR_LENGTH = 1024
const MAX_HOLD_SECONDS = 2_592_000
const DEFAULT_HOLD_SECONDS = 3_600

const NO_OBJECT = 'must be an object'

const utf8Bytes = (text: string) => Buffer.byteLength(text, 'utf8')
// A lone surrogate cannot be stored as UTF-8, and would come back as another text.
const isUnicode = (text: string) => text.isWellFormed()

const wholeNumber = (least: number, most: number) => {
  const rule = `must be a whole number from ${least} to ${most}`
  return z.int(rule).check(z.gte(least, rule), z.lte(most, rule))
}

const named = (pattern: RegExp, rule: string) => z.string(rule).check(z.regex(pattern, rule))

/** Counted in bytes; JSON Schema counts characters, of which there are never more. */
const unicode = (mostBytes: number) =>
  z.string('must be a text').check(
    z.refine(isUnicode, 'must be well-formed Unicode'),
    z.refine(
      (text) => utf8Bytes(text) <= mostBytes,
      `must be at most ${mostBytes} characters (bytes, in UTF-8)`,
    ),
    z.meta({ maxLength: mostBytes }),
  )

/** An object with these fields and no others. */
function body<Fields extends z.core.$ZodShape>(id: string, fields: Fields) {
  return z.strictObject(fields, NO_OBJECT).check(z.meta({ id }))
}

export const walletId = madeOnce(() =>
  z.pipe(
    named(
      WALLET_ID_PATTERN,
      'must be 1 to 64 letters, digits or . _ : @ -, and begin with a letter or digit',
    ).check(
      z.meta({
        id: 'WalletId',
        description: 'The name of a wallet. For a player it is the `sub` of the token.',
        examples: ['alice', 'bob'],
      }),
    ),
    z.transform((id) => id as WalletId),
  ),
)

export const account = madeOnce(() =>
  z.pipe(
    z.string('must be a wallet id or a system account').check(
      z.refine(
        isAccount,
        `must be a wallet id, or a system account as in ${SYSTEM_ACCOUNT_PATTERN}`,
      ),
      z.meta({
        id: 'Account',
        description: 'A wallet, or an account of the house: those begin with `@`.',
        pattern: `${WALLET_ID_PATTERN.source}|${SYSTEM_ACCOUNT_PATTERN.source}`,
        examples: ['alice', '@treasury'],
      }),
    ),
    z.transform((name) => name as Account),
  ),
)

export const assetCode = madeOnce(() =>
  z.pipe(
    named(
      ASSET_CODE_PATTERN,
      'must be 2 to 32 capital letters, digits or _, and begin with a letter',
    ).check(
      z.meta({
        id: 'AssetCode',
        description: 'What is held: a currency, a gem, a point.',
        examples: ['GOLD_COINS', 'DIAMONDS'],
      }),
    ),
    z.transform((code) => code as AssetCode),
  ),
)

export const transactionId = madeOnce(() =>
  z.pipe(
    named(TRANSACTION_ID_PATTERN, 'must be txn_ and 26 letters or digits').check(
      z.meta({
        id: 'TransactionId',
        description:
          'Made of the caller and the Idempotency-Key: the same two always give the same.',
        examples: ['txn_1vjfsocig91nopktoe7k19srmc'],
      }),
    ),
    z.transform((id) => id as TransactionId),
  ),
)

export const holdId = madeOnce(() =>
  z.pipe(
    named(HOLD_ID_PATTERN, 'must be hold_ and 26 letters or digits').check(
      z.meta({
        id: 'HoldId',
        description: 'Of the hold; the transaction that made it has the same letters after `txn_`.',
        examples: ['hold_1vjfsocig91nopktoe7k19srmc'],
      }),
    ),
    z.transform((id) => id as HoldId),
  ),
)

export const amount = madeOnce(() =>
  z.pipe(
    wholeNumber(1, MAX_AMOUNT).check(
      z.meta({
        id: 'Amount',
        description:
          "A whole number of the asset's smallest unit. Never a fraction, never a string.",
        examples: [250],
      }),
    ),
    z.transform((value) => value as Amount),
  ),
)

export const reference = madeOnce(() =>
  unicode(MAX_REFERENCE_BYTES).check(
    z.meta({
      id: 'Reference',
      description: `What this is about, in your words. Up to ${MAX_REFERENCE_BYTES} bytes of UTF-8.`,
      examples: ['sword-of-dawn'],
    }),
  ),
)

export const metadata = madeOnce(() =>
  z
    .record(
      z.string().check(z.minLength(1, 'must not be empty')),
      z.string('must be a text'),
      'must be an object of texts',
    )
    .check(
      z.refine((words) => Object.entries(words).flat().every(isUnicode), {
        message: 'must be well-formed Unicode',
      }),
      z.refine(
        (words) => Object.keys(words).length <= MAX_METADATA_ENTRIES,
        `must have at most ${MAX_METADATA_ENTRIES} entries`,
      ),
      z.refine(
        (words) => utf8Bytes(Object.entries(words).flat().join('')) <= MAX_METADATA_BYTES,
        `must be at most ${MAX_METADATA_BYTES} bytes in all, names and values`,
      ),
      z.meta({
        id: 'Metadata',
        description: `Texts of yours, by name. All names and values together have up to ${MAX_METADATA_BYTES} bytes of UTF-8.`,
        maxProperties: MAX_METADATA_ENTRIES,
        examples: [{ shop: 'harbour' }],
      }),
    ),
)

const remarks = madeOnce(() => ({
  reference: z.optional(reference()),
  metadata: z.optional(metadata()),
}))
const money = () => ({ asset: assetCode(), amount: amount() })

export const moneyBody = madeOnce(() => body('MoneyRequest', { ...money(), ...remarks() }))
export const transferBody = madeOnce(() =>
  body('TransferRequest', { to: walletId(), ...money(), ...remarks() }),
)

const moneyOfAsset = madeOnce(() => body('Money', money()))
export const exchangeBody = madeOnce(() =>
  z.strictObject({ from: moneyOfAsset(), to: moneyOfAsset(), ...remarks() }, NO_OBJECT).check(
    z.refine(({ from, to }) => from.asset !== to.asset, {
      path: ['to', 'asset'],
      message: 'must be another asset',
    }),
    z.meta({
      id: 'ExchangeRequest',
      description: '`from` and `to` are of two different assets.',
    }),
  ),
)

const postings = madeOnce(() =>
  z
    .array(
      z.strictObject({ from: account(), to: account(), ...money() }, NO_OBJECT).check(
        z.refine(({ from, to }) => !(isSystemAccount(from) && isSystemAccount(to)), {
          message: 'must have a wallet on one side at least',
        }),
        z.meta({
          id: 'PostingRequest',
          description: 'One debit and one credit. At least one of `from` and `to` is a wallet.',
        }),
      ),
      'must be a list of postings',
    )
    .check(
      z.minLength(1, 'must not be empty'),
      z.maxLength(MAX_POSTINGS, `must be at most ${MAX_POSTINGS}`),
    ),
)

export const postBody = madeOnce(() => body('PostRequest', { postings: postings(), ...remarks() }))

export const holdBody = madeOnce(() =>
  body('HoldRequest', {
    ...money(),
    expiresInSeconds: z
      ._default(wholeNumber(1, MAX_HOLD_SECONDS), DEFAULT_HOLD_SECONDS)
      .check(z.describe('After so long it is given back by itself.')),
  }),
)

export const captureBody = madeOnce(() =>
  body('CaptureRequest', {
    amount: z.optional(amount()).check(z.describe('All that remains, unless it is given.')),
    to: z.optional(walletId()).check(z.describe('The house, unless a wallet is given.')),
  }),
)

export const reverseBody = madeOnce(() =>
  body('ReverseRequest', {
    amount: z
      .optional(amount())
      .check(
        z.describe(
          'All that is left, unless it is given. Only a transaction of one posting is reversed in parts.',
        ),
      ),
    allowDebt: z
      ._default(z.boolean('must be true or false'), false)
      .check(z.describe('Whether it may take a balance below zero.')),
  }),
)

export const statusBody = madeOnce(() =>
  body('StatusRequest', {
    reason: z.optional(unicode(MAX_REFERENCE_BYTES)).check(z.describe('For the record.')),
  }),
)

export const walletBody = madeOnce(() => body('WalletRequest', { metadata: metadata() }))

export const scale = madeOnce(() =>
  wholeNumber(0, MAX_SCALE).check(
    z.meta({
      id: 'Scale',
      description:
        'How many decimal places a display puts in an amount: 250 at 2 is shown as 2.50.',
    }),
  ),
)

export const assetBody = madeOnce(() =>
  body('AssetRequest', {
    name: unicode(MAX_NAME_LENGTH).check(
      z.minLength(1, 'must not be empty'),
      z.meta({ minLength: 1, maxLength: MAX_NAME_LENGTH }),
    ),
    scale: scale(),
  }),
)

export const walletParams = madeOnce(() => z.strictObject({ walletId: walletId() }))
export const balanceParams = madeOnce(() =>
  z.strictObject({ walletId: walletId(), asset: assetCode() }),
)
export const holdParams = madeOnce(() => z.strictObject({ walletId: walletId(), holdId: holdId() }))
export const transactionParams = madeOnce(() => z.strictObject({ transactionId: transactionId() }))
export const assetParams = madeOnce(() => z.strictObject({ code: assetCode() }))
export const nothing = madeOnce(() => z.strictObject({}, NO_OBJECT))

/** For a format that has a name: nobody needs to read the pattern as well. */
export const NO_PATTERN = { pattern: undefined }

/** All of a query is text, and is parsed as such; to who writes one, it is what the text says. */
const inQuery = (meaning: Readonly<Record<string, unknown>>) => ({
  ...NO_PATTERN,
  enum: undefined,
  ...meaning,
})

/** A time in a query, as milliseconds; a date alone is its midnight in UTC. */
export const moment = madeOnce(() =>
  z.pipe(
    z
      .union(
        [
          z.iso.datetime({ offset: true }).check(z.meta(NO_PATTERN)),
          z.iso.date().check(z.meta(NO_PATTERN)),
        ],
        'must be an ISO 8601 date or time',
      )
      .check(
        z.meta({
          id: 'Moment',
          description: 'A time, or a date: its midnight in UTC.',
          examples: ['2026-11-21T06:00:00Z', '2026-12-01'],
        }),
      ),
    z.transform((text) => Date.parse(text)),
  ),
)

const consistent = madeOnce(() =>
  z.pipe(
    z._default(z.enum(['true', 'false'], 'must be true or false'), 'false').check(
      z.meta({
        ...inQuery({ type: 'boolean', default: false }),
        description:
          'Read what was last written, at twice the cost, and not what was a moment ago.',
      }),
    ),
    z.transform((word) => word === 'true'),
  ),
)

const LIMIT_RULE = `must be a whole number from 1 to ${MAX_PAGE}`
export const limit = madeOnce(() =>
  z.pipe(
    z.pipe(
      z
        ._default(z.string().check(z.regex(/^[1-9]\d{0,2}$/, LIMIT_RULE)), String(DEFAULT_PAGE))
        .check(
          z.meta({
            ...inQuery({ type: 'integer', minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
            description: 'How many items a page has at most.',
          }),
        ),
      z.transform(Number),
    ),
    z.number().check(z.lte(MAX_PAGE, LIMIT_RULE)),
  ),
)

export const cursor = madeOnce(() =>
  z.optional(z.string().check(z.maxLength(MAX_CURSOR_LENGTH, 'is too long'))).check(
    z.meta({
      description:
        'The `nextCursor` of the page before, with the same wallet and the same filters.',
      examples: ['o2mYyqZkV0c7F5f2N3bXJnsiYXQiOjE3OTUyNDA4MDAwMDB9'],
    }),
  ),
)

export const readQuery = madeOnce(() => z.strictObject({ consistent: consistent() }))
export const balanceQuery = madeOnce(() =>
  z.strictObject({
    at: z.optional(moment()).check(z.describe('As it was then; as it is now, unless it is given.')),
    consistent: consistent(),
  }),
)
export const verifyQuery = madeOnce(() => z.strictObject({ asset: assetCode() }))
export const pageQuery = madeOnce(() => z.strictObject({ limit: limit(), cursor: cursor() }))
export const holdsQuery = madeOnce(() =>
  z.strictObject({ limit: limit(), cursor: cursor(), consistent: consistent() }),
)

export const order = madeOnce(() =>
  z
    ._default(z.enum(['desc', 'asc'], 'must be desc or asc'), 'desc')
    .check(z.describe('Newest first, or oldest first.')),
)

const historyFields = madeOnce(() => ({
  asset: z.optional(assetCode()).check(z.describe('Of this asset only.')),
  from: z.optional(moment()).check(z.describe('Not before this time.')),
  to: z.optional(moment()).check(z.describe('Before this time, which is after `from`.')),
  order: order(),
  limit: limit(),
  cursor: cursor(),
  consistent: consistent(),
}))
export const isForwards = ({ from, to }: { from?: number | undefined; to?: number | undefined }) =>
  from === undefined || to === undefined || from < to
export const NOT_FORWARDS = { path: ['to'], message: 'must be after from' }

export const ledgerQuery = madeOnce(() =>
  z.strictObject(historyFields()).check(z.refine(isForwards, NOT_FORWARDS)),
)

export const transactionType = madeOnce(() =>
  z
    .enum(TRANSACTION_TYPES, `must be one of ${TRANSACTION_TYPES.join(', ')}`)
    .check(z.meta({ id: 'TransactionType', examples: ['SPEND'] })),
)

export const historyQuery = madeOnce(() =>
  z
    .strictObject({
      ...historyFields(),
      type: z.optional(transactionType()).check(z.describe('Of this type only.')),
    })
    .check(z.refine(isForwards, NOT_FORWARDS)),
)

/* What is inside cursors. */

export const historyPosition = madeOnce(() =>
  z.strictObject({ at: z.int(), asset: assetCode(), seq: z.int() }),
)
export const assetPosition = madeOnce(() => z.strictObject({ code: assetCode() }))

export const docsFileParams = madeOnce(() =>
  z.strictObject({
    file: z
      .string()
      .check(z.meta({ description: 'As the page names it.', examples: ['page.css'] })),
  }),
)
export const docsFileQuery = madeOnce(() =>
  z.strictObject({
    v: z.optional(z.string()).check(
      z.meta({
        description: 'Of which version. The right one may be kept for ever.',
        examples: ['Zt7cX2G1dQ3u'],
      }),
    ),
  }),
)
