import type * as z from 'zod/mini'
import type { RouteAnswer } from '../route-answers.ts'
import type { GetSchema, Route, RouteName, Routes } from '../routes.ts'
import {
  asset,
  balance,
  balanceAfter,
  deadLetter,
  entry,
  flag,
  gold,
  HOLD_ID,
  hold,
  line,
  NEXT_CURSOR,
  NOON,
  posting,
  TRANSACTION_ID,
  transaction,
  wallet,
} from './examples.ts'

export const TAGS = {
  Money: 'Movements of money. Each needs an Idempotency-Key, and happens once.',
  Holds: 'Money that is set aside for a time: for a bet, an auction, a match.',
  Wallets: 'What a wallet has and is, and what an operator does to it.',
  History: 'What happened, and the hashes that prove it.',
  Assets: 'What can be held.',
  Operations: 'What a person should look at, and mend.',
  Service: 'The service itself: how it is, and what it can do.',
} as const

type Tag = keyof typeof TAGS

/** What the document tells of a route beside what the route table says: where it belongs, and how it looks. */
export type Told<Name extends RouteName, R extends Route = Routes[Name]> = {
  readonly tag: Tag
  readonly description?: string
  readonly answer: RouteAnswer<Name>
  /** Where one route serves several kinds of files. */
  readonly contentTypes?: readonly string[]
} & (R['body'] extends GetSchema
  ? { readonly request: z.input<ReturnType<R['body']>> }
  : { request?: never })

const REPLAY = 'Sent again with the same key, it answers the same and does nothing.'

/** A new route is a new row here, too; the compiler asks for it. */
export const OPERATIONS: { readonly [Name in RouteName]: Told<Name> } = {
  topup: {
    tag: 'Money',
    description: `From \`@treasury\`. The first credit brings a wallet to life. ${REPLAY}`,
    request: { ...gold(250), reference: 'order-1042', metadata: { shop: 'harbour' } },
    answer: transaction('TOPUP', {
      postings: [posting('@treasury', 'alice', 250)],
      balances: [balanceAfter('alice', 1250)],
      reference: 'order-1042',
      metadata: { shop: 'harbour' },
    }),
  },
  bonus: {
    tag: 'Money',
    description: `From \`@treasury\`. ${REPLAY}`,
    request: { ...gold(50), reference: 'daily-login' },
    answer: transaction('BONUS', {
      postings: [posting('@treasury', 'alice', 50)],
      balances: [balanceAfter('alice', 1050)],
      reference: 'daily-login',
    }),
  },
  deposit: {
    tag: 'Money',
    description: `From \`@external\`, which stands for the world outside. ${REPLAY}`,
    request: { ...gold(500), reference: 'bank-7731' },
    answer: transaction('DEPOSIT', {
      postings: [posting('@external', 'alice', 500)],
      balances: [balanceAfter('alice', 1500)],
      reference: 'bank-7731',
    }),
  },
  spend: {
    tag: 'Money',
    description: `To \`@treasury\`. ${REPLAY}`,
    request: { ...gold(30), reference: 'sword-of-dawn' },
    answer: transaction('SPEND', {
      postings: [posting('alice', '@treasury', 30)],
      balances: [balanceAfter('alice', 970)],
      reference: 'sword-of-dawn',
    }),
  },
  withdraw: {
    tag: 'Money',
    description: `To \`@external\`, which stands for the world outside. ${REPLAY}`,
    request: { ...gold(200), reference: 'payout-88' },
    answer: transaction('WITHDRAW', {
      postings: [posting('alice', '@external', 200)],
      balances: [balanceAfter('alice', 800)],
      reference: 'payout-88',
    }),
  },
  transfer: {
    tag: 'Money',
    description: `The other wallet comes to life if it is new. ${REPLAY}`,
    request: { to: 'bob', ...gold(40), reference: 'birthday' },
    answer: transaction('TRANSFER', {
      postings: [posting('alice', 'bob', 40)],
      balances: [balanceAfter('alice', 960), balanceAfter('bob', 1040)],
      reference: 'birthday',
    }),
  },
  exchange: {
    tag: 'Money',
    description: `Through \`@exchange\`, at the rate of the two amounts: the caller decides it. ${REPLAY}`,
    request: { from: gold(90), to: { asset: 'DIAMONDS', amount: 3 } },
    answer: transaction('EXCHANGE', {
      postings: [posting('alice', '@exchange', 90), posting('@exchange', 'alice', 3, 'DIAMONDS')],
      balances: [balanceAfter('alice', 910), balanceAfter('alice', 503, 0, 'DIAMONDS')],
    }),
  },
  post: {
    tag: 'Money',
    description: `Each posting has a wallet on one side at least; on the other there may be any account of the house,
as in \`@market-fees\`. Together they may touch 49 balances, fewer where they bring wallets to life. ${REPLAY}`,
    request: {
      postings: [
        posting('alice', 'bob', 95),
        posting('alice', '@market-fees', 5),
        posting('bob', 'alice', 2, 'DIAMONDS'),
      ],
      reference: 'trade-5512',
    },
    answer: transaction('POST', {
      postings: [
        posting('alice', 'bob', 95),
        posting('alice', '@market-fees', 5),
        posting('bob', 'alice', 2, 'DIAMONDS'),
      ],
      balances: [
        balanceAfter('alice', 900),
        balanceAfter('bob', 1095),
        balanceAfter('bob', 498, 0, 'DIAMONDS'),
        balanceAfter('alice', 502, 0, 'DIAMONDS'),
      ],
      reference: 'trade-5512',
    }),
  },
  reverse: {
    tag: 'Money',
    description: `Whole, or in parts where it has one posting, and never more than there was. Holds, their ends, and
reversals are not reversed: that is \`400 INVALID_REQUEST\`. ${REPLAY}`,
    request: { amount: 10 },
    answer: transaction('REVERSE', {
      id: 'txn_5q0b8m2fh3u6k9c1d7e4g0i2jl',
      postings: [posting('@treasury', 'alice', 10)],
      balances: [balanceAfter('alice', 980)],
      reverses: TRANSACTION_ID,
    }),
  },
  hold: {
    tag: 'Holds',
    description: `What is held is still the wallet's, and cannot be spent otherwise. ${REPLAY}`,
    request: { ...gold(100), expiresInSeconds: 3600 },
    answer: transaction('HOLD', {
      postings: [],
      balances: [balanceAfter('alice', 900, 100)],
      holdId: HOLD_ID,
    }),
  },
  capture: {
    tag: 'Holds',
    description: `What a partial capture leaves stays held, until it is captured, voided or expired. ${REPLAY}`,
    request: { amount: 40, to: 'bob' },
    answer: transaction('CAPTURE', {
      postings: [posting('alice', 'bob', 40)],
      balances: [balanceAfter('alice', 900, 60), balanceAfter('bob', 1040)],
      holdId: HOLD_ID,
    }),
  },
  void: {
    tag: 'Holds',
    description: `All that remains of it. ${REPLAY}`,
    request: {},
    answer: transaction('VOID', {
      postings: [],
      balances: [balanceAfter('alice', 960)],
      holdId: HOLD_ID,
    }),
  },
  putWallet: {
    tag: 'Wallets',
    description: `Replaces all of the metadata, and creates the wallet if it is new. Send \`If-Match\` with the wallet's \`ETag\` so
that two writers cannot undo each other's changes.`,
    request: { metadata: { guild: 'harbour' } },
    answer: wallet('ACTIVE'),
  },
  freeze: {
    tag: 'Wallets',
    description: `Refuses whatever takes money out, and new holds. Credits, voids, captures of existing holds and reversals
succeed. Freezing a frozen wallet again for another reason records that reason.`,
    request: { reason: 'chargeback-19' },
    answer: wallet('FROZEN'),
  },
  unfreeze: {
    tag: 'Wallets',
    request: { reason: 'cleared' },
    answer: wallet('ACTIVE'),
  },
  close: {
    tag: 'Wallets',
    description: 'It must be empty: nothing available, nothing held, nothing owed.',
    request: { reason: 'account deleted' },
    answer: wallet('CLOSED', 0),
  },
  putAsset: {
    tag: 'Assets',
    description:
      'The scale can never change, because it would change what every amount means: that is `400 INVALID_REQUEST`.',
    request: { name: 'Gold coins', scale: 0 },
    answer: asset,
  },
  getWallet: {
    tag: 'Wallets',
    description: `With \`consistent=true\` the answer is of one moment: a transaction shows in all balances that it changed, or in
none.`,
    answer: wallet('ACTIVE'),
  },
  getBalance: {
    tag: 'Wallets',
    description: `A wallet that never had the asset has none of it. With \`at\`, \`settled\` says whether the answer can still change.`,
    answer: balance,
  },
  listTransactions: {
    tag: 'History',
    answer: {
      items: [
        transaction('SPEND', {
          postings: [posting('alice', '@treasury', 30)],
          balances: [balanceAfter('alice', 970)],
          reference: 'sword-of-dawn',
        }),
      ],
      nextCursor: NEXT_CURSOR,
      settled: false,
    },
  },
  listEntries: { tag: 'History', answer: { items: [entry], nextCursor: null, settled: false } },
  verifyEntries: {
    tag: 'History',
    description: `Reads every entry of one balance. A balance of more than 150,000 entries, or of so many bytes that reading them
takes more than 10 seconds, is too long for this: that is \`400 INVALID_REQUEST\`.`,
    answer: { ok: true, entries: 2, head: entry.hash, firstBreak: null },
  },
  listHolds: { tag: 'Holds', answer: { items: [hold], nextCursor: null } },
  getHold: {
    tag: 'Holds',
    description:
      'It is `EXPIRED` as soon as its time is over; the money is given back within a minute.',
    answer: hold,
  },
  getTransaction: {
    tag: 'History',
    answer: transaction('SPEND', {
      postings: [posting('alice', '@treasury', 30)],
      balances: [balanceAfter('alice', 970)],
      reference: 'sword-of-dawn',
    }),
  },
  listAssets: { tag: 'Assets', answer: { items: [asset], nextCursor: null } },
  getAsset: { tag: 'Assets', answer: asset },
  stats: {
    tag: 'History',
    description: 'As far as the audit has come, which is about a second behind.',
    answer: {
      walletId: 'alice',
      items: [
        {
          asset: 'GOLD_COINS',
          TOPUP: { count: 1, amount: 1000, in: 1000, out: 0 },
          SPEND: { count: 1, amount: 30, in: 0, out: 30 },
          firstActivityAt: NOON,
          lastActivityAt: NOON,
        },
      ],
    },
  },
  supply: {
    tag: 'Assets',
    description:
      'As far as the audit has come. `inWallets`, `inTransit` and all `accounts` sum to zero; while they do not, the answer is `503 WALLET_BUSY`.',
    answer: {
      asset: 'GOLD_COINS',
      issued: 2000,
      burned: 30,
      inWallets: 1970,
      held: 0,
      inTransit: 0,
      accounts: { '@treasury': -1970 },
      issuedBy: { TOPUP: 2000 },
      burnedBy: { SPEND: 30 },
      asOf: NOON,
    },
  },
  statement: {
    tag: 'History',
    description: 'As far as the audit has come, which is about a second behind.',
    answer: { items: [line], nextCursor: NEXT_CURSOR },
  },
  listFlags: {
    tag: 'Operations',
    answer: { items: [flag], nextCursor: null },
  },
  acknowledgeFlag: {
    tag: 'Operations',
    description: 'Who was first stays.',
    request: {},
    answer: { ...flag, acknowledged: { by: 'operator:eve', at: NOON } },
  },
  listDeadLetters: {
    tag: 'Operations',
    answer: { items: [deadLetter], nextCursor: null },
  },
  getDeadLetter: { tag: 'Operations', answer: deadLetter },
  replayDeadLetter: {
    tag: 'Operations',
    request: {},
    answer: { replayed: 1, entries: 3, failed: [], more: false },
  },
  replayDeadLetters: {
    tag: 'Operations',
    request: {},
    answer: { replayed: 2, entries: 5, failed: [], more: false },
  },
  health: { tag: 'Service', answer: { status: 'ok' } },
  ready: {
    tag: 'Service',
    description: 'Asks everything that it needs, and says how long each of it took.',
    answer: { status: 'ok', checks: { ledger: { ok: true, durationMs: 4 } } },
  },
  metrics: {
    tag: 'Service',
    answer:
      '# HELP strongbox_assets Assets that are registered.\n# TYPE strongbox_assets gauge\nstrongbox_assets 3\n',
  },
  openapi: { tag: 'Service', answer: { openapi: '3.1.0', info: { title: 'Strongbox' } } },
  docs: { tag: 'Service', answer: '<!doctype html>\n<html lang="en">…</html>\n' },
  docsFile: {
    tag: 'Service',
    contentTypes: ['text/javascript; charset=utf-8', 'text/css; charset=utf-8', 'image/svg+xml'],
    answer: '…',
  },
}
