import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Balance } from '../money/balance.ts'
import { balanceName, netPostings } from '../money/posting.ts'
import { type Transaction, type TransactionId, transactionId } from '../money/transaction.ts'
import type { Wallet } from '../money/wallet.ts'
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
  const { store, effects } = ledger
  const id = transactionId(origin.client, origin.idempotencyKey)
  let state = await loadState(ledger, request)

  for (let attempt = 0; attempt < MAX_TRIES && effects.now() < giveUpAt; attempt += 1) {
    const triedAt = effects.now()
    const plan = planPost(request, origin, state, triedAt)
    if (plan.kind === 'declined') {
      // The money may be gone because this very request took it, and its answer was lost.
      const recorded = await store.readTransaction(id, true)
      return recorded ? answerFromRecord(recorded, request, origin) : plan
    }

    const outcome = await store.commit(plan.commit)
    if (outcome.kind === 'committed') {
      return { kind: 'posted', transaction: plan.commit.transaction, replayed: false }
    }
    if (outcome.kind === 'recorded') return answerFromRecord(outcome.transaction, request, origin)
    if (outcome.kind === 'unknown') {
      const recorded = await store.readTransaction(id, true)
      if (recorded) return answerFromRecord(recorded, request, origin)
    }
    if (outcome.kind === 'stale' && attempt === 0) {
      state = withNewer(state, outcome.balances, outcome.wallets)
      continue
    }
    // Losing twice means a crowd. Step back; what is known now will be old by then, and one read costs a
    // sixth of a write that loses again.
    await effects.sleep(waitMs(attempt, effects.now() - triedAt, effects))
    state = await loadState(ledger, request)
  }
  return { kind: 'busy' }
}

function answerFromRecord(
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
