import { invariant } from '../money/invariant.ts'
import { Problem } from './problem.ts'
import type { CallerKind } from './rates.ts'

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
  readonly kind: CallerKind
  /** The kind is part of it: a player whose id is a server's name does not get at the server's keys. */
  readonly client: string
  /** The API key that signed, where `client` names its owner and not the key itself. */
  readonly keyId?: string | undefined
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

/** A route that says of nobody that they may use it was forgotten, not closed: it must not start. */
export function assertRule({ path, access }: { path: string; access: Access }): void {
  const isRule =
    access?.kind === 'public' ||
    access?.kind === 'any-caller' ||
    (access?.kind === 'scopes' && access.scopes.length > 0 && access.scopes.every(isScope))
  invariant(isRule, `${path} has no rule that says who may use it`)
  const isOwnable = access.kind !== 'scopes' || !access.own || path.includes('{walletId}')
  invariant(isOwnable, `${path} lets players in on their own wallet, and has no wallet in it`)
}

/** The one place that decides who may do what. Whatever no rule allows is refused. */
export function authorize(
  access: Access,
  caller: Caller | undefined,
  walletId: string | undefined,
): Caller {
  if (!caller) {
    throw unauthenticated('Send a bearer token, or sign the request: see /docs.')
  }
  invariant(caller.client.length <= MAX_CLIENT_LENGTH, 'a client fits the record')
  if (access.kind !== 'scopes') return caller
  if (access.scopes.every((scope) => caller.scopes.has(scope))) return caller
  if (access.own && walletId !== undefined && caller.ownWallet === walletId) return caller
  throw new Problem('FORBIDDEN', `This needs the scope ${access.scopes.join(' and ')}.`)
}

export function mayReadWallet(caller: Caller, walletId: string): boolean {
  return caller.scopes.has('wallet:read') || caller.ownWallet === walletId
}

/** Who sees why a wallet was frozen, and by whom. */
export function mayAdministerWallets({ kind, scopes }: Caller): boolean {
  return kind === 'operator' || scopes.has('wallet:admin')
}

export function isScope(value: unknown): value is Scope {
  return SCOPES.some((scope) => scope === value)
}

export function unauthenticated(detail: string, cause?: unknown): Problem {
  return new Problem('UNAUTHENTICATED', detail, {
    headers: { 'www-authenticate': 'Bearer' },
    cause,
  })
}
