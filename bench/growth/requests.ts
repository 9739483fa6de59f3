import { randomUUID } from 'node:crypto'
import { findBalance } from '../../lib/ledger/find-balance.ts'
import { type HistoryQuery, listEntries, listTransactions } from '../../lib/ledger/history.ts'
import type { Ledger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { transferCommand, verbCommand } from '../../lib/ledger/verbs.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { type LongHistory, STEP_MS, timeOf } from './long-history.ts'

/** Something that is asked of a wallet, however much has happened to it. */
export interface Request {
  readonly name: string
  readonly send: (ledger: Ledger, history: LongHistory) => Promise<{ readonly kind: string }>
}

const ONE = toAmount(1)
/** Short enough that the smallest wallet fills it, from its middle, too. */
const PAGE = 5
/** Who gets the transfers. */
export const OTHER = 'somebody-else' as WalletId

export const REQUESTS: readonly Request[] = [
  {
    name: 'topup',
    send: (ledger, { walletId, asset }) =>
      post(ledger, verbCommand('topup', { walletId, asset, amount: ONE }), newOrigin()),
  },
  {
    name: 'spend',
    send: (ledger, { walletId, asset }) =>
      post(ledger, verbCommand('spend', { walletId, asset, amount: ONE }), newOrigin()),
  },
  {
    name: 'transfer',
    send: (ledger, { walletId, asset }) => {
      const request = { walletId, asset, amount: ONE, to: OTHER }
      return post(ledger, transferCommand(request), newOrigin())
    },
  },
  {
    name: 'balance',
    send: ({ store }, id) => findBalance(store, id, { consistent: false, nowMs: Date.now() }),
  },
  {
    name: 'balance at a time, in the middle',
    send: ({ store }, id) => {
      const at = timeOf(middleOf(id)) + STEP_MS / 2
      return findBalance(store, id, { at, consistent: false, nowMs: Date.now() })
    },
  },
  {
    name: `newest ${PAGE} entries`,
    send: ({ store }, id) => listEntries(store, { ...pageOf(id), order: 'desc' }),
  },
  {
    name: `${PAGE} entries from the middle`,
    send: ({ store }, id) =>
      listEntries(store, { ...pageOf(id), order: 'asc', from: timeOf(middleOf(id)) }),
  },
  {
    name: `newest ${PAGE} transactions`,
    send: ({ store }, id) => listTransactions(store, { ...pageOf(id), order: 'desc' }),
  },
]

function middleOf({ entries }: LongHistory): number {
  return Math.floor(entries / 2)
}

function pageOf({ walletId, asset }: LongHistory): Omit<HistoryQuery, 'order'> {
  return { walletId, asset, limit: PAGE, consistent: false }
}

function newOrigin() {
  const key = randomUUID()
  return { client: 'server:shop', idempotencyKey: key, requestId: key }
}
