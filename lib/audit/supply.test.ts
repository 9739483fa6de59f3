import { expect, test } from 'vitest'
import type { Account, WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import type { Entry } from '../money/balance.ts'
import type { TransactionId } from '../money/transaction.ts'
import { addSupply, imbalance, supplyChange } from './supply.ts'

function entry(walletId: string, counterparty: string, amount: number): Entry {
  return {
    walletId: walletId as WalletId,
    asset: 'GOLD_COINS' as AssetCode,
    ...{ seq: 1, at: 0, transactionId: 'txn_1' as TransactionId, type: 'TRANSFER' },
    ...{ availableDelta: amount, heldDelta: 0, available: amount, held: 0 },
    postings: [{ counterparty: counterparty as Account, amount }],
    ...{ reference: undefined, prevHash: '', hash: '' },
  }
}

test('what one wallet sent is in transit until the entry of the other is counted', () => {
  const sent = supplyChange(entry('alice', 'bob', -30))
  const received = supplyChange(entry('bob', 'alice', 30))

  expect(sent).toMatchObject({ inWallets: -30n, inTransit: 30n })
  expect(addSupply(sent, received)).toMatchObject({ inWallets: 0n, inTransit: 0n })
})

test('held money is a part of what wallets have', () => {
  const hold = { ...entry('alice', 'bob', 0), postings: [], availableDelta: -30, heldDelta: 30 }

  expect(supplyChange(hold)).toMatchObject({ inWallets: 0n, held: 30n })
})

test('each entry by itself is balanced', () => {
  for (const one of [entry('alice', 'bob', -30), entry('alice', '@treasury', 30)]) {
    expect(imbalance(supplyChange(one))).toBe(0n)
  }
})
