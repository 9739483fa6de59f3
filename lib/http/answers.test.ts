import { expect, test } from 'vitest'
import type { WalletId } from '../money/account.ts'
import { newWallet } from '../money/wallet.ts'
import { walletView } from './answers.ts'
import type { Caller } from './caller.ts'

const frozen = {
  ...newWallet('alice' as WalletId, 0),
  status: 'FROZEN',
  statusChanges: 1,
  reason: 'a stolen card',
  changedBy: 'operator:bob',
  changedAt: Date.parse('2026-11-21T06:00:00Z'),
} as const

const lastChange = {
  reason: 'a stolen card',
  changedBy: 'operator:bob',
  changedAt: '2026-11-21T06:00:00.000Z',
}

test.each<[string, Caller, object]>([
  [
    'an operator',
    { kind: 'operator', client: 'operator:carol', scopes: new Set(['wallet:read']) },
    lastChange,
  ],
  [
    'a server that administers wallets',
    { kind: 'server', client: 'server:backoffice', scopes: new Set(['wallet:admin']) },
    lastChange,
  ],
  [
    'a game server',
    { kind: 'server', client: 'server:game', scopes: new Set(['wallet:read']) },
    {},
  ],
  [
    'the player',
    { kind: 'player', client: 'player:alice', scopes: new Set(), ownWallet: 'alice' },
    {},
  ],
])(
  'a frozen wallet shows its last change of status to those who may see it: %s',
  (_, caller, shown) => {
    expect(walletView(frozen, [], caller)).toEqual({
      ...{ id: 'alice', status: 'FROZEN', metadata: {}, balances: [] },
      createdAt: '1970-01-01T00:00:00.000Z',
      ...shown,
    })
  },
)
