import {
  assetNotFound,
  assetView,
  balanceView,
  declineProblem,
  transactionView,
  walletNotFound,
  walletView,
} from '../../lib/http/answers.ts'
import { createApi } from '../../lib/http/api.ts'
import { createCursors } from '../../lib/http/cursor.ts'
import { Problem } from '../../lib/http/problem.ts'
import { historyPosition } from '../../lib/http/schemas.ts'
import { findBalance } from '../../lib/ledger/balance.ts'
import { listTransactions } from '../../lib/ledger/history.ts'
import { apiOptionsFromEnvironment, ledgerFromEnvironment, setting } from '../environment.ts'

const { store } = ledgerFromEnvironment()
const cursors = createCursors(setting('CURSOR_SECRET'))

export const handler = createApi(
  'read',
  {
    async getWallet({ params, query }) {
      const found = await store.readWallet(params.id, query.consistent)
      if (!found) throw walletNotFound(params.id)
      return { body: walletView(found.wallet, found.balances) }
    },

    async getBalance({ params, query }) {
      const name = { walletId: params.id, asset: params.asset }
      const found = await findBalance(store, name, query.consistent)
      if (found.kind === 'declined') throw declineProblem(found.decline)
      return { body: balanceView(found.balance) }
    },

    async listTransactions({ params, query, caller }) {
      const { cursor, from: fromMs, to: toMs, ...filter } = query
      const purpose = ['transactions', params.id, filter.asset, filter.type, fromMs, toMs]
      const after =
        cursor === undefined ? undefined : historyPosition.parse(cursors.open(cursor, purpose))
      const page = await listTransactions(store, {
        walletId: params.id,
        ...filter,
        fromMs,
        toMs,
        after,
      })
      if (!page) throw walletNotFound(params.id)
      return {
        body: {
          items: page.transactions.map((transaction) => transactionView(transaction, caller)),
          nextCursor: page.next ? cursors.seal(page.next, purpose) : null,
        },
      }
    },

    async getTransaction({ params, query, caller }) {
      const transaction = await store.readTransaction(params.id, query.consistent)
      if (!transaction) {
        throw new Problem('TRANSACTION_NOT_FOUND', `${params.id} is not in the ledger.`)
      }
      return { body: transactionView(transaction, caller) }
    },

    async listAssets() {
      const assets = await store.readAssets()
      return { body: { items: assets.map(assetView), nextCursor: null } }
    },

    async getAsset({ params }) {
      const asset = await store.readAsset(params.code)
      if (!asset) throw assetNotFound(params.code)
      return { body: assetView(asset) }
    },

    async health() {
      return { body: { status: 'ok' } }
    },
  },
  apiOptionsFromEnvironment(),
)
