import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LedgerContents } from '../../lib/audit/invariants.ts'
import { transactionView } from '../../lib/http/answers.ts'
import { type Caller, SCOPES } from '../../lib/http/caller.ts'
import { post } from '../../lib/ledger/post.ts'
import { transferCommand, verbCommand } from '../../lib/ledger/verbs.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import {
  ALICE,
  dropTestLedger,
  GOLD,
  openTestLedger,
  origin,
  readContents,
  type TestLedger,
} from '../support/ledger.ts'
import { judge } from './judge.ts'
import type { Write } from './load.ts'

/** A judge who never finds anything would be of no use to the kill test, nor to the proxy test. */

const OPERATOR: Caller = { kind: 'operator', client: 'operator:dev', scopes: new Set(SCOPES) }
const NOTHING_KNOWN = { others: new Set<string>(), excused: new Set<string>() }
const NOT_ENOUGH = 402

let ledger: TestLedger
let contents: LedgerContents
let writes: Write[]

beforeAll(async () => {
  ledger = await openTestLedger()
  const money = { walletId: ALICE, asset: GOLD, amount: toAmount(30) }
  const commands = [
    verbCommand('topup', { ...money, amount: toAmount(100) }),
    verbCommand('spend', money),
    transferCommand({ ...money, to: 'bob' as WalletId }),
  ]
  writes = []
  for (const [n, command] of commands.entries()) {
    const result = await post(ledger, command, origin(`key-${n}`))
    if (result.kind !== 'posted') throw new Error(`it was ${result.kind}`)
    writes.push(
      told(`key-${n}`, 201, JSON.stringify(transactionView(result.transaction, OPERATOR))),
    )
  }
  contents = await readContents(ledger.client, ledger.tableName)
})

afterAll(async () => {
  await dropTestLedger(ledger)
})

function told(key: string, status: number, text: string): Write {
  const order = { path: '/v1/wallets/alice/spend', body: {} }
  return { key, order, sends: [status], answer: { status, text, replayed: false } }
}

test('nothing is wrong where everybody was told what is there, and somebody had too little', () => {
  const all = [...writes, told('key-3', NOT_ENOUGH, '{}')]

  const verdict = judge(contents, all, NOTHING_KNOWN)

  expect(verdict).toEqual({ lost: [], faults: [] })
})

test('what was acknowledged and is not there is lost', () => {
  const [, spend] = contents.transactions.toSorted((a, b) => a.at - b.at)
  const transactions = contents.transactions.filter((transaction) => transaction !== spend)

  const { lost } = judge({ ...contents, transactions }, writes, NOTHING_KNOWN)

  expect(lost).toEqual([spend?.id])
})

test('a transaction that nobody was told of is a fault, unless it is known whose it is', () => {
  const id = JSON.parse(writes[2]?.answer?.text ?? '').id

  const unknown = judge(contents, writes.slice(0, 2), NOTHING_KNOWN)
  const known = judge(contents, writes.slice(0, 2), { ...NOTHING_KNOWN, others: new Set([id]) })

  expect(unknown.faults).toContain(`${id}: is in the ledger, and nobody was told of it`)
  expect(known.faults).toEqual([])
})

test.each([
  ['another amount', (text: string) => text.replaceAll('"amount":30', '"amount":31')],
  ['another balance', (text: string) => text.replace('"available":70', '"available":71')],
  ['another time', (text: string) => text.replace(/"createdAt":"2/, '"createdAt":"3')],
])('to be told of %s than the ledger has is a fault', (_, forge) => {
  const forged = writes.map((write) =>
    told(write.key, write.answer?.status ?? 0, forge(write.answer?.text ?? '')),
  )

  const { faults } = judge(contents, forged, NOTHING_KNOWN)

  expect(faults).toContainEqual(expect.stringContaining('was told'))
})

test('a balance that is not the sum of what clients were told is a fault', () => {
  const balances = contents.balances.map((balance) => ({ ...balance, available: 71 }))

  const { faults } = judge({ ...contents, balances }, writes, NOTHING_KNOWN)

  expect(faults).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/alice.*: has 71, clients were told 40/),
      expect.stringMatching(/bob.*: has 71, clients were told 30/),
    ]),
  )
})

test('an order that nobody ever answered, and one that was refused for no reason, are faults', () => {
  const { key, order } = told('key-4', 0, '')
  const all = [...writes, { key, order, sends: [503, 0] }, told('key-5', 404, 'no such hold')]

  const { faults } = judge(contents, all, NOTHING_KNOWN)

  expect(faults).toEqual([
    'key-4: nobody knows what became of it, after 503,0',
    'key-5: refused with no such hold',
  ])
})
