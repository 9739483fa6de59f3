import type * as z from 'zod'
import type { Access, Scope } from './caller.ts'
import {
  assetAnswer,
  assetBody,
  assetParams,
  balanceAnswer,
  balanceParams,
  healthAnswer,
  historyQuery,
  movementBody,
  nothing,
  pageOf,
  readQuery,
  transactionAnswer,
  transactionParams,
  walletAnswer,
  walletParams,
} from './schemas.ts'

/** The Lambda functions that serve the API: those that write money, those that read, those that administer. */
export type ApiFunction = 'write' | 'read' | 'admin'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly function: ApiFunction
  readonly access: Access
  readonly summary: string
  /** Moves money, and so needs an Idempotency-Key. */
  readonly idempotent: boolean
  /** Carries an ETag. */
  readonly etag: boolean
  readonly params: z.ZodType
  readonly query: z.ZodType
  readonly body: z.ZodType | undefined
  readonly status: number
  readonly answer: z.ZodType
}

const needs = (...scopes: Scope[]): Access => ({ kind: 'scopes', scopes, own: false })
const needsOrOwn = (...scopes: Scope[]): Access => ({ kind: 'scopes', scopes, own: true })

const movement = <Path extends string>(path: Path, access: Access, summary: string) =>
  ({
    method: 'POST',
    path,
    function: 'write',
    access,
    summary,
    idempotent: true,
    etag: false,
    params: walletParams,
    query: nothing,
    body: movementBody,
    status: 201,
    answer: transactionAnswer,
  }) as const satisfies Route

const reading = {
  method: 'GET',
  function: 'read',
  idempotent: false,
  body: undefined,
  status: 200,
} as const

/** The API, said once: the deployment, the local stack, authorization and the contract are made from it. */
export const ROUTES = {
  topup: movement('/v1/wallets/{id}/topup', needs('wallet:credit'), 'Add what the player bought'),
  bonus: movement('/v1/wallets/{id}/bonus', needs('wallet:credit'), 'Add what the house gives'),
  deposit: movement(
    '/v1/wallets/{id}/deposit',
    needs('wallet:credit'),
    'Bring money in from outside',
  ),
  spend: movement('/v1/wallets/{id}/spend', needsOrOwn('wallet:debit'), 'Pay the house'),
  withdraw: movement('/v1/wallets/{id}/withdraw', needsOrOwn('wallet:debit'), 'Take money out'),
  getWallet: {
    ...reading,
    path: '/v1/wallets/{id}',
    access: needsOrOwn('wallet:read'),
    summary: 'A wallet with all its balances',
    etag: true,
    params: walletParams,
    query: readQuery,
    answer: walletAnswer,
  },
  getBalance: {
    ...reading,
    path: '/v1/wallets/{id}/balances/{asset}',
    access: needsOrOwn('wallet:read'),
    summary: 'The balance of one asset',
    etag: true,
    params: balanceParams,
    query: readQuery,
    answer: balanceAnswer,
  },
  listTransactions: {
    ...reading,
    path: '/v1/wallets/{id}/transactions',
    access: needsOrOwn('wallet:read'),
    summary: 'What happened to a wallet, newest first',
    etag: false,
    params: walletParams,
    query: historyQuery,
    answer: pageOf(transactionAnswer),
  },
  getTransaction: {
    ...reading,
    path: '/v1/transactions/{id}',
    access: needs('wallet:read'),
    summary: 'One transaction',
    etag: false,
    params: transactionParams,
    query: readQuery,
    answer: transactionAnswer,
  },
  putAsset: {
    method: 'PUT',
    path: '/v1/assets/{code}',
    function: 'admin',
    access: needs('wallet:admin'),
    summary: 'Register an asset, or give it another name',
    idempotent: false,
    etag: false,
    params: assetParams,
    query: nothing,
    body: assetBody,
    status: 200,
    answer: assetAnswer,
  },
  listAssets: {
    ...reading,
    path: '/v1/assets',
    access: { kind: 'any-caller' },
    summary: 'All assets, by code',
    etag: false,
    params: nothing,
    query: nothing,
    answer: pageOf(assetAnswer),
  },
  getAsset: {
    ...reading,
    path: '/v1/assets/{code}',
    access: { kind: 'any-caller' },
    summary: 'One asset',
    etag: false,
    params: assetParams,
    query: nothing,
    answer: assetAnswer,
  },
  health: {
    ...reading,
    path: '/health',
    access: { kind: 'public' },
    summary: 'Whether the service is alive',
    etag: false,
    params: nothing,
    query: nothing,
    answer: healthAnswer,
  },
} as const satisfies Record<string, Route>

export type Routes = typeof ROUTES
export type RouteName = keyof Routes
export type RouteNameOf<Name extends ApiFunction> = {
  [Key in RouteName]: Routes[Key]['function'] extends Name ? Key : never
}[RouteName]

/** As API Gateway names a route. */
export function routeKey({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method} ${path}`
}

/** Whatever no route matches goes here, so that it too gets a problem for an answer. */
export const FALLBACK_FUNCTION: ApiFunction = 'read'
