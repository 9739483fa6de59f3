import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findViolations } from '../../lib/audit/invariants.ts'
import { fingerprint, type PostCommand } from '../../lib/ledger/command.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { type PostResult, post } from '../../lib/ledger/post.ts'
import { VERBS, type VerbName, verbCommand } from '../../lib/ledger/verbs.ts'
import { type Account, isSystemAccount, type WalletId } from '../../lib/money/account.ts'
import { MAX_AMOUNT, toAmount } from '../../lib/money/amount.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import {
  GEMS,
  GOLD,
  openTestLedger,
  origin,
  posting,
  readContents,
  type TestLedger,
} from '../support/ledger.ts'

/** Few names and small numbers, so that sequences meet: and now and then the largest amount there is. */
const wallet = fc.constantFrom('alice', 'bob', 'carol-7')
const asset = fc.constantFrom(GOLD, GEMS)
const amount = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 1, arbitrary: fc.constantFrom(MAX_AMOUNT, MAX_AMOUNT - 1) },
)

const verb = fc
  .record({ name: fc.constantFrom(...(Object.keys(VERBS) as VerbName[])), wallet, asset, amount })
  .map(({ name, wallet: walletId, asset: code, amount: value }) =>
    verbCommand(name, { walletId: walletId as WalletId, asset: code, amount: toAmount(value) }),
  )

const account = fc.oneof(wallet, fc.constantFrom('@treasury', '@market-fees'))
const manyPostings = fc
  .array(fc.record({ from: account, to: account, asset, amount }), { minLength: 1, maxLength: 6 })
  .map((rows) =>
    rows.filter(({ from, to }) => from !== to && !(from.startsWith('@') && to.startsWith('@'))),
  )
  .filter((rows) => rows.length > 0)
  .map(
    (rows): PostCommand => ({
      type: 'POST',
      postings: rows.map((row) => posting(row.from, row.to, row.asset, row.amount)),
    }),
  )

const request = fc.oneof({ weight: 3, arbitrary: verb }, { weight: 2, arbitrary: manyPostings })
/** A few keys only, so that some requests are retries of others, and some misuse a key. */
const command = fc.record({ request, key: fc.integer({ min: 0, max: 11 }).map((n) => `key-${n}`) })

/** A wallet service in a few lines: no database, no conflicts, no time. It predicts every answer. */
class Model {
  balances = new Map<string, bigint>()
  readonly posted = new Map<string, string>()

  expect(wanted: PostCommand, key: string): string {
    const print = fingerprint(wanted)
    const earlier = this.posted.get(key)
    if (earlier !== undefined) return earlier === print ? 'replayed' : 'key-reused'
    const deltas = sumUp(wanted)
    for (const [name, delta] of deltas) {
      const reason = this.#refuse(name, delta)
      if (reason) return reason
    }
    for (const [name, delta] of deltas) this.balances.set(name, this.#balance(name) + delta)
    this.posted.set(key, print)
    return 'posted'
  }

  #refuse(name: string, delta: bigint): string | undefined {
    const after = this.#balance(name) + delta
    if (!fits(after) || !fits(delta)) return 'BALANCE_LIMIT'
    if (after >= 0n) return undefined
    const [owner = ''] = name.split(' ')
    const exists = Array.from(this.balances.keys()).some((known) => known.startsWith(`${owner} `))
    return exists ? 'INSUFFICIENT_FUNDS' : 'WALLET_NOT_FOUND'
  }

  #balance(name: string): bigint {
    return this.balances.get(name) ?? 0n
  }
}

/** What each wallet gains or loses of each asset, in the order in which the postings name them. */
function sumUp({ postings }: PostCommand): Map<string, bigint> {
  const deltas = new Map<string, bigint>()
  const add = (owner: Account, code: AssetCode, delta: bigint) => {
    const name = `${owner} ${code}`
    if (!isSystemAccount(owner)) deltas.set(name, (deltas.get(name) ?? 0n) + delta)
  }
  for (const { from, to, asset: code, amount: value } of postings) {
    add(from, code, -BigInt(value))
    add(to, code, BigInt(value))
  }
  return deltas
}

function fits(value: bigint): boolean {
  return value >= -BigInt(MAX_AMOUNT) && value <= BigInt(MAX_AMOUNT)
}

function kindOf(result: PostResult): string {
  if (result.kind === 'declined') return result.decline.code
  return result.kind === 'posted' && result.replayed ? 'replayed' : result.kind
}

async function expectSoundBooks(ledger: TestLedger, model: Model): Promise<void> {
  const contents = await readContents(ledger.client, ledger.tableName)
  expect(findViolations(contents)).toEqual([])
  expect(contents.transactions).toHaveLength(model.posted.size)
  const balances = contents.balances.map(
    ({ walletId, asset: code, available }) => [`${walletId} ${code}`, BigInt(available)] as const,
  )
  expect(new Map(balances)).toEqual(model.balances)
}

test('any sequence of requests is answered as predicted, and the books are sound after each', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
      const ledger = await openTestLedger()
      const model = new Model()
      const answers = new Map<string, unknown>()
      for (const { request: wanted, key } of commands) {
        const expected = model.expect(wanted, key)

        const result = await post(ledger, wanted, origin(key))

        expect(kindOf(result)).toBe(expected)
        if (result.kind === 'posted') {
          // Invariant 6: every answer to a key is the same.
          expect(result.transaction).toEqual(answers.get(key) ?? result.transaction)
          answers.set(key, result.transaction)
        }
        await expectSoundBooks(ledger, model)
      }
    }),
    { numRuns: 25 },
  )
})

test('requests that race each other from two processes leave sound books, one movement a key', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 2, maxLength: 16 }), async (commands) => {
      const ledger = await openTestLedger()
      const processes = [ledger, openLedger(ledger.store, ledger.effects)] as const

      const results = await Promise.all(
        commands.map(({ request: wanted, key }, index) =>
          post(processes[index % 2] ?? ledger, wanted, origin(key)),
        ),
      )

      const contents = await readContents(ledger.client, ledger.tableName)
      expect(findViolations(contents)).toEqual([])
      expect(results.map(({ kind }) => kind)).not.toContain('busy')
      const posted = results.flatMap((result) => (result.kind === 'posted' ? [result] : []))
      const ids = new Set(posted.map(({ transaction }) => transaction.id))
      expect(contents.transactions).toHaveLength(ids.size)
      expect(posted.filter(({ replayed }) => !replayed)).toHaveLength(ids.size)
    }),
    { numRuns: 20 },
  )
})
