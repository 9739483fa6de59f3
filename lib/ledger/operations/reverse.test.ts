import { expect, test } from 'vitest'
import type { SystemAccount, WalletId } from '../../money/account.ts'
import { toAmount } from '../../money/amount.ts'
import type { AssetCode } from '../../money/asset.ts'
import { type Transaction, type TransactionId, transactionId } from '../../money/transaction.ts'
import { reverseOperation } from './reverse.ts'

const original: Transaction = {
  id: transactionId('shop', 'order-1'),
  type: 'TOPUP',
  postings: [
    {
      from: '@treasury' as SystemAccount,
      to: 'alice' as WalletId,
      asset: 'GOLD_COINS' as AssetCode,
      amount: toAmount(10),
    },
  ],
  hold: undefined,
  balances: [],
  reference: undefined,
  metadata: {},
  at: 1_000,
  client: 'shop',
  fingerprint: '',
  requestId: 'r-1',
  reverses: undefined,
  reversed: 4,
}
const command = { type: 'REVERSE', transactionId: original.id, allowDebt: false } as const

function resolveAs(id: TransactionId, transaction = original) {
  return reverseOperation.resolve(command, { transaction }, { id, nowMs: 2_000 })
}

test('what is left goes back the way it came', () => {
  const resolved = resolveAs(transactionId('shop', 'order-1-back'))

  expect(resolved).toMatchObject({
    kind: 'resolved',
    postings: [{ from: 'alice', to: '@treasury', amount: 6 }],
    reversal: { reversed: 10 },
  })
})

test('nothing takes back itself: DynamoDB would refuse to write one item twice', () => {
  expect(resolveAs(original.id)).toMatchObject({ decline: { code: 'TRANSACTION_NOT_FOUND' } })
})

test.each(['HOLD', 'VOID', 'EXPIRE', 'REVERSE'] as const)('a %s is not reversed', (type) => {
  const resolved = resolveAs(transactionId('shop', 'order-1-back'), { ...original, type })

  expect(resolved).toMatchObject({ decline: { code: 'NOT_REVERSIBLE', type } })
})
