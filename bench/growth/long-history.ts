import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb'
import { TREASURY } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { type Balance, type Entry, unopenedBalance } from '../../lib/money/balance.ts'
import { hashEntry } from '../../lib/money/chain.ts'
import type { BalanceId } from '../../lib/money/posting.ts'
import { type Transaction, transactionId } from '../../lib/money/transaction.ts'
import { newWallet } from '../../lib/money/wallet.ts'
import { toAttributes } from '../../lib/store/attributes.ts'
import {
  balanceItem,
  entryItem,
  type Item,
  transactionItem,
  walletItem,
} from '../../lib/store/items.ts'

/** A wallet with so many top-ups, one a minute. */
export interface LongHistory extends BalanceId {
  readonly entries: number
}

export const STEP_MS = 60_000
const START_MS = Date.parse('2020-01-01T00:00:00Z')
const AMOUNT = toAmount(250)
const CLIENT = 'server:shop'
/** Of the newest ones there is the record, too: as many as the longest page shows, and some. */
const RECORDED = 200
/** What DynamoDB takes at once. */
const BATCH = 25
const AT_ONCE = 8

export function timeOf(seq: number): number {
  return START_MS + seq * STEP_MS
}

/**
 * The very items that so many transactions would have left, but not written one transaction at a time. Somebody may
 * want to know of each batch how many they were.
 */
export async function writeHistory(
  client: Pick<DynamoDBClient, 'send'>,
  tableName: string,
  history: LongHistory,
  onWritten: (items: number) => void = () => {},
): Promise<void> {
  const items = itemsOf(history)
  const worker = async () => {
    for (let batch = takeFrom(items); batch.length > 0; batch = takeFrom(items)) {
      let pending: WriteRequest[] = batch
      while (pending.length > 0) {
        const { UnprocessedItems } = await client.send(
          new BatchWriteItemCommand({ RequestItems: { [tableName]: pending } }),
        )
        pending = UnprocessedItems?.[tableName] ?? []
      }
      onWritten(batch.length)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

function* itemsOf({ walletId, asset, entries }: LongHistory): Generator<Item> {
  yield walletItem({ ...newWallet(walletId, START_MS), balanceCount: 1 })
  let balance: Balance = unopenedBalance({ walletId, asset })
  for (let seq = 1; seq <= entries; seq += 1) {
    const entry = nextEntry(balance)
    balance = { ...balance, available: entry.available, seq, at: entry.at, head: entry.hash }
    yield entryItem(entry)
    if (seq > entries - RECORDED) yield transactionItem(transactionOf(entry))
    if (seq === entries) yield balanceItem(balance, entry)
  }
}

function nextEntry({ walletId, asset, seq: lastSeq, available, head }: Balance): Entry {
  const seq = lastSeq + 1
  const body: Omit<Entry, 'hash'> = {
    ...{ walletId, asset, seq, at: timeOf(seq), type: 'TOPUP' },
    transactionId: transactionId(CLIENT, `${walletId} ${seq}`),
    ...{ availableDelta: AMOUNT, heldDelta: 0, available: available + AMOUNT, held: 0 },
    postings: [{ counterparty: TREASURY, amount: AMOUNT }],
    ...{ reference: undefined, prevHash: head },
  }
  return { ...body, hash: hashEntry(body) }
}

function transactionOf({
  walletId,
  asset,
  seq,
  at,
  transactionId: id,
  available,
}: Entry): Transaction {
  return {
    ...{ id, type: 'TOPUP', at, client: CLIENT, requestId: id, fingerprint: '00'.repeat(32) },
    postings: [{ from: TREASURY, to: walletId, asset, amount: AMOUNT }],
    balances: [{ walletId, asset, available, held: 0, seq }],
    ...{ hold: undefined, reference: undefined, metadata: {}, reverses: undefined, reversed: 0 },
  }
}

function takeFrom(items: Generator<Item>): WriteRequest[] {
  const batch: WriteRequest[] = []
  while (batch.length < BATCH) {
    const { value, done } = items.next()
    if (done) break
    batch.push({ PutRequest: { Item: toAttributes(value) } })
  }
  return batch
}
