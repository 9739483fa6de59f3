import { expect, test } from 'vitest'
import type { Account, WalletId } from '../money/account.ts'
import { toAmount } from '../money/amount.ts'
import type { AssetCode } from '../money/asset.ts'
import { MAX_BALANCES, newWallet, type Wallet } from '../money/wallet.ts'
import type { PostCommand } from './command.ts'
import { decide, type LedgerState } from './decide.ts'
import { prepare } from './prepare.ts'

const GOLD = 'GOLD_COINS' as AssetCode
const NOW = Date.parse('2026-11-21T06:00:00Z')
const ORIGIN = { client: 'test', idempotencyKey: 'key', requestId: 'request' }

const nothing: LedgerState = {
  subject: {},
  assets: new Set([GOLD]),
  balances: new Map(),
  wallets: new Map(),
}

function prizes(count: number, asset = GOLD): PostCommand {
  const winners = Array.from({ length: count }, (_, index) => `winner-${index}`)
  return {
    type: 'POST',
    postings: winners.map((to) => ({
      from: '@prizes' as Account,
      to: to as Account,
      asset,
      amount: toAmount(1),
    })),
  }
}

function outcome(command: PostCommand, state = nothing): string {
  const decision = decide(prepare(command, ORIGIN), state, NOW)
  return decision.kind === 'declined' ? decision.decline.code : decision.kind
}

function knowing(...wallets: readonly Wallet[]): LedgerState {
  return { ...nothing, wallets: new Map(wallets.map((wallet) => [wallet.id, wallet])) }
}

test('33 new wallets fit one DynamoDB transaction, and 34 do not', () => {
  expect(outcome(prizes(33))).toBe('commit')
  expect(outcome(prizes(34))).toBe('TRANSACTION_TOO_LARGE')
})

test('an asset that is not registered is declined', () => {
  expect(outcome(prizes(1, 'SILVER' as AssetCode))).toBe('ASSET_NOT_FOUND')
})

test('a wallet has at most 90 balances, so that it can be frozen with all of them', () => {
  const winner = newWallet('winner-0' as WalletId, NOW)

  expect(outcome(prizes(1), knowing({ ...winner, balanceCount: MAX_BALANCES - 1 }))).toBe('commit')
  expect(outcome(prizes(1), knowing({ ...winner, balanceCount: MAX_BALANCES }))).toBe('WALLET_FULL')
})

test('a closed wallet gets nothing, also in an asset that it never had', () => {
  const winner = { ...newWallet('winner-0' as WalletId, NOW), status: 'CLOSED' } as const

  expect(outcome(prizes(1), knowing(winner))).toBe('WALLET_CLOSED')
})
