import { afterAll, beforeAll, expect, test } from 'vitest'
import { findViolations } from '../../lib/audit/invariants.ts'
import type { Command } from '../../lib/ledger/command.ts'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
import { type PostResult, post } from '../../lib/ledger/post.ts'
import { sweepHolds } from '../../lib/ledger/sweep.ts'
import { setWalletStatus } from '../../lib/ledger/wallet-status.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { type HoldId, holdIdOf } from '../../lib/money/hold.ts'
import type { LedgerStore } from '../../lib/store/ledger-store.ts'
import { virtualEffects } from '../support/faults.ts'
import {
  GOLD,
  openTestLedger,
  origin,
  posting,
  readContents,
  type TestLedger,
} from '../support/ledger.ts'

const MOST_TRIES = 10
/** Each race is run a hundred times, by two processes that know nothing of each other. */
const ROUNDS = 100
/** Rounds at the same time: on wallets of their own, so that they do not race each other. */
const AT_ONCE = 10

let ledger: TestLedger
let [one, other]: [Ledger, Ledger] = [Object(undefined), Object(undefined)]

beforeAll(async () => {
  ledger = await openTestLedger()
  one = openLedger(ledger.store, ledger.effects)
  other = openLedger(ledger.store, ledger.effects)
})

afterAll(async () => {
  const contents = await readContents(ledger.client, ledger.tableName)
  expect(findViolations(contents)).toEqual([])
})

const ids = (name: string) => Array.from({ length: ROUNDS }, (_, n) => `${name}-${n}` as WalletId)

async function inRounds(name: string, round: (walletId: WalletId) => Promise<void>): Promise<void> {
  const waiting = ids(name)
  const worker = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await round(id)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

const run = (process: Ledger, command: Command) => post(process, command, origin())

/** As a client that is told to come again does: with the same key. A slow machine tells it more often. */
async function runUntilDone(process: Ledger, command: Command) {
  const from = origin()
  let result = await post(process, command, from)
  for (let tries = 1; result.kind === 'busy' && tries < MOST_TRIES; tries += 1) {
    result = await post(process, command, from)
  }
  return result
}

async function posted(command: Command): Promise<Extract<PostResult, { kind: 'posted' }>> {
  const result = await run(ledger, command)
  if (result.kind !== 'posted') throw new Error(`not posted: ${JSON.stringify(result)}`)
  return result
}

const topup = (walletId: string, amount: number) =>
  posted({ type: 'TOPUP', postings: [posting('@treasury', walletId, GOLD, amount)] })

async function hold(
  walletId: WalletId,
  amount: number,
  process = ledger as Ledger,
): Promise<HoldId> {
  const command = { type: 'HOLD', walletId, asset: GOLD, amount: toAmount(amount) } as const
  const result = await post(process, { ...command, expiresInSeconds: 60 }, origin())
  if (result.kind !== 'posted') throw new Error('no hold')
  return holdIdOf(result.transaction.id)
}

/** `posted`, or why not. */
function outcome(result: PostResult): string {
  return result.kind === 'declined' ? result.decline.code : result.kind
}

async function balanceOf(walletId: WalletId) {
  const balance = await ledger.store.readBalance({ walletId, asset: GOLD }, true)
  return [balance?.available, balance?.held]
}

test('a capture against a void: one of them has it, all of it', async () => {
  await inRounds('capture-void', async (walletId) => {
    await topup(walletId, 10)
    const holdId = await hold(walletId, 10)

    const [captured, voided] = await Promise.all([
      run(one, { type: 'CAPTURE', walletId, holdId }),
      run(other, { type: 'VOID', walletId, holdId }),
    ])

    const outcomes = [outcome(captured), outcome(voided)]
    expect(outcomes.toSorted((a, b) => a.localeCompare(b))).toEqual(['HOLD_CLOSED', 'posted'])
    expect(await balanceOf(walletId)).toEqual([captured.kind === 'posted' ? 0 : 10, 0])
  })
})

test('two captures of the last unit: one has it', async () => {
  await inRounds('two-captures', async (walletId) => {
    await topup(walletId, 1)
    const holdId = await hold(walletId, 1)
    const capture = { type: 'CAPTURE', walletId, holdId, amount: toAmount(1) } as const

    const results = await Promise.all([run(one, capture), run(other, capture)])

    const outcomes = results.map(outcome).toSorted((a, b) => a.localeCompare(b))
    expect(outcomes).toEqual(['HOLD_CLOSED', 'posted'])
    expect(await balanceOf(walletId)).toEqual([0, 0])
  })
})

test('a void against two sweepers: the money comes back once', async () => {
  const voided = new Map<string, Promise<PostResult>>()
  // At the same moment as the release: the wallet's owner hears of the hold when the first sweeper does.
  const readOverdueHolds: LedgerStore['readOverdueHolds'] = async (range) => {
    const overdue = await ledger.store.readOverdueHolds(range)
    for (const { walletId, holdId } of overdue.holds.filter((name) => !voided.has(name.holdId))) {
      voided.set(holdId, run(one, { type: 'VOID', walletId, holdId }))
    }
    return overdue
  }
  const sweep = (requestId: string) => {
    // The sweepers' clocks are ahead, as clocks of two machines can be: for them the hold is over.
    const inTwoMinutes = Date.now() + 120_000
    const sweeper = openLedger({ ...ledger.store, readOverdueHolds }, virtualEffects(inTwoMinutes))
    return sweepHolds(sweeper, { stopAtMs: inTwoMinutes + 60_000, requestId })
  }
  const waiting = ids('void-sweep')
  // A sweeper asks all shards, whether one hold is in them or ten.
  while (waiting.length > 0) {
    const wallets = waiting.splice(0, AT_ONCE)
    const holds = await Promise.all(
      wallets.map(async (walletId) => {
        await topup(walletId, 10)
        return hold(walletId, 10)
      }),
    )

    const [first, second] = await Promise.all([sweep('one'), sweep('other')])

    const outcomes = await Promise.all(holds.map((holdId) => voided.get(holdId)))
    for (const result of outcomes) {
      expect(['posted', 'HOLD_EXPIRED']).toContain(result && outcome(result))
    }
    expect([first.failed, second.failed]).toEqual([0, 0])
    expect(await Promise.all(wallets.map(balanceOf))).toEqual(wallets.map(() => [10, 0]))
  }
})

test('two reversals of more than half: never more than there was', async () => {
  await inRounds('two-reversals', async (walletId) => {
    const { transaction } = await topup(walletId, 10)
    const reverse = {
      type: 'REVERSE',
      transactionId: transaction.id,
      amount: toAmount(6),
      allowDebt: true,
    } as const

    const results = await Promise.all([run(one, reverse), run(other, reverse)])

    const outcomes = results.map(outcome).toSorted((a, b) => a.localeCompare(b))
    expect(outcomes).toEqual(['ALREADY_REVERSED', 'posted'])
    expect(await balanceOf(walletId)).toEqual([4, 0])
  })
})

test('a freeze against a spend: the spend is before it, or not at all', async () => {
  await inRounds('freeze-spend', async (walletId) => {
    await topup(walletId, 10)
    const spend: Command = { type: 'SPEND', postings: [posting(walletId, '@treasury', GOLD, 4)] }

    const [spent, frozen] = await Promise.all([
      run(one, spend),
      setWalletStatus(other, walletId, 'FROZEN'),
    ])

    const after = await run(one, spend)
    expect(['posted', 'WALLET_FROZEN']).toContain(outcome(spent))
    expect(frozen.kind).toBe('done')
    expect(outcome(after)).toBe('WALLET_FROZEN')
    expect(await balanceOf(walletId)).toEqual([spent.kind === 'posted' ? 6 : 10, 0])
  })
})

test('a close against a first credit of another asset: closed and empty, or open', async () => {
  await inRounds('close-credit', async (walletId) => {
    await topup(walletId, 1)
    await posted({ type: 'SPEND', postings: [posting(walletId, '@treasury', GOLD, 1)] })
    const credit: Command = {
      type: 'BONUS',
      postings: [posting('@treasury', walletId, 'DIAMONDS' as typeof GOLD, 5)],
    }

    const [credited, closed] = await Promise.all([
      run(one, credit),
      setWalletStatus(other, walletId, 'CLOSED'),
    ])

    const isClosed = closed.kind === 'done'
    expect(outcome(credited)).toBe(isClosed ? 'WALLET_CLOSED' : 'posted')
  })
})

test('transfers in a ring of 10 wallets, both ways, 32 at a time, keep every coin', async () => {
  const wallets = Array.from({ length: 10 }, (_, index) => `ring-${index}`)
  for (const wallet of wallets) await topup(wallet, 100)
  const processes = [one, other]
  const waiting = Array.from({ length: ROUNDS * 4 }, (_, index) => index)
  const outcomes: string[] = []
  const worker = async () => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      const step = index % 2 === 0 ? 1 : wallets.length - 1
      const from = wallets[index % wallets.length] ?? ''
      const to = wallets[(index + step) % wallets.length] ?? ''
      const process = processes[index % 3 === 0 ? 0 : 1] ?? one
      const result = await runUntilDone(process, {
        type: 'TRANSFER',
        postings: [posting(from, to, GOLD, 1 + (index % 7))],
      })
      outcomes.push(outcome(result))
    }
  }

  await Promise.all(Array.from({ length: 32 }, worker))

  const balances = await Promise.all(wallets.map((wallet) => balanceOf(wallet as WalletId)))
  expect(balances.reduce((sum, [available = 0]) => sum + available, 0)).toBe(1_000)
  expect(new Set(outcomes)).toEqual(new Set(['posted']))
})
