import { readBalancedSupply, readBooks } from '../../lib/audit/books.ts'
import { statementRange } from '../../lib/audit/statement.ts'
import {
  assetNotFound,
  assetView,
  balanceView,
  declineProblem,
  entryView,
  holdNotFound,
  holdView,
  transactionNotFound,
  transactionView,
  walletNotFound,
  walletView,
} from '../../lib/http/answers.ts'
import { createApi } from '../../lib/http/api.ts'
import { lineView, statsView, supplyView } from '../../lib/http/audit-answers.ts'
import { linePosition } from '../../lib/http/audit-schemas.ts'
import type { Caller } from '../../lib/http/caller.ts'
import { type CursorPurpose, createCursors } from '../../lib/http/cursor.ts'
import { walletTag } from '../../lib/http/etag.ts'
import { metricsPage } from '../../lib/http/metrics-page.ts'
import { invalidRequest } from '../../lib/http/problem.ts'
import { createReadiness } from '../../lib/http/ready.ts'
import { assetPosition, historyPosition } from '../../lib/http/schemas.ts'
import { findBalance } from '../../lib/ledger/find-balance.ts'
import { findWallet } from '../../lib/ledger/find-wallet.ts'
import {
  type History,
  type HistoryQuery,
  listEntries,
  listHolds,
  listTransactions,
} from '../../lib/ledger/history.ts'
import { isSettled } from '../../lib/ledger/settled.ts'
import { verifyChain } from '../../lib/ledger/verify.ts'
import { GENESIS } from '../../lib/money/balance.ts'
import { apiOptionsFromEnvironment } from '../api-options.ts'
import { identifyFromEnvironment } from '../callers.ts'
import { ledgerFromEnvironment } from '../ledger.ts'
import { auditTableFromEnvironment } from '../projector.ts'
import { setting } from '../settings.ts'

const ledger = ledgerFromEnvironment()
const { store, effects } = ledger
const audit = auditTableFromEnvironment()
const cursors = createCursors(setting('CURSOR_SECRET'))

/** Longer than any healthy answer takes, and shorter than whoever asks will wait. */
const READY_TIMEOUT_MS = 2_000

const checkReadiness = createReadiness({
  checks: { ledger: () => store.ping(), audit: () => audit.readGenerations() },
  timeoutMs: READY_TIMEOUT_MS,
  now: effects.now,
})

interface PageRequest<Item> {
  readonly query: Omit<HistoryQuery, 'after'> & { readonly cursor?: string | undefined }
  /** What the cursor is for: a page of this is not a page of anything else. */
  readonly of: string
  readonly list: (query: HistoryQuery) => Promise<History<Item>>
  readonly view: (item: Item) => object
  readonly caller: Caller
}

/** One page of a wallet's history, and the cursor of the next. */
async function historyPage<Item, View>({
  query: { cursor, ...query },
  of,
  list,
  view,
  caller,
}: PageRequest<Item> & { readonly view: (item: Item) => View }) {
  const { walletId, asset, type, from, to, order } = query
  const purpose: CursorPurpose = [of, walletId, asset, type, from, to, order]
  const after =
    cursor === undefined ? undefined : historyPosition().parse(cursors.open(cursor, purpose))
  const settled = to !== undefined && isSettled(to - 1, effects.now())
  // A replica can be behind, and an answer that says that it is final has to be.
  const page = await list({ ...query, after, consistent: query.consistent || settled })
  if (page.kind === 'declined') throw declineProblem(page.decline, caller)
  const nextCursor = page.next ? cursors.seal(page.next, purpose) : null
  return { items: page.items.map(view), nextCursor, settled }
}

export const handler = createApi(
  'read',
  {
    async getWallet({ params, query, caller }) {
      const found = await findWallet(store, params.walletId, query.consistent)
      if (!found) throw walletNotFound(params.walletId)
      const body = walletView(found.wallet, found.balances, caller)
      return { body, headers: { etag: walletTag(found.wallet.metadataChanges, body) } }
    },

    async getBalance({ params, query, caller }) {
      const found = await findBalance(store, params, { ...query, nowMs: effects.now() })
      if (found.kind === 'declined') throw declineProblem(found.decline, caller)
      return { body: balanceView(found.balance) }
    },

    listTransactions: async ({ params, query, caller }) => ({
      body: await historyPage({
        query: { ...params, ...query },
        of: 'transactions',
        list: (page) => listTransactions(store, page),
        view: (transaction) => transactionView(transaction, caller),
        caller,
      }),
    }),

    listEntries: async ({ params, query, caller }) => ({
      body: await historyPage({
        query: { ...params, ...query },
        of: 'entries',
        list: (page) => listEntries(store, page),
        view: entryView,
        caller,
      }),
    }),

    async verifyEntries({ params, query, caller }) {
      const id = { ...params, ...query }
      const verified = await verifyChain(ledger, id)
      if (verified.kind === 'too-long') {
        const message = `has ${verified.entries} entries, too many to verify in one request: use npm run verify`
        throw invalidRequest([{ path: 'asset', message }])
      }
      if (verified.kind === 'verified') {
        const { entries, head, firstBreak } = verified
        const broken = firstBreak && { version: firstBreak.seq, reason: firstBreak.reason }
        return { body: { ok: !firstBreak, entries, head, firstBreak: broken ?? null } }
      }
      const found = await findBalance(store, id, { consistent: true, nowMs: effects.now() })
      if (found.kind === 'declined') throw declineProblem(found.decline, caller)
      return { body: { ok: true, entries: 0, head: GENESIS, firstBreak: null } }
    },

    async listHolds({ params, query, caller }) {
      const { items, nextCursor } = await historyPage({
        query: { ...params, ...query, order: 'desc' },
        of: 'holds',
        list: (page) => listHolds(store, page),
        view: (hold) => holdView(hold, effects.now()),
        caller,
      })
      return { body: { items, nextCursor } }
    },

    async getHold({ params, query }) {
      const hold = await store.readHold(params, query.consistent)
      if (!hold) throw holdNotFound(params.holdId)
      return { body: holdView(hold, effects.now()) }
    },

    async getTransaction({ params, query, caller }) {
      const transaction = await store.readTransaction(params.transactionId, query.consistent)
      if (!transaction) throw transactionNotFound(params.transactionId)
      return { body: transactionView(transaction, caller) }
    },

    async listAssets({ query: { limit, cursor } }) {
      const after = cursor && assetPosition().parse(cursors.open(cursor, ['assets'])).code
      const all = await store.readAssets()
      const rest = after ? all.filter(({ code }) => code > after) : all
      const items = rest.slice(0, limit)
      const last = items.at(-1)
      const isMore = rest.length > items.length && last !== undefined
      const nextCursor = isMore ? cursors.seal({ code: last.code }, ['assets']) : null
      return { body: { items: items.map(assetView), nextCursor } }
    },

    async getAsset({ params }) {
      const asset = await store.readAsset(params.code)
      if (!asset) throw assetNotFound(params.code)
      return { body: assetView(asset) }
    },

    async stats({ params: { walletId } }) {
      const { current } = await audit.readGenerations()
      const projections = await audit.readProjections(current, walletId)
      if (projections.length === 0 && !(await store.readWallet(walletId, false))) {
        throw walletNotFound(walletId)
      }
      return { body: statsView(walletId, projections) }
    },

    async supply({ params: { code } }) {
      const [asset, progress] = await Promise.all([store.readAsset(code), audit.readProgress()])
      if (!asset) throw assetNotFound(code)
      return { body: supplyView(code, await readBalancedSupply(audit, code), progress?.changedAt) }
    },

    async statement({ params: { account }, query: { asset, from, to, order, limit, cursor } }) {
      const { current } = await audit.readGenerations()
      const purpose: CursorPurpose = ['statement', account, asset, from, to, order]
      const after =
        cursor === undefined
          ? undefined
          : linePosition().parse(cursors.open(cursor, purpose)).sortKey
      const range = statementRange({ from, to, order, after })
      const lines = await audit.readLines(current, {
        ...{ account, asset, order, ...range },
        limit: limit + 1,
      })
      const items = lines.slice(0, limit)
      const last = items.at(-1)
      const isMore = lines.length > limit && last !== undefined
      const nextCursor = isMore ? cursors.seal({ sortKey: last.sortKey }, purpose) : null
      return { body: { items: items.map(lineView), nextCursor } }
    },

    async health() {
      return { body: { status: 'ok' } }
    },

    async ready() {
      return { body: { status: 'ok', checks: await checkReadiness() } }
    },

    async metrics() {
      return { body: metricsPage(await readBooks({ store, audit })) }
    },
  },
  apiOptionsFromEnvironment(identifyFromEnvironment(), ledger),
)
