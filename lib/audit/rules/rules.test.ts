import { expect, test } from 'vitest'
import type { Account } from '../../money/account.ts'
import type { Entry } from '../../money/balance.ts'
import { largeWithdrawal } from './large-withdrawal.ts'
import { rapidWithdrawals } from './rapid-withdrawals.ts'
import type { Rule } from './rule.ts'

const out = (amount: number, counterparty = '@external') =>
  [{ counterparty: counterparty as Account, amount: -amount }] satisfies Entry['postings']
const entry = (fields: Partial<Entry>): Entry =>
  ({ type: 'WITHDRAW', postings: out(1), at: 0, transactionId: 'txn', ...fields }) as Entry

/** Which of the entries raise a flag, and for which transactions. */
function flags<Memory>(rule: Rule<Memory>, entries: readonly Entry[]) {
  let memory: Memory | undefined
  return entries.map((each) => {
    const judged = rule.judge(memory, each)
    memory = judged.memory
    return judged.flagged
  })
}

const at = (...times: number[]) =>
  times.map((time, index) =>
    entry({ at: time, transactionId: `${index}` as Entry['transactionId'] }),
  )

test.each([
  ['three within 60.000 s', [0, 30_000, 60_000], [undefined, undefined, ['0', '1', '2']]],
  ['three within 60.001 s', [0, 30_000, 60_001], [undefined, undefined, undefined]],
  ['two at once', [0, 0], [undefined, undefined]],
  ['three at once', [5, 5, 5], [undefined, undefined, ['0', '1', '2']]],
  [
    'the last three of four',
    [0, 50_000, 70_000, 110_000],
    [undefined, undefined, undefined, ['1', '2', '3']],
  ],
])('rapid withdrawals: %s', (_, times, expected) => {
  const rule = rapidWithdrawals({ count: 3, withinMs: 60_000 })

  expect(flags(rule, at(...times))).toEqual(expected)
})

test('rapid withdrawals: after a flag it takes as many again', () => {
  const rule = rapidWithdrawals({ count: 3, withinMs: 60_000 })

  const raised = flags(rule, at(1, 2, 3, 4, 5, 6))

  expect(raised.map((ids) => ids?.length)).toEqual([
    undefined,
    undefined,
    3,
    undefined,
    undefined,
    3,
  ])
})

test('rapid withdrawals: what is spent in between does not count, and does not help', () => {
  const rule = rapidWithdrawals({ count: 3, withinMs: 60_000 })
  const [first, second, third] = at(0, 1, 2)
  if (!first || !second || !third) throw new Error('there are three')

  const raised = flags(rule, [
    first,
    entry({ type: 'SPEND', postings: out(1, '@treasury') }),
    second,
    entry({ type: 'SPEND', postings: out(1, '@treasury') }),
    third,
  ])

  expect(raised.at(-1)).toEqual(['0', '1', '2'])
})

test.each([
  [9_999, undefined],
  [10_000, ['txn']],
  [10_001, ['txn']],
])('a withdrawal of %i', (amount, expected) => {
  const rule = largeWithdrawal({ amount: 10_000 })

  expect(flags(rule, [entry({ postings: out(amount) })])).toEqual([expected])
})

test('a large spend is no withdrawal', () => {
  const rule = largeWithdrawal({ amount: 10_000 })

  expect(flags(rule, [entry({ type: 'SPEND', postings: out(20_000, '@treasury') })])).toEqual([
    undefined,
  ])
})

test('money that leaves by another verb is withdrawn, too, and what the house takes back is not', () => {
  const rule = largeWithdrawal({ amount: 10_000 })

  const raised = flags(rule, [
    entry({ type: 'POST', postings: [...out(6_000), ...out(4_000)] }),
    entry({ type: 'REVERSE', postings: out(20_000) }),
  ])

  expect(raised).toEqual([['txn'], undefined])
})
