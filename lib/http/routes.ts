import type * as z from 'zod/mini'
import {
  accountParams,
  deadLetterParams,
  deadLettersQuery,
  flagParams,
  flagsQuery,
  statementQuery,
} from './audit-schemas.ts'
import type { Access, Scope } from './caller.ts'
import type { ProblemCode } from './problem.ts'
import type { RateClass } from './rates.ts'
import {
  assetBody,
  assetParams,
  balanceParams,
  balanceQuery,
  captureBody,
  docsFileParams,
  docsFileQuery,
  exchangeBody,
  historyQuery,
  holdBody,
  holdParams,
  holdsQuery,
  ledgerQuery,
  moneyBody,
  nothing,
  pageQuery,
  postBody,
  readQuery,
  reverseBody,
  statusBody,
  transactionParams,
  transferBody,
  verifyQuery,
  walletBody,
  walletParams,
} from './schemas.ts'

/** The Lambda functions that serve the API: they write money, read, administer, audit, or explain the API itself. */
export type ApiFunction = 'write' | 'read' | 'admin' | 'ops' | 'docs'

/** Gives the same schema each time, and makes it the first time. */
export type GetSchema = () => z.ZodMiniType

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** A parameter `walletId` is what a player's own wallet is compared with. */
  readonly path: string
  readonly function: ApiFunction
  readonly access: Access
  readonly rate: RateClass
  readonly summary: string
  /** Moves money, and so needs an Idempotency-Key. */
  readonly needsKey: boolean
  /** May have an Idempotency-Key, and then answers a second try as it did the first. */
  readonly takesKey?: boolean
  /** May have an If-Match, and then changes nothing unless it matches. */
  readonly takesIfMatch?: boolean
  /** Carries an ETag. */
  readonly etag: boolean
  readonly params: GetSchema
  readonly query: GetSchema
  /** An empty body is read as `{}`. */
  readonly body: GetSchema | undefined
  readonly status: number
  readonly contentType: string
  /** What the operation itself may decline with; what every route of its kind may is said in openapi/problems.ts. */
  readonly declines: readonly ProblemCode[]
}

const needs = (...scopes: Scope[]): Access => ({ kind: 'scopes', scopes, own: false })
const needsOrOwn = (...scopes: Scope[]): Access => ({ kind: 'scopes', scopes, own: true })

const JSON_TYPE = 'application/json'

const moving = {
  method: 'POST',
  function: 'write',
  rate: 'write',
  needsKey: true,
  etag: false,
  query: nothing,
  status: 201,
  contentType: JSON_TYPE,
} as const

/** Of money that comes into a wallet: nothing but its own limits can stand against that. */
const CREDIT_DECLINES = ['ASSET_NOT_FOUND', 'WALLET_CLOSED', 'BALANCE_LIMIT'] as const
/** Of money that leaves a wallet, wherever it goes. */
const DEBIT_DECLINES = [
  'INSUFFICIENT_FUNDS',
  'WALLET_NOT_FOUND',
  'WALLET_FROZEN',
  ...CREDIT_DECLINES,
] as const
/** Of what is done to a hold. */
const HOLD_DECLINES = ['HOLD_NOT_FOUND', 'HOLD_CLOSED', 'HOLD_EXPIRED'] as const
/** Of reading what a wallet has or had of an asset. */
const READ_DECLINES = ['WALLET_NOT_FOUND', 'ASSET_NOT_FOUND'] as const

const verb = <Path extends string>(path: Path, access: Access, summary: string) =>
  ({ ...moving, path, access, summary, params: walletParams, body: moneyBody }) as const

const verbIn = <Path extends string>(path: Path, summary: string) =>
  ({ ...verb(path, needs('wallet:credit'), summary), declines: CREDIT_DECLINES }) as const

const verbOut = <Path extends string>(path: Path, summary: string) =>
  ({ ...verb(path, needsOrOwn('wallet:debit'), summary), declines: DEBIT_DECLINES }) as const

const administering = {
  function: 'admin',
  rate: 'write',
  access: needs('wallet:admin'),
  needsKey: false,
  takesKey: true,
  etag: false,
  query: nothing,
  status: 200,
  contentType: JSON_TYPE,
} as const

const changeOfStatus = <Path extends string>(
  path: Path,
  summary: string,
  declines: readonly ProblemCode[],
) =>
  ({
    ...administering,
    method: 'POST',
    path,
    summary,
    params: walletParams,
    body: statusBody,
    declines,
  }) as const

const reading = {
  method: 'GET',
  function: 'read',
  rate: 'read',
  needsKey: false,
  etag: false,
  body: undefined,
  status: 200,
  contentType: JSON_TYPE,
} as const

const watching = {
  ...reading,
  function: 'ops',
  access: needs('ops'),
  declines: [],
} as const

/** What is mended twice is mended, so no key is needed; with one, a second try gets the first one's answer. */
const mending = {
  ...watching,
  method: 'POST',
  rate: 'costly',
  takesKey: true,
  query: nothing,
  body: nothing,
} as const

const explaining = {
  ...reading,
  function: 'docs',
  access: { kind: 'public' },
  etag: true,
  params: nothing,
  query: nothing,
  declines: [],
} as const

const readingWallet = {
  ...reading,
  access: needsOrOwn('wallet:read'),
  params: walletParams,
} as const

/** The API, said once: the deployment, the local stack, authorization and the contract are made from it. */
export const ROUTES = {
  topup: verbIn('/v1/wallets/{walletId}/topup', 'Add what the player bought'),
  bonus: verbIn('/v1/wallets/{walletId}/bonus', 'Add what the house gives'),
  deposit: verbIn('/v1/wallets/{walletId}/deposit', 'Bring money in'),
  spend: verbOut('/v1/wallets/{walletId}/spend', 'Pay the house'),
  withdraw: verbOut('/v1/wallets/{walletId}/withdraw', 'Take money out'),
  transfer: {
    ...moving,
    path: '/v1/wallets/{walletId}/transfer',
    access: needsOrOwn('wallet:debit'),
    summary: 'Pay another wallet',
    params: walletParams,
    body: transferBody,
    declines: [...DEBIT_DECLINES, 'SAME_WALLET'],
  },
  exchange: {
    ...moving,
    path: '/v1/wallets/{walletId}/exchange',
    access: needs('wallet:credit'),
    summary: 'Change one asset of a wallet into another',
    params: walletParams,
    body: exchangeBody,
    declines: DEBIT_DECLINES,
  },
  post: {
    ...moving,
    path: '/v1/transactions',
    access: needs('wallet:credit', 'wallet:debit'),
    summary: 'Move money between any accounts, all or nothing',
    params: nothing,
    body: postBody,
    declines: [...DEBIT_DECLINES, 'SAME_WALLET'],
  },
  reverse: {
    ...moving,
    path: '/v1/transactions/{transactionId}/reverse',
    access: needs('wallet:reverse'),
    summary: 'Send money back the way it came',
    params: transactionParams,
    body: reverseBody,
    declines: [
      'TRANSACTION_NOT_FOUND',
      'ALREADY_REVERSED',
      'INSUFFICIENT_FUNDS',
      'WALLET_CLOSED',
      'BALANCE_LIMIT',
    ],
  },
  hold: {
    ...moving,
    path: '/v1/wallets/{walletId}/holds',
    access: needsOrOwn('wallet:debit'),
    summary: 'Set money aside for a time',
    params: walletParams,
    body: holdBody,
    declines: DEBIT_DECLINES,
  },
  capture: {
    ...moving,
    path: '/v1/wallets/{walletId}/holds/{holdId}/capture',
    access: needs('wallet:debit'),
    summary: 'Take what was set aside, or some of it',
    params: holdParams,
    body: captureBody,
    declines: [
      ...HOLD_DECLINES,
      'INSUFFICIENT_FUNDS',
      'WALLET_CLOSED',
      'SAME_WALLET',
      'BALANCE_LIMIT',
    ],
  },
  void: {
    ...moving,
    path: '/v1/wallets/{walletId}/holds/{holdId}/void',
    access: needs('wallet:debit'),
    summary: 'Give back what was set aside',
    params: holdParams,
    body: nothing,
    declines: HOLD_DECLINES,
  },
  putWallet: {
    ...administering,
    method: 'PUT',
    path: '/v1/wallets/{walletId}',
    summary: 'Create a wallet, or replace its metadata',
    takesIfMatch: true,
    params: walletParams,
    body: walletBody,
    declines: ['PRECONDITION_FAILED'],
  },
  freeze: changeOfStatus('/v1/wallets/{walletId}/freeze', 'Let nothing out of a wallet', [
    'WALLET_NOT_FOUND',
    'WALLET_CLOSED',
  ]),
  unfreeze: changeOfStatus('/v1/wallets/{walletId}/unfreeze', 'Make a frozen wallet active again', [
    'WALLET_NOT_FOUND',
    'WALLET_CLOSED',
  ]),
  close: changeOfStatus('/v1/wallets/{walletId}/close', 'Close an empty wallet for ever', [
    'WALLET_NOT_FOUND',
    'WALLET_NOT_EMPTY',
  ]),
  putAsset: {
    ...administering,
    method: 'PUT',
    path: '/v1/assets/{code}',
    summary: 'Register an asset, or give it another name',
    params: assetParams,
    body: assetBody,
    declines: [],
  },
  getWallet: {
    ...readingWallet,
    path: '/v1/wallets/{walletId}',
    summary: 'A wallet with all its balances',
    etag: true,
    query: readQuery,
    declines: ['WALLET_NOT_FOUND'],
  },
  getBalance: {
    ...readingWallet,
    path: '/v1/wallets/{walletId}/balances/{asset}',
    summary: 'The balance of one asset, now or at a time',
    etag: true,
    params: balanceParams,
    query: balanceQuery,
    declines: READ_DECLINES,
  },
  listTransactions: {
    ...readingWallet,
    path: '/v1/wallets/{walletId}/transactions',
    summary: 'What happened to a wallet',
    query: historyQuery,
    declines: READ_DECLINES,
  },
  listEntries: {
    ...readingWallet,
    path: '/v1/wallets/{walletId}/ledger',
    summary: 'The entries of a wallet, with their hashes',
    query: ledgerQuery,
    declines: READ_DECLINES,
  },
  verifyEntries: {
    ...readingWallet,
    path: '/v1/wallets/{walletId}/ledger/verify',
    summary: 'Compute the chain of entries again',
    rate: 'costly',
    query: verifyQuery,
    declines: READ_DECLINES,
  },
  listHolds: {
    ...readingWallet,
    path: '/v1/wallets/{walletId}/holds',
    summary: 'The holds of a wallet, open and past, newest first',
    query: holdsQuery,
    declines: ['WALLET_NOT_FOUND'],
  },
  getHold: {
    ...readingWallet,
    path: '/v1/wallets/{walletId}/holds/{holdId}',
    summary: 'One hold',
    params: holdParams,
    query: readQuery,
    declines: ['HOLD_NOT_FOUND'],
  },
  getTransaction: {
    ...reading,
    path: '/v1/transactions/{transactionId}',
    access: needs('wallet:read'),
    summary: 'One transaction',
    params: transactionParams,
    query: readQuery,
    declines: ['TRANSACTION_NOT_FOUND'],
  },
  listAssets: {
    ...reading,
    path: '/v1/assets',
    access: { kind: 'any-caller' },
    summary: 'All assets, by code',
    params: nothing,
    query: pageQuery,
    declines: [],
  },
  getAsset: {
    ...reading,
    path: '/v1/assets/{code}',
    access: { kind: 'any-caller' },
    summary: 'One asset',
    params: assetParams,
    query: nothing,
    declines: ['ASSET_NOT_FOUND'],
  },
  stats: {
    ...readingWallet,
    path: '/v1/wallets/{walletId}/stats',
    summary: 'What a wallet did, counted and summed',
    query: nothing,
    declines: ['WALLET_NOT_FOUND'],
  },
  supply: {
    ...reading,
    path: '/v1/assets/{code}/supply',
    access: { kind: 'any-caller' },
    summary: 'Where all of an asset is',
    params: assetParams,
    query: nothing,
    declines: ['ASSET_NOT_FOUND'],
  },
  statement: {
    ...reading,
    path: '/v1/accounts/{account}/ledger',
    access: needs('wallet:read'),
    rate: 'costly',
    summary: 'The statement of a system account, as @treasury',
    params: accountParams,
    query: statementQuery,
    declines: [],
  },
  listFlags: {
    ...watching,
    path: '/v1/ops/fraud-flags',
    summary: 'What a person should look at',
    params: nothing,
    query: flagsQuery,
  },
  acknowledgeFlag: {
    ...mending,
    path: '/v1/ops/fraud-flags/{flagId}/acknowledge',
    summary: 'Say that somebody has looked',
    params: flagParams,
    declines: ['FLAG_NOT_FOUND'],
  },
  listDeadLetters: {
    ...watching,
    path: '/v1/ops/dead-letters',
    summary: 'Records of the stream that could not be processed',
    params: nothing,
    query: deadLettersQuery,
  },
  getDeadLetter: {
    ...watching,
    path: '/v1/ops/dead-letters/{deadLetterId}',
    summary: 'One of them, whole',
    params: deadLetterParams,
    query: nothing,
    declines: ['DEAD_LETTER_NOT_FOUND'],
  },
  replayDeadLetter: {
    ...mending,
    path: '/v1/ops/dead-letters/{deadLetterId}/replay',
    summary: 'Catch up the balance that it is about',
    params: deadLetterParams,
    declines: ['DEAD_LETTER_NOT_FOUND'],
  },
  replayDeadLetters: {
    ...mending,
    path: '/v1/ops/dead-letters/replay',
    summary: 'Catch up the balances that they are about, up to 100 of them',
    params: nothing,
    declines: [],
  },
  health: {
    ...reading,
    path: '/health',
    access: { kind: 'public' },
    summary: 'Whether the service is alive',
    params: nothing,
    query: nothing,
    declines: [],
  },
  ready: {
    ...reading,
    path: '/health/ready',
    access: { kind: 'public' },
    summary: 'Whether the service can do its work',
    params: nothing,
    query: nothing,
    declines: ['NOT_READY'],
  },
  metrics: {
    ...reading,
    path: '/metrics',
    access: needs('ops'),
    rate: 'costly',
    summary: 'What the books say, for Prometheus',
    params: nothing,
    query: nothing,
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    declines: [],
  },
  openapi: {
    ...explaining,
    path: '/openapi.json',
    summary: 'This API, as an OpenAPI document',
  },
  docs: {
    ...explaining,
    path: '/docs',
    summary: 'A page to read about this API and to try it',
    contentType: 'text/html; charset=utf-8',
  },
  docsFile: {
    ...explaining,
    path: '/docs/{file}',
    summary: 'A script, style or picture of that page',
    // Its version is in its address.
    etag: false,
    params: docsFileParams,
    query: docsFileQuery,
    contentType: 'text/plain; charset=utf-8',
    declines: ['NOT_FOUND'],
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

/** The parameters of a path, as they are written in it; undefined where the path is not of this pattern. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const segment = given[index] ?? ''
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    if (name && segment) params[name] = segment
    else if (part !== segment) return undefined
  }
  return params
}

/** Whatever no route matches goes here, so that it too gets a problem for an answer. */
export const FALLBACK_FUNCTION: ApiFunction = 'read'
