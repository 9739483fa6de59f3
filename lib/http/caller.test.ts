import { expect, test } from 'vitest'
import { type Access, assertRule, authorize, type Caller, type Scope } from './caller.ts'

const server = (...scopes: Scope[]): Caller => ({
  kind: 'server',
  client: 'server:shop',
  scopes: new Set(scopes),
})
const player: Caller = {
  kind: 'player',
  client: 'player:alice',
  scopes: new Set(),
  ownWallet: 'alice',
}

type Guarded = Exclude<Access, { kind: 'public' }>

const needsDebit: Guarded = { kind: 'scopes', scopes: ['wallet:debit'], own: false }
const needsDebitOrOwn: Guarded = { kind: 'scopes', scopes: ['wallet:debit'], own: true }
const needsTwo: Guarded = { kind: 'scopes', scopes: ['wallet:debit', 'wallet:credit'], own: false }

test.each<[string, Guarded, Caller | undefined, string | undefined]>([
  ['any caller where any will do', { kind: 'any-caller' }, player, undefined],
  ['a server with the scope', needsDebit, server('wallet:debit'), 'alice'],
  ['a server with both scopes', needsTwo, server('wallet:credit', 'wallet:debit'), undefined],
  ['a player on the own wallet', needsDebitOrOwn, player, 'alice'],
])('%s is let in', (_, access, caller, walletId) => {
  expect(authorize(access, caller, walletId)).toBe(caller)
})

test.each<[string, Guarded, Caller | undefined, string | undefined, string]>([
  ['nobody in particular', { kind: 'any-caller' }, undefined, undefined, 'UNAUTHENTICATED'],
  ['a server with another scope', needsDebit, server('wallet:read', 'ops'), 'alice', 'FORBIDDEN'],
  ['a server with one of two', needsTwo, server('wallet:debit'), undefined, 'FORBIDDEN'],
  ['a player on another wallet', needsDebitOrOwn, player, 'bob', 'FORBIDDEN'],
  ['a player on no wallet', needsDebitOrOwn, player, undefined, 'FORBIDDEN'],
  ['a player where own does not count', needsDebit, player, 'alice', 'FORBIDDEN'],
  ['a caller without a wallet on no wallet', needsDebitOrOwn, server(), undefined, 'FORBIDDEN'],
])('%s is kept out', (_, access, caller, walletId, code) => {
  expect(() => authorize(access, caller, walletId)).toThrow(expect.objectContaining({ code }))
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a kind that nobody knows', { kind: 'everybody' }],
  ['no scope at all', { kind: 'scopes', scopes: [], own: false }],
  ['a scope that nobody knows', { kind: 'scopes', scopes: ['wallet:all'], own: false }],
  ['players, on a path without a wallet', { kind: 'scopes', scopes: ['wallet:read'], own: true }],
])('a route whose rule is %s does not start', (_, access) => {
  const route = { path: '/v1/assets', access: access as Access }

  expect(() => assertRule(route)).toThrow('/v1/assets')
})
