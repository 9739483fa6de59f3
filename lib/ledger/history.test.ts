import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import type { WalletId } from '../money/account.ts'
import type { AssetCode } from '../money/asset.ts'
import { type Entry, unopenedBalance } from '../money/balance.ts'
import type { TransactionId, TransactionType } from '../money/transaction.ts'
import { openLedgerStore } from '../store/ledger-store.ts'
import { type HistoryPosition, listEntries } from './history.ts'

const ALICE = 'alice' as WalletId
const GOLD = 'GOLD_COINS' as AssetCode
const GEMS = 'GEMS' as AssetCode

/** More than one page of a filtered history looks at. */
const LONG = 6_000

function entry(asset: AssetCode, seq: number, at: number, type: TransactionType): Entry {
  return {
    ...{ walletId: ALICE, asset, seq, at, type },
    transactionId: `txn_${asset}_${seq}` as TransactionId,
    ...{ availableDelta: 1, heldDelta: 0, available: seq, held: 0, postings: [] },
    ...{ reference: undefined, prevHash: '', hash: '' },
  }
}

/** A bonus in gold, then thousands of topups; and a bonus in gems before all of them. */
const GOLD_ENTRIES = Array.from({ length: LONG }, (_, index) =>
  entry(GOLD, index + 1, index + 2, index === 0 ? 'BONUS' : 'TOPUP'),
)
const GEMS_ENTRIES = [entry(GEMS, 1, 1, 'BONUS')]

const store = {
  ...openLedgerStore({ client: new DynamoDBClient(), tableName: 'Ledger' }),
  readBalances: async () =>
    [GEMS, GOLD].map((asset) => unopenedBalance({ walletId: ALICE, asset })),
  async readEntries(range: Parameters<ReturnType<typeof openLedgerStore>['readEntries']>[0]) {
    const { asset, oldest, newest, limit } = range
    const inRange = (asset === GOLD ? GOLD_ENTRIES : GEMS_ENTRIES)
      .filter(({ at, seq }) => at >= oldest.at && isUpTo({ at, seq }, newest))
      .reverse()
    const entries = inRange.slice(0, limit)
    return { entries, scannedTo: inRange.length > limit ? entries.at(-1) : undefined }
  },
}

function isUpTo(one: { at: number; seq: number }, newest: { at: number; seq: number }): boolean {
  return one.at < newest.at || (one.at === newest.at && one.seq <= newest.seq)
}

test('what is older than the place where a long asset stopped is on a later page', async () => {
  const shown: string[] = []
  let after: HistoryPosition | undefined
  let pages = 0
  do {
    const page = await listEntries(store, {
      ...{ walletId: ALICE, type: 'BONUS', order: 'desc', limit: 1 },
      ...{ after, consistent: true },
    })
    if (page.kind === 'declined') throw new Error(page.decline.code)
    shown.push(...page.items.map(({ asset }) => asset))
    after = page.next
    pages += 1
  } while (after && pages < 20)

  expect(shown).toEqual([GOLD, GEMS])
})
