import { expect, test } from 'vitest'
import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import { entrySortKey, statusKey } from './keys.ts'

const GOLD = 'GOLD_COINS' as AssetCode
const ALICE = 'alice' as WalletId

test('entries sort by time, then by number, also where these have more digits', () => {
  const positions = [
    { at: 9, seq: 100 },
    { at: 10, seq: 9 },
    { at: 10, seq: 10 },
    { at: 1_795_268_194_789, seq: 11 },
  ]

  const keys = positions.map((position) => entrySortKey(GOLD, position))

  expect(keys.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(keys)
})

test('changes of a status sort by their number', () => {
  expect(statusKey(ALICE, 9).sk < statusKey(ALICE, 10).sk).toBe(true)
})
