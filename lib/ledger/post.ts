import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Balance } from '../money/balance.ts'
import { balanceName, netPostings } from '../money/posting.ts'
import { type Transaction, type TransactionId, transactionId } from '../money/transaction.ts'
import type { Wallet } from '../money/wallet.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import type { Decline } from './decline.ts'
import type { Effects } from './effects.ts'
import type { Ledger } from './ledger.ts'
import { type LedgerState, planPost } from './plan.ts'
import { fingerprint, type Origin, type PostRequest } from './request.ts'

export type PostResult =
  | { readonly kind: 'posted'; readonly transaction: Transaction; readonly replayed: boolean }
  | { readonly kind: 'declined'; readonly decline: Decline }
  | { readonly kind: 'key-reused'; readonly transactionId: TransactionId }
  | { readonly kind: 'busy' }

/** How long, and how often, one request tries before it tells its caller to come again. */
const TRY_FOR_MS = 10_000
const MAX_TRIES = 100
const SHORTEST_WAIT_MS = 5
const LONGEST_WAIT_MS = 2_000

/**
 * Moves money, once. Reads what the request touches, plans, and commits under the condition that nothing
 * moved since; where something did, plans again from what the refusal showed.
 */
export async function post(
  ledger: Ledger,
  request: PostRequest,
  origin: Origin,
): Promise<PostResult> {
  const giveUpAt = ledger.effects.now() + TRY_FOR_MS
  const names = netPostings(request.postings).map(nameOf)
  return ledger.takeTurns(names, () => tryUntil(giveUpAt, ledger, request, origin))
}

async function tryUntil(
  giveUpAt: number,
  ledger: Ledger,
  request: PostRequest,
  origin: Origin,
): Promise<PostResult> {
  const { effects } = ledger
  let state = await loadState(ledger, request)

  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const triedAt = effects.now()
    const tried = await tryOnce(ledger, request, origin, state)
    if (tried.kind !== 'lost') return tried
    if (tried.newer && attempt === 0) {
      state = tried.newer
      continue
    }
    // Losing twice means a crowd. Step back; what is known now will be old by then, and one read costs a
    // sixth of a write that loses again.
    const pauseMs = waitMs(attempt, effects.now() - triedAt, effects)
    if (effects.now() + pauseMs >= giveUpAt) break
    await effects.sleep(pauseMs)
    state = await loadState(ledger, request)
  }
  return { kind: 'busy' }
}

/** A try that wrote nothing, as far as anybody can tell, and what it learned. */
interface Lost {
  readonly kind: 'lost'
  readonly newer?: LedgerState
}

async function tryOnce(
  { store, effects }: Ledger,
  request: PostRequest,
  origin: Origin,
  state: LedgerState,
): Promise<PostResult | Lost> {
  const plan = planPost(request, origin, state, effects.now())
  if (plan.kind === 'declined') {
    // The money may be gone because this very request took it, and its answer was lost.
    return (await answerRecorded(store, request, origin)) ?? plan
  }
  const outcome = await store.commit(plan.commit)
  switch (outcome.kind) {
    case 'committed':
      return { kind: 'posted', transaction: plan.commit.transaction, replayed: false }
    case 'recorded':
      return answerFrom(outcome.transaction, request, origin)
    case 'stale':
      return { kind: 'lost', newer: withNewer(state, outcome.balances, outcome.wallets) }
    case 'contended':
      return { kind: 'lost' }
    case 'unknown':
      return (await answerRecorded(store, request, origin)) ?? { kind: 'lost' }
  }
}

async function answerRecorded(
  store: LedgerStore,
  request: PostRequest,
  origin: Origin,
): Promise<PostResult | undefined> {
  const id = transactionId(origin.client, origin.idempotencyKey)
  const recorded = await store.readTransaction(id, true)
  return recorded && answerFrom(recorded, request, origin)
}

function answerFrom(
  transaction: Transaction,
  request: PostRequest,
  { requestId }: Origin,
): PostResult {
  if (transaction.fingerprint !== fingerprint(request)) {
    return { kind: 'key-reused', transactionId: transaction.id }
  }
  // The record can be this request's own: written by a try whose answer never came.
  return { kind: 'posted', transaction, replayed: transaction.requestId !== requestId }
}

async function loadState(ledger: Ledger, request: PostRequest): Promise<LedgerState> {
  const { store, knownAssets } = ledger
  const touched = netPostings(request.postings)
  const assets = new Set(touched.map(({ asset }) => asset))
  const found = await store.readState(
    touched,
    Array.from(assets).filter((code) => !knownAssets.has(code)),
  )
  for (const { code } of found.assets) knownAssets.add(code)

  const balances = new Map(found.balances.map((balance) => [nameOf(balance), balance]))
  const unopened = touched.filter((movement) => !balances.has(nameOf(movement)))
  const owners = Array.from(new Set(unopened.map(({ walletId }) => walletId)))
  const wallets = owners.length > 0 ? await store.readWallets(owners) : []
  return {
    assets: knownAssets,
    balances,
    wallets: new Map(wallets.map((wallet) => [wallet.id, wallet])),
  }
}

function withNewer(
  state: LedgerState,
  balances: readonly Balance[],
  wallets: readonly Wallet[],
): LedgerState {
  return {
    assets: state.assets,
    balances: new Map([
      ...state.balances,
      ...balances.map((balance) => [nameOf(balance), balance] as const),
    ]),
    wallets: new Map([...state.wallets, ...wallets.map((wallet) => [wallet.id, wallet] as const)]),
  }
}

function nameOf({ walletId, asset }: { walletId: WalletId; asset: AssetCode }): string {
  return balanceName(walletId, asset)
}

/**
 * Full jitter, so that the losers of one race do not meet again in the next. The unit is the time that the
 * try took: it grows with the crowd, so the waits fit DynamoDB on a quiet and on a busy day.
 */
function waitMs(attempt: number, tookMs: number, { random }: Effects): number {
  return random() * Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, tookMs) * 2 ** attempt)
}
