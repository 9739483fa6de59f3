import { invariant } from '../money/invariant.ts'
import { Problem } from './problem.ts'
import type { HttpRequest } from './request.ts'

export const SCOPES = [
  'wallet:read',
  'wallet:credit',
  'wallet:debit',
  'wallet:reverse',
  'wallet:admin',
  'ops',
] as const
export type Scope = (typeof SCOPES)[number]

/** Who is calling. An argument of every operation, and the owner of every idempotency key. */
export interface Caller {
  readonly client: string
  readonly scopes: ReadonlySet<Scope>
  /** The one wallet that a player may use; undefined for servers. */
  readonly ownWallet?: string | undefined
}

/** So that the record of a transaction has room for who made it. */
export const MAX_CLIENT_LENGTH = 72

/** What a route asks of its caller. `own` lets a player in, on the player's own wallet. */
export type Access =
  | { readonly kind: 'public' }
  | { readonly kind: 'any-caller' }
  | { readonly kind: 'scopes'; readonly scopes: readonly Scope[]; readonly own: boolean }

export type Identify = (request: HttpRequest) => Promise<Caller | undefined>

/** Nobody is known, so only public routes answer. A deployment starts like this. */
export const identifyNobody: Identify = async () => undefined

/** Everybody is one caller who may do everything: for a wallet on a developer's own machine. */
export const identifyEverybody: Identify = async () => EVERYBODY

const EVERYBODY: Caller = { client: 'local', scopes: new Set(SCOPES) }

/** The one place that decides who may do what. Whatever no rule allows is refused. */
export function authorize(
  access: Exclude<Access, { kind: 'public' }>,
  caller: Caller | undefined,
  walletId: string | undefined,
): Caller {
  if (!caller)
    throw new Problem('UNAUTHENTICATED', 'This request carries no credentials that we know.')
  invariant(caller.client.length <= MAX_CLIENT_LENGTH, 'a client fits the record')
  if (access.kind === 'any-caller') return caller
  if (access.scopes.every((scope) => caller.scopes.has(scope))) return caller
  if (access.own && walletId !== undefined && caller.ownWallet === walletId) return caller
  throw new Problem('FORBIDDEN', `This needs the scope ${access.scopes.join(' and ')}.`)
}

export function mayReadWallet(caller: Caller, walletId: string): boolean {
  return caller.scopes.has('wallet:read') || caller.ownWallet === walletId
}
