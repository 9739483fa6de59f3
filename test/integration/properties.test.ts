import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findViolations } from '../../lib/audit/invariants.ts'
import type { Command, PostCommand } from '../../lib/ledger/command.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { type PostResult, post } from '../../lib/ledger/post.ts'
import { sweepHolds } from '../../lib/ledger/sweep.ts'
import { VERBS, type VerbName, verbCommand } from '../../lib/ledger/verbs.ts'
import { putWalletMetadata } from '../../lib/ledger/wallet-metadata.ts'
import { setWalletStatus } from '../../lib/ledger/wallet-status.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { type Amount, MAX_AMOUNT, toAmount } from '../../lib/money/amount.ts'
import type { HoldId } from '../../lib/money/hold.ts'
import { balanceName } from '../../lib/money/posting.ts'
import { type TransactionId, transactionId } from '../../lib/money/transaction.ts'
import { WALLET_STATUSES } from '../../lib/money/wallet.ts'
import { virtualEffects } from '../support/faults.ts'
import {
  dropTestLedger,
  GEMS,
  GOLD,
  openTestLedger,
  origin,
  posting,
  readContents,
  type TestLedger,
} from '../support/ledger.ts'
import { Model } from '../support/model.ts'

/* What can be asked. Few names and small numbers, so that requests meet; now and then the largest amount. */

const wallet = fc.constantFrom('alice', 'bob', 'carol-7').map((id) => id as WalletId)
const asset = fc.constantFrom(GOLD, GEMS)
const amount = fc
  .oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 30 }) },
    { weight: 1, arbitrary: fc.constantFrom(MAX_AMOUNT, MAX_AMOUNT - 1) },
  )
  .map(toAmount)
const maybeAmount = fc.option(amount, { nil: undefined })

const verb = fc
  .record({
    name: fc.constantFrom(...(Object.keys(VERBS) as VerbName[])),
    walletId: wallet,
    asset,
    amount,
  })
  .map(({ name, ...request }) => verbCommand(name, request))

const account = fc.oneof(wallet, fc.constantFrom('@treasury', '@market-fees'))
const manyPostings = fc
  .array(fc.record({ from: account, to: account, asset, amount }), { minLength: 1, maxLength: 6 })
  .map((rows) => rows.filter(({ from, to }) => !(from.startsWith('@') && to.startsWith('@'))))
  .filter((rows) => rows.length > 0)
  .map((rows) =>
    rows.map(({ from, to, asset: code, amount: value }) => posting(from, to, code, value)),
  )
  .map((postings): PostCommand => ({ type: 'POST', postings }))

/** The n-th of what was made so far, or something that was never made. */
type Pick = number
const pick = fc.nat({ max: 5 })

type Step =
  | { readonly do: 'command'; readonly command: Command; readonly key: string | undefined }
  | {
      readonly do: 'capture'
      readonly hold: Pick
      readonly amount?: Amount | undefined
      readonly to?: WalletId | undefined
    }
  | { readonly do: 'void'; readonly hold: Pick }
  | {
      readonly do: 'reverse'
      readonly transaction: Pick
      readonly amount?: Amount | undefined
      readonly allowDebt: boolean
    }
  | {
      readonly do: 'status'
      readonly walletId: WalletId
      readonly status: (typeof WALLET_STATUSES)[number]
    }
  | { readonly do: 'metadata'; readonly walletId: WalletId }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'sweep' }

const hold = fc.record({
  type: fc.constant('HOLD' as const),
  walletId: wallet,
  asset,
  amount,
  expiresInSeconds: fc.integer({ min: 1, max: 60 }),
})
/** A key of a few, so that some requests are retries and some misuse a key; mostly one of its own. */
const key = fc.option(fc.constantFrom('key-1', 'key-2', 'key-3'), { nil: undefined, freq: 3 })
const asked = fc.oneof({ weight: 3, arbitrary: verb }, { weight: 2, arbitrary: manyPostings })

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('command' as const), command: asked, key }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('command' as const), command: hold, key }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('capture' as const),
      hold: pick,
      amount: maybeAmount,
      to: fc.option(wallet, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('void' as const), hold: pick }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('reverse' as const),
      transaction: pick,
      amount: maybeAmount,
      allowDebt: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('status' as const),
      walletId: wallet,
      status: fc.constantFrom(...WALLET_STATUSES),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('metadata' as const), walletId: wallet }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
)

/* One run: the real ledger and the model, side by side. */

async function openRun() {
  const ledger = await openTestLedger()
  const effects = virtualEffects(Date.parse('2026-11-21T00:00:00Z'))
  const process = openLedger(ledger.store, effects)
  const model = new Model()
  const answers = new Map<string, unknown>()
  let requests = 0

  async function carryOut(command: Command, wanted: string | undefined): Promise<void> {
    requests += 1
    const name = wanted ?? `own-${requests}`
    const expected = model.expect(command, name, transactionId('test', name), effects.now())

    const result = await post(process, command, origin(name))

    expect(kindOf(result)).toBe(expected)
    if (result.kind === 'posted') {
      // Invariant 6: every answer to a key is the same, whatever was taken back of it since.
      const answer = { ...result.transaction, reversed: 0 }
      expect(answer).toEqual(answers.get(name) ?? answer)
      answers.set(name, answer)
    }
  }

  const holdAt = (n: Pick) => {
    const [id, made] = Array.from(model.holds)[n] ?? []
    const holdId = (id ?? `hold_${'0'.repeat(26)}`) as HoldId
    return { holdId, walletId: (made?.wallet ?? 'alice') as WalletId }
  }
  const transactionAt = (n: Pick) =>
    (Array.from(model.transactions.keys())[n] ?? `txn_${'0'.repeat(26)}`) as TransactionId

  async function take(next: Step): Promise<void> {
    switch (next.do) {
      case 'command':
        return carryOut(next.command, next.key)
      case 'capture': {
        const { amount: taken, to } = next
        return carryOut({ type: 'CAPTURE', ...holdAt(next.hold), amount: taken, to }, undefined)
      }
      case 'void':
        return carryOut({ type: 'VOID', ...holdAt(next.hold) }, undefined)
      case 'reverse': {
        const { amount: taken, allowDebt } = next
        const reversed = transactionAt(next.transaction)
        const command = {
          type: 'REVERSE',
          transactionId: reversed,
          amount: taken,
          allowDebt,
        } as const
        return carryOut(command, undefined)
      }
      case 'status': {
        const expected = model.expectStatus(next.walletId, next.status)
        const result = await setWalletStatus(process, next.walletId, next.status)
        expect(result.kind === 'refused' ? result.code : result.kind).toBe(expected)
        return
      }
      case 'metadata': {
        const expected = model.expectMetadata(next.walletId)
        const result = await putWalletMetadata(process, next.walletId, { metadata: { a: 'b' } })
        expect(result.kind).toBe(expected)
        return
      }
      case 'wait':
        return effects.sleep(next.seconds * 1_000)
      case 'sweep': {
        const expected = model.expectSweep(effects.now())
        const stopAtMs = effects.now() + 60_000
        expect(await sweepHolds(process, { stopAtMs, requestId: 'sweep' })).toMatchObject({
          released: expected,
          failed: 0,
          isComplete: true,
        })
      }
    }
  }

  return { ledger, model, take }
}

function kindOf(result: PostResult): string {
  if (result.kind === 'declined') return result.decline.code
  return result.kind === 'posted' && result.replayed ? 'replayed' : result.kind
}

async function expectSoundBooks(ledger: TestLedger, model: Model): Promise<void> {
  const contents = await readContents(ledger.client, ledger.tableName)
  expect(findViolations(contents)).toEqual([])
  const facts = contents.balances.map((balance) => {
    const { available, held, status } = balance
    return [
      balanceName(balance),
      { available: BigInt(available), held: BigInt(held), status },
    ] as const
  })
  const expected = Array.from(model.available, ([name, available]) => {
    const held = model.held.get(name)
    return [
      name,
      { available, held, status: model.statuses.get(name.split('#')[0] ?? '') },
    ] as const
  })
  expect(new Map(facts)).toEqual(new Map(expected))
}

test('any sequence of requests, over any time, is answered as predicted, and the books are sound after each', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const { ledger, model, take } = await openRun()
      for (const next of steps) {
        await take(next)

        await expectSoundBooks(ledger, model)
      }
      await dropTestLedger(ledger)
    }),
    { numRuns: 30 },
  )
})

test('requests that race each other from two processes leave sound books, one movement a key', async () => {
  const command = fc.record({ request: asked, key: fc.integer({ min: 0, max: 11 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 2, maxLength: 16 }), async (commands) => {
      const ledger = await openTestLedger()
      const processes = [ledger, openLedger(ledger.store, ledger.effects)] as const

      const results = await Promise.all(
        commands.map(({ request, key: n }, index) =>
          post(processes[index % 2] ?? ledger, request, origin(`key-${n}`)),
        ),
      )

      const contents = await readContents(ledger.client, ledger.tableName)
      expect(findViolations(contents)).toEqual([])
      expect(results.map(({ kind }) => kind)).not.toContain('busy')
      const posted = results.flatMap((result) => (result.kind === 'posted' ? [result] : []))
      const ids = new Set(posted.map(({ transaction }) => transaction.id))
      expect(contents.transactions).toHaveLength(ids.size)
      expect(posted.filter(({ replayed }) => !replayed)).toHaveLength(ids.size)
      await dropTestLedger(ledger)
    }),
    { numRuns: 20 },
  )
})
