import { expect, test } from 'vitest'
import { isSystemAccount, isWalletId } from './account.ts'

test.each(['a', 'Alice', '7', 'player:eu-1:42', 'a@example.com', 'x'.repeat(64), 'a._:@-'])(
  '%s is a wallet id',
  (id) => {
    expect(isWalletId(id)).toBe(true)
  },
)

test.each(['', '@treasury', '.a', '-a', 'a#b', 'a/b', 'a b', 'a\n', 'ä', 'a\0', 'x'.repeat(65)])(
  '%j is not a wallet id',
  (id) => {
    expect(isWalletId(id)).toBe(false)
  },
)

test('no name is a wallet and a system account at once', () => {
  const names = ['alice', '@treasury', '@market-fees', '@Treasury', '@', '@7']

  const both = names.filter((name) => isWalletId(name) && isSystemAccount(name))

  expect(both).toEqual([])
  expect(names.filter(isSystemAccount)).toEqual(['@treasury', '@market-fees'])
})
