import { expect, test } from 'vitest'
import type { Command } from '../ledger/command.ts'
import { decide, type LedgerState } from '../ledger/decide.ts'
import { prepare } from '../ledger/prepare.ts'
import { verbCommand } from '../ledger/verbs.ts'
import type { WalletId } from '../money/account.ts'
import { toAmount } from '../money/amount.ts'
import type { AssetCode } from '../money/asset.ts'
import { holdIdOf } from '../money/hold.ts'
import { balanceName } from '../money/posting.ts'
import { type Transaction, transactionId } from '../money/transaction.ts'
import { newWallet, type Wallet } from '../money/wallet.ts'
import { findViolations, type LedgerContents, type Violation } from './invariants.ts'

const ALICE = 'alice' as WalletId
const BOB = 'bob' as WalletId
const GOLD = 'GOLD_COINS' as AssetCode
const NOW = Date.parse('2026-11-21T06:00:00Z')
const CLIENT = 'test'

/** A ledger in memory, written by the same plans as the real one. */
function ledgerOf(commands: readonly (readonly [key: string, command: Command])[]): LedgerContents {
  const contents = {
    balances: new Map<string, LedgerContents['balances'][number]>(),
    entries: [] as LedgerContents['entries'][number][],
    transactions: new Map<string, Transaction>(),
    wallets: new Map<WalletId, Wallet>(),
    holds: new Map<string, LedgerContents['holds'][number]>(),
  }
  for (const [key, command] of commands) {
    const state: LedgerState = {
      subject: {
        hold: 'holdId' in command ? contents.holds.get(command.holdId) : undefined,
        transaction:
          'transactionId' in command ? contents.transactions.get(command.transactionId) : undefined,
      },
      assets: new Set([GOLD]),
      balances: contents.balances,
      wallets: contents.wallets,
    }
    const origin = { client: CLIENT, idempotencyKey: key, requestId: key }
    const decision = decide(prepare(command, origin), state, NOW)
    if (decision.kind !== 'commit') throw new Error(`${key}: ${JSON.stringify(decision)}`)
    const { transaction, changes, wallets, hold, reversal } = decision.commit
    contents.transactions.set(transaction.id, transaction)
    if (reversal) {
      const { original, reversed } = reversal
      contents.transactions.set(original.id, { ...original, reversed })
    }
    for (const { after, entry } of changes) {
      contents.balances.set(balanceName(after), after)
      contents.entries.push(entry)
    }
    for (const { after } of wallets) contents.wallets.set(after.id, after)
    if (hold) contents.holds.set(hold.after.id, hold.after)
  }
  return {
    balances: Array.from(contents.balances.values()),
    entries: contents.entries,
    transactions: Array.from(contents.transactions.values()),
    wallets: Array.from(contents.wallets.values()),
    statusRecords: [],
    holds: Array.from(contents.holds.values()),
  }
}

const gold = (amount: number) => ({ walletId: ALICE, asset: GOLD, amount: toAmount(amount) })
const holdId = holdIdOf(transactionId(CLIENT, 'hold'))

/** Something of everything: in the end alice has 90, and 10 held, and bob has 20. */
const SOUND = ledgerOf([
  ['topup', verbCommand('topup', gold(150))],
  [
    'transfer',
    { type: 'TRANSFER', postings: [{ from: ALICE, to: BOB, asset: GOLD, amount: toAmount(20) }] },
  ],
  ['spend', verbCommand('spend', gold(20))],
  [
    'back',
    {
      type: 'REVERSE',
      transactionId: transactionId(CLIENT, 'spend'),
      amount: toAmount(10),
      allowDebt: false,
    },
  ],
  ['hold', { ...gold(30), type: 'HOLD', expiresInSeconds: 60 }],
  ['capture', { type: 'CAPTURE', walletId: ALICE, holdId, amount: toAmount(20) }],
])

/** The same, with the first thing of a kind that matches changed; or without it. */
function tamper<Kind extends keyof LedgerContents>(
  kind: Kind,
  isWanted: (thing: LedgerContents[Kind][number]) => boolean,
  change: Partial<LedgerContents[Kind][number]> | 'remove',
  contents = SOUND,
): LedgerContents {
  const things: readonly LedgerContents[Kind][number][] = contents[kind]
  const index = things.findIndex(isWanted)
  if (index < 0) throw new Error(`there is no such thing among the ${kind}`)
  const changed =
    change === 'remove' ? [] : [{ ...things[index], ...change } as LedgerContents[Kind][number]]
  return { ...contents, [kind]: things.toSpliced(index, 1, ...changed) }
}

const isAlice = ({ walletId }: { readonly walletId: WalletId }) => walletId === ALICE
const isType = (wanted: string) => (thing: { readonly type: string }) => thing.type === wanted

/** Bob, closed: as an empty wallet would be, and he has 20. */
const CLOSED_BOB = tamper('wallets', ({ id }) => id === BOB, {
  ...{ status: 'CLOSED', statusChanges: 1, changedAt: NOW, changedBy: 'operator:carol' },
})
const CLOSED: LedgerContents = {
  ...tamper('balances', ({ walletId }) => walletId === BOB, { status: 'CLOSED' }, CLOSED_BOB),
  statusRecords: [
    {
      ...{ walletId: BOB, number: 1, status: 'CLOSED', reason: undefined },
      ...{ by: 'operator:carol', at: NOW },
    },
  ],
}

function found(contents: LedgerContents): Pick<Violation, 'invariant' | 'reason'>[] {
  return findViolations(contents).map(({ invariant, reason }) => ({ invariant, reason }))
}

test('a sound ledger has no violations, nor has a wallet without a balance', () => {
  const withEmptyWallet = { ...SOUND, wallets: [...SOUND.wallets, newWallet('c' as WalletId, NOW)] }

  expect(findViolations(SOUND)).toEqual([])
  expect(findViolations(withEmptyWallet)).toEqual([])
})

test.each<[string, LedgerContents, Violation['invariant'], string]>([
  [
    'an entry whose transaction is gone',
    tamper('transactions', isType('SPEND'), 'remove'),
    1,
    'has no transaction',
  ],
  [
    'a transaction whose entry is gone',
    tamper('entries', isType('TRANSFER'), 'remove'),
    1,
    'its entries are not what it says',
  ],
  [
    'a transaction of which more was taken back than its reversals say',
    tamper('transactions', isType('SPEND'), { reversed: 11 }),
    1,
    'its reversals do not add up to 11',
  ],
  [
    'a transaction of which less was taken back than its reversals say',
    tamper('transactions', isType('SPEND'), { reversed: 0 }),
    1,
    'its reversals do not add up to 0',
  ],
  [
    'a wallet that counts a balance too many',
    tamper('wallets', ({ id }) => id === ALICE, { balanceCount: 2 }),
    2,
    'counts 2 balances, has 1',
  ],
  [
    'a balance without a wallet',
    tamper('wallets', ({ id }) => id === BOB, 'remove'),
    2,
    'counts undefined balances, has 1',
  ],
  [
    'a balance that holds more than its holds',
    tamper('balances', isAlice, { held: 11 }),
    2,
    'holds 11, its open holds 10',
  ],
  [
    'a hold of which more remains than its transactions left',
    tamper('holds', isAlice, { remaining: 20 }),
    2,
    'is not what its transactions made of it',
  ],
  [
    'a hold that is gone',
    tamper('holds', isAlice, 'remove'),
    2,
    'is named by a transaction and is not there',
  ],
  [
    'a balance with another status than its wallet',
    tamper('balances', isAlice, { status: 'FROZEN' }),
    2,
    'is FROZEN, its wallet is not',
  ],
  [
    'a status that no record explains',
    tamper('wallets', ({ id }) => id === ALICE, { statusChanges: 2, changedAt: NOW }),
    2,
    'its status history does not lead to its status',
  ],
  ['a closed wallet with money in it', CLOSED, 2, 'is closed and not empty'],
  [
    'a debit that leaves less than nothing',
    tamper('entries', isType('SPEND'), { available: -1 }),
    3,
    'goes below zero',
  ],
  [
    'an entry that was edited',
    tamper('entries', isType('SPEND'), { reference: 'another' }),
    4,
    'the contents of the entry do not give its hash, at 3',
  ],
  [
    'entries whose balance is gone',
    tamper('balances', ({ walletId }) => walletId === BOB, 'remove'),
    4,
    'has entries and no balance',
  ],
  ['money from nowhere', tamper('balances', isAlice, { available: 1_000 }), 5, 'sums to 910'],
])('%s is a violation', (_, contents, invariant, reason) => {
  expect(found(contents)).toContainEqual({ invariant, reason })
})
