import { expect, test } from 'vitest'
import type { SystemAccount, WalletId } from '../money/account.ts'
import { toAmount } from '../money/amount.ts'
import type { AssetCode } from '../money/asset.ts'
import { fingerprint, type PostCommand } from './command.ts'

const posting = {
  from: '@treasury' as SystemAccount,
  to: 'alice' as WalletId,
  asset: 'GOLD_COINS' as AssetCode,
  amount: toAmount(5),
}
const command: PostCommand = { type: 'TOPUP', postings: [posting], metadata: { a: '1', b: '2' } }

test('one request has one fingerprint, however its JSON was written', () => {
  const { from, to, asset, amount } = posting
  const reordered: PostCommand = {
    metadata: { b: '2', a: '1' },
    postings: [{ amount, asset, to, from }],
    type: 'TOPUP',
  }

  expect(fingerprint(reordered)).toBe(fingerprint(command))
  expect(fingerprint({ ...command, metadata: {} })).toBe(
    fingerprint({ type: 'TOPUP', postings: [posting] }),
  )
})

test.each<[string, PostCommand]>([
  ['type', { ...command, type: 'BONUS' }],
  ['amount', { ...command, postings: [{ ...posting, amount: toAmount(6) }] }],
  ['metadata', { ...command, metadata: { a: '2', b: '1' } }],
  ['number of postings', { ...command, postings: [posting, posting] }],
])('another %s is another fingerprint', (_, other) => {
  expect(fingerprint(other)).not.toBe(fingerprint(command))
})
