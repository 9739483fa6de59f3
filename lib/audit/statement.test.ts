import { expect, test } from 'vitest'
import type { WalletId } from '../money/account.ts'
import { statementRange } from './statement.ts'
import { lineSortKey } from './table/keys.ts'

const lines = [10, 20, 30].map((at) =>
  lineSortKey({ at, walletId: 'alice' as WalletId, seq: 1, index: 0 }),
)
const [, second = ''] = lines

function shown(range: Parameters<typeof statementRange>[0]): readonly string[] {
  const { oldest, newest } = statementRange(range)
  return lines.filter((line) => line >= oldest && line <= newest)
}

const all = { from: undefined, to: undefined, after: undefined }

test.each([
  ['everything', { ...all, order: 'asc' }, lines],
  [
    'what is after the last line, oldest first',
    { ...all, order: 'asc', after: second },
    lines.slice(2),
  ],
  [
    'what is before the last line, newest first',
    { ...all, order: 'desc', after: second },
    lines.slice(0, 1),
  ],
  [
    'the beginning of a range, and not its end',
    { ...all, order: 'asc', from: 20, to: 30 },
    [second],
  ],
] as const)('a page of a statement shows %s', (_, range, expected) => {
  expect(shown(range)).toEqual(expected)
})
