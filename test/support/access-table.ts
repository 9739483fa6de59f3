import { randomUUID } from 'node:crypto'
import type { Scope } from '../../lib/http/caller.ts'
import type { Api } from './api.ts'
import type { RawRequest } from './sign.ts'

/** A route, and who may call it. */
export interface Row {
  /** As in the contract, with the names that its path has in the route table. */
  readonly route: string
  readonly query?: string
  readonly body?: object
  /** All of these. An empty list is for any caller who is known; undefined for everybody. */
  readonly scopes: readonly Scope[] | undefined
  /** A player may, too, on the own wallet. */
  readonly own?: true
  /** What tells that a caller was let in. */
  readonly answer: string
}

export const GOLD = 'GOLD_COINS'
export const MONEY = { asset: GOLD, amount: 1 }
/** An asset that is there to be renamed. */
const LEAD = { code: 'LEAD_COINS', name: 'Lead coins' }
const POSTINGS = [{ from: '@season-7', to: 'winner', ...MONEY }]
const EXCHANGE = { from: MONEY, to: { asset: 'DIAMONDS', amount: 1 } }

const credit = { scopes: ['wallet:credit'], body: MONEY, answer: '201' } as const
const debit = { scopes: ['wallet:debit'], own: true, body: MONEY, answer: '201' } as const
const admin = { scopes: ['wallet:admin'], body: {}, answer: '200' } as const
const read = { scopes: ['wallet:read'], own: true, answer: '200' } as const
const ops = { scopes: ['ops'], answer: '200' } as const
const NO_DEAD_LETTER = '404 DEAD_LETTER_NOT_FOUND'
const NO_HOLD = '404 HOLD_NOT_FOUND'
const NO_TRANSACTION = '404 TRANSACTION_NOT_FOUND'

/** Who may do what. Written down from the contract, so that a wrong rule in the route table fails here. */
export const TABLE: readonly Row[] = [
  { route: 'POST /v1/wallets/{walletId}/topup', ...credit },
  { route: 'POST /v1/wallets/{walletId}/bonus', ...credit },
  { route: 'POST /v1/wallets/{walletId}/deposit', ...credit },
  { route: 'POST /v1/wallets/{walletId}/exchange', ...credit, body: EXCHANGE },
  { route: 'POST /v1/wallets/{walletId}/spend', ...debit },
  { route: 'POST /v1/wallets/{walletId}/withdraw', ...debit },
  { route: 'POST /v1/wallets/{walletId}/transfer', ...debit, body: { to: 'winner', ...MONEY } },
  { route: 'POST /v1/wallets/{walletId}/holds', ...debit },
  {
    route: 'POST /v1/wallets/{walletId}/holds/{holdId}/capture',
    scopes: ['wallet:debit'],
    body: { amount: 1 },
    answer: NO_HOLD,
  },
  {
    route: 'POST /v1/wallets/{walletId}/holds/{holdId}/void',
    scopes: ['wallet:debit'],
    answer: NO_HOLD,
  },
  {
    route: 'POST /v1/transactions',
    scopes: ['wallet:credit', 'wallet:debit'],
    body: { postings: POSTINGS },
    answer: '201',
  },
  {
    route: 'POST /v1/transactions/{transactionId}/reverse',
    scopes: ['wallet:reverse'],
    body: { amount: 1 },
    answer: NO_TRANSACTION,
  },
  { route: 'PUT /v1/wallets/{walletId}', ...admin, body: { metadata: { vip: 'yes' } } },
  { route: 'POST /v1/wallets/{walletId}/freeze', ...admin },
  { route: 'POST /v1/wallets/{walletId}/unfreeze', ...admin },
  { route: 'POST /v1/wallets/{walletId}/close', ...admin, answer: '409 WALLET_NOT_EMPTY' },
  { route: 'PUT /v1/assets/{code}', ...admin, body: { name: LEAD.name, scale: 0 } },
  { route: 'GET /v1/wallets/{walletId}', ...read },
  { route: 'GET /v1/wallets/{walletId}/balances/{asset}', ...read, query: 'consistent=true' },
  { route: 'GET /v1/wallets/{walletId}/transactions', ...read, query: 'limit=2&type=SPEND' },
  { route: 'GET /v1/wallets/{walletId}/ledger', ...read },
  { route: 'GET /v1/wallets/{walletId}/ledger/verify', ...read, query: `asset=${GOLD}` },
  { route: 'GET /v1/wallets/{walletId}/holds', ...read },
  { route: 'GET /v1/wallets/{walletId}/holds/{holdId}', ...read, answer: NO_HOLD },
  {
    route: 'GET /v1/transactions/{transactionId}',
    scopes: ['wallet:read'],
    answer: NO_TRANSACTION,
  },
  { route: 'GET /v1/assets', scopes: [], answer: '200' },
  { route: 'GET /v1/assets/{code}', scopes: [], answer: '200' },
  { route: 'GET /v1/assets/{code}/supply', scopes: [], answer: '200' },
  { route: 'GET /v1/wallets/{walletId}/stats', ...read },
  {
    route: 'GET /v1/accounts/{account}/ledger',
    query: `asset=${GOLD}`,
    scopes: ['wallet:read'],
    answer: '200',
  },
  { route: 'GET /v1/ops/fraud-flags', ...ops },
  { route: 'POST /v1/ops/fraud-flags/{flagId}/acknowledge', ...ops, answer: '404 FLAG_NOT_FOUND' },
  { route: 'GET /v1/ops/dead-letters', ...ops },
  { route: 'GET /v1/ops/dead-letters/{deadLetterId}', ...ops, answer: NO_DEAD_LETTER },
  { route: 'POST /v1/ops/dead-letters/{deadLetterId}/replay', ...ops, answer: NO_DEAD_LETTER },
  { route: 'POST /v1/ops/dead-letters/replay', ...ops },
  { route: 'GET /metrics', ...ops },
  { route: 'GET /health', scopes: undefined, answer: '200' },
  { route: 'GET /health/ready', scopes: undefined, answer: '200' },
  { route: 'GET /openapi.json', scopes: undefined, answer: '200' },
  { route: 'GET /docs', scopes: undefined, answer: '200' },
  { route: 'GET /docs/{file}', scopes: undefined, answer: '200' },
]

/** What stands for the names in paths, beside the wallet. */
const PATH_PARTS: Readonly<Record<string, string>> = {
  holdId: `hold_${'0'.repeat(26)}`,
  transactionId: `txn_${'0'.repeat(26)}`,
  account: '@treasury',
  flagId: `flag_${'0'.repeat(26)}`,
  deadLetterId: '0'.repeat(26),
  asset: GOLD,
  code: LEAD.code,
  file: 'page.js',
}

/** The request of a row about a wallet, with all that it needs but credentials, and with a key of its own. */
export function requestOf({ route, query, body }: Row, wallet: string): RawRequest {
  const [method = '', pattern = ''] = route.split(' ')
  const path = pattern.replace(/\{(\w+)\}/g, (_, name) =>
    name === 'walletId' ? wallet : (PATH_PARTS[name] ?? name),
  )
  return {
    method,
    target: query === undefined ? path : `${path}?${query}`,
    headers: {
      ...(method !== 'GET' && { 'idempotency-key': randomUUID() }),
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body ? JSON.stringify(body) : '',
  }
}

export async function registerLead({ send }: Api): Promise<void> {
  await send('PUT', `/v1/assets/${LEAD.code}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: LEAD.name, scale: 0 }),
  })
}
