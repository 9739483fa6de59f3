import { DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { type Meter, startMeter } from '../../bench/meter/meter.ts'
import { findViolations } from '../../lib/audit/invariants.ts'
import type { Command } from '../../lib/ledger/command.ts'
import {
  createKnownBalances,
  KEPT_FOR_MS,
  RIGHT_FOR_ONE_WRONG,
} from '../../lib/ledger/known-balances.ts'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
import { type PostResult, post } from '../../lib/ledger/post.ts'
import { setWalletStatus } from '../../lib/ledger/wallet-status.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { holdIdOf } from '../../lib/money/hold.ts'
import type { TransactionId } from '../../lib/money/transaction.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { openLocalClient } from '../../local/dynamodb.ts'
import { type Fault, faultyClient, virtualEffects } from '../support/faults.ts'
import {
  ALICE,
  GEMS,
  GOLD,
  openTestLedger,
  origin,
  posting,
  readContents,
  type TestLedger,
} from '../support/ledger.ts'

/** docs/adr/0022-known-balances.md */

let meter: Meter
let ledger: TestLedger
/** Two function instances that know nothing of each other. */
let [mine, other]: [Ledger, Ledger] = [Object(undefined), Object(undefined)]

beforeAll(async () => {
  meter = await startMeter(inject('dynamoDbEndpoint'))
})

afterAll(() => meter.stop())

beforeEach(async () => {
  ledger = await openTestLedger()
  mine = openInstance()
  other = openInstance()
  await post(other, topup('alice', 100), origin())
})

afterEach(async () => {
  expect(findViolations(await readContents(ledger.client, ledger.tableName))).toEqual([])
})

function openInstance(...faults: Fault[]): Ledger {
  const { tableName, effects } = ledger
  const client = faultyClient(openLocalClient(meter.endpoint), faults)
  const instance = openLedger(openLedgerStore({ client, tableName }), effects)
  for (const asset of [GOLD, GEMS]) instance.knownAssets.add(asset)
  return instance
}

const topup = (wallet: string, amount: number, asset = GOLD): Command => ({
  type: 'TOPUP',
  postings: [posting('@treasury', wallet, asset, amount)],
})
const spend = (amount: number): Command => ({
  type: 'SPEND',
  postings: [posting('alice', '@treasury', GOLD, amount)],
})
const hold = (amount: number): Command => ({
  ...{ type: 'HOLD', walletId: ALICE, asset: GOLD, expiresInSeconds: 60 },
  amount: toAmount(amount),
})

async function metered(instance: Ledger, command: Command, key?: string) {
  const { result, bill } = await meter.billOf(() => post(instance, command, origin(key)))
  const { requests, readUnits, writeUnits } = bill
  return { result, bill: { requests, readUnits, writeUnits } }
}

function transactionOf(result: PostResult): TransactionId {
  if (result.kind !== 'posted') throw new Error(JSON.stringify(result))
  return result.transaction.id
}

async function available(walletId = ALICE): Promise<number | undefined> {
  return (await ledger.store.readBalance({ walletId, asset: GOLD }, true))?.available
}

const READ_FIRST = { requests: 2, readUnits: 1, writeUnits: 6 }
const AT_ONCE = { requests: 1, readUnits: 0, writeUnits: 6 }

describe('a write', () => {
  test('reads first what this instance has not written, and does not what it has', async () => {
    const first = await metered(mine, spend(10))

    const second = await metered(mine, spend(10))

    expect([first.bill, second.bill]).toEqual([READ_FIRST, AT_ONCE])
    expect(second.result).toMatchObject({ transaction: { balances: [{ available: 80 }] } })
    expect(mine.knownBalances.take()).toEqual({ hits: 1, misses: 0 })
  })

  test('that opened a wallet is known, too', async () => {
    await metered(mine, topup('bob', 5))

    const { bill } = await metered(mine, topup('bob', 5))

    expect(bill).toEqual(AT_ONCE)
  })

  test('to two balances needs both, or reads both', async () => {
    await post(other, topup('bob', 5), origin())
    const transfer: Command = { type: 'TRANSFER', postings: [posting('alice', 'bob', GOLD, 1)] }
    await post(mine, spend(10), origin())

    const half = await metered(mine, transfer)
    const whole = await metered(mine, transfer)

    expect(half.bill).toEqual({ requests: 2, readUnits: 2, writeUnits: 10 })
    expect(whole.bill).toEqual({ requests: 1, readUnits: 0, writeUnits: 10 })
  })

  test('on a hold reads the hold, and not the balance', async () => {
    const held = await metered(mine, hold(10))
    const holdId = holdIdOf(transactionOf(held.result))

    const { bill } = await metered(mine, { type: 'CAPTURE', walletId: ALICE, holdId })

    expect(held.bill).toEqual({ requests: 2, readUnits: 1, writeUnits: 8 })
    expect(bill).toEqual({ requests: 2, readUnits: 1, writeUnits: 8 })
    expect(await available()).toBe(90)
  })

  test('that takes back another may leave a debt in a balance that is only known', async () => {
    const { result } = await metered(mine, topup('alice', 50))
    await post(mine, spend(150), origin())
    const transactionId = transactionOf(result)

    const reversed = await metered(mine, { type: 'REVERSE', transactionId, allowDebt: true })

    expect(reversed.bill).toEqual({ requests: 2, readUnits: 1, writeUnits: 8 })
    expect(await available()).toBe(-50)
  })

  test('reads again after a minute', async () => {
    const effects = virtualEffects(Date.now())
    const instance = { ...openInstance(), effects, knownBalances: createKnownBalances(effects) }
    await post(instance, spend(10), origin())
    await effects.sleep(KEPT_FOR_MS)

    const { bill } = await metered(instance, spend(10))

    expect(bill).toEqual(READ_FIRST)
  })
})

describe('what another instance did meanwhile', () => {
  beforeEach(async () => {
    await post(mine, spend(10), origin())
  })

  test('is seen in the refusal: one more transaction, no read, and no race that was lost', async () => {
    await post(other, spend(20), origin())

    const { result, bill } = await metered(mine, spend(30))

    expect(result).toMatchObject({
      transaction: { balances: [{ available: 40 }] },
    })
    expect(bill).toEqual({ requests: 2, readUnits: 0, writeUnits: 12 })
    expect(mine.knownBalances.take()).toEqual({ hits: 0, misses: 1 })
    expect(mine.lostTries.take()).toEqual({ conflicts: 0, retries: 0 })
  })

  test('makes this one read first, until it has been right for long enough', async () => {
    await post(other, spend(1), origin())
    await post(mine, topup('alice', 1), origin())

    const bills = []
    for (let count = 0; count <= RIGHT_FOR_ONE_WRONG; count += 1) {
      bills.push((await metered(mine, topup('alice', 1))).bill)
    }

    expect(bills.slice(0, -1)).toEqual(Array(RIGHT_FOR_ONE_WRONG).fill(READ_FIRST))
    expect(bills.at(-1)).toEqual(AT_ONCE)
  })

  test('is noticed for nothing while this one reads first anyway', async () => {
    mine.knownBalances.judge([], 'wrong', 'compared')
    await post(other, spend(1), origin())

    const { bill } = await metered(mine, spend(1))

    expect(bill).toEqual(READ_FIRST)
    expect(mine.knownBalances.take()).toEqual({ hits: 0, misses: 0 })
  })

  test.each(['FROZEN', 'CLOSED'] as const)('a wallet that is %s is so at once', async (status) => {
    if (status === 'CLOSED') await post(other, spend(90), origin())
    await setWalletStatus(other, ALICE, status)
    const before = await available()

    const result = await post(mine, spend(1), origin())

    expect(result).toMatchObject({ decline: { code: `WALLET_${status}` } })
    expect(await available()).toBe(before)
  })

  test('a frozen wallet takes money from a memory in which it was not, and stays frozen', async () => {
    await setWalletStatus(other, ALICE, 'FROZEN')

    await post(mine, topup('alice', 5), origin())

    const balance = await ledger.store.readBalance({ walletId: ALICE, asset: GOLD }, true)
    expect(balance).toMatchObject({ available: 95, status: 'FROZEN' })
  })

  test('a wallet that is remembered as frozen, and is not, may spend', async () => {
    await setWalletStatus(other, ALICE, 'FROZEN')
    await post(mine, topup('alice', 5), origin())
    await setWalletStatus(other, ALICE, 'ACTIVE')

    const result = await post(mine, spend(95), origin())

    expect(result.kind).toBe('posted')
  })

  test('a hold that it made is captured, though the balance is remembered without it', async () => {
    const holdId = holdIdOf(transactionOf(await post(other, hold(90), origin())))

    const result = await post(mine, { type: 'CAPTURE', walletId: ALICE, holdId }, origin())

    expect(result).toMatchObject({ transaction: { balances: [{ available: 0, held: 0 }] } })
  })
})

describe('a decline', () => {
  beforeEach(async () => {
    await post(mine, spend(10), origin())
  })

  test('of what is known is read once, with the record', async () => {
    const { result, bill } = await metered(mine, spend(91))

    expect(result).toMatchObject({ decline: { code: 'INSUFFICIENT_FUNDS', available: 90 } })
    expect(bill).toEqual({ requests: 1, readUnits: 4, writeUnits: 0 })
  })

  test('says what is there, not what is remembered', async () => {
    await post(other, spend(3), origin())

    const result = await post(mine, spend(91), origin())

    expect(result).toMatchObject({ decline: { code: 'INSUFFICIENT_FUNDS', available: 87 } })
  })

  test('is none where money has come in meanwhile', async () => {
    await post(other, topup('alice', 10), origin())

    const { result, bill } = await metered(mine, spend(95))

    expect(result).toMatchObject({ transaction: { balances: [{ available: 5 }] } })
    expect(bill).toEqual({ requests: 2, readUnits: 4, writeUnits: 6 })
    expect(mine.knownBalances.take()).toEqual({ hits: 0, misses: 1 })
  })

  test('comes of money that has gone meanwhile', async () => {
    await post(other, spend(80), origin())

    const { result, bill } = await metered(mine, spend(50))

    expect(result).toMatchObject({ decline: { code: 'INSUFFICIENT_FUNDS', available: 10 } })
    expect(bill).toEqual({ requests: 2, readUnits: 4, writeUnits: 6 })
  })

  test('is none for a request that emptied the wallet itself', async () => {
    await post(mine, spend(90), origin('all'))

    const { result, bill } = await metered(mine, spend(90), 'all')

    expect(result).toMatchObject({ kind: 'posted', replayed: true })
    // And a look whether all of it can be seen already.
    expect(bill).toEqual({ requests: 2, readUnits: 6, writeUnits: 0 })
  })
})

describe('an answer', () => {
  test('from the record says nothing about what came after it', async () => {
    await post(mine, spend(10), origin('key'))
    const again = await metered(mine, spend(10), 'key')
    await post(other, spend(20), origin())

    const { result, bill } = await metered(mine, spend(1))

    const looked = { requests: 2, readUnits: 2 }
    expect(again).toMatchObject({ result: { replayed: true }, bill: { ...AT_ONCE, ...looked } })
    expect(result).toMatchObject({ transaction: { balances: [{ available: 69 }] } })
    expect(bill).toEqual(READ_FIRST)
  })

  test('that never came leaves nothing known', async () => {
    await post(mine, spend(10), origin())
    const { store } = openInstance('lost-after')
    await post({ ...mine, store }, spend(10), origin())

    const { bill } = await metered(mine, spend(10))

    expect(bill).toEqual(READ_FIRST)
    expect(await available()).toBe(70)
  })

  test('of a conflict makes it read, and tells nothing about what it remembered', async () => {
    const crowded = openInstance()
    await post(crowded, spend(10), origin())
    const { store } = openInstance('conflict')

    const { bill } = await metered({ ...crowded, store }, spend(10))

    expect(bill).toEqual(READ_FIRST)
    expect(crowded.knownBalances.take()).toEqual({ hits: 0, misses: 0 })
    expect(crowded.lostTries.take()).toEqual({ conflicts: 1, retries: 1 })
  })
})

describe('a table that is put back to an earlier moment, under an instance that knows a later one', () => {
  /** All that is in the table now, to be put back. */
  async function takeBackup(): Promise<() => Promise<void>> {
    const { client, tableName } = ledger
    const read = async () => (await client.send(new ScanCommand({ TableName: tableName }))).Items
    const kept = (await read()) ?? []
    return async () => {
      for (const { pk, sk } of (await read()) ?? []) {
        if (!pk || !sk) throw new Error('an item has a key')
        await client.send(new DeleteItemCommand({ TableName: tableName, Key: { pk, sk } }))
      }
      for (const Item of kept) {
        await client.send(new PutItemCommand({ TableName: tableName, Item }))
      }
    }
  }

  test('where the balance has gone another way since: same number, other history', async () => {
    const restore = await takeBackup()
    await post(mine, spend(10), origin())
    await restore()
    await post(other, spend(25), origin())

    const result = await post(mine, spend(1), origin())

    expect(result).toMatchObject({ transaction: { balances: [{ available: 74, seq: 3 }] } })
  })

  test('where the balance is as it was before', async () => {
    const restore = await takeBackup()
    await post(mine, spend(10), origin())
    await restore()

    const result = await post(mine, spend(1), origin())
    const next = await metered(mine, spend(1))

    expect(result).toMatchObject({ transaction: { balances: [{ available: 99, seq: 2 }] } })
    expect(next.result).toMatchObject({ transaction: { balances: [{ available: 98, seq: 3 }] } })
  })

  test('where there is no such balance: what spends is declined, what comes in opens it', async () => {
    const restore = await takeBackup()
    await post(mine, topup('bob', 10), origin())
    await restore()
    const spendOfBob: Command = { type: 'SPEND', postings: [posting('bob', '@treasury', GOLD, 1)] }

    const spent = await post(mine, spendOfBob, origin())
    const credited = await post(mine, topup('bob', 7), origin())

    expect(spent).toMatchObject({ decline: { code: 'WALLET_NOT_FOUND' } })
    expect(credited).toMatchObject({ transaction: { balances: [{ available: 7, seq: 1 }] } })
  })

  test('where there is no such balance, and it would not have been enough anyway', async () => {
    const restore = await takeBackup()
    await post(mine, topup('bob', 10), origin())
    await restore()
    const spendOfBob: Command = { type: 'SPEND', postings: [posting('bob', '@treasury', GOLD, 11)] }

    const spent = await post(mine, spendOfBob, origin())

    expect(spent).toMatchObject({ decline: { code: 'WALLET_NOT_FOUND' } })
  })

  test('where there is the wallet, and it has none of the asset yet', async () => {
    const restore = await takeBackup()
    await post(mine, topup('alice', 10, GEMS), origin())
    await restore()
    const gems = [posting('alice', '@treasury', GEMS, 11)]

    const spent = await post(mine, { type: 'SPEND', postings: gems }, origin())

    expect(spent).toMatchObject({ decline: { code: 'INSUFFICIENT_FUNDS', available: 0 } })
  })
})

test('instances that always trust their memory never overdraw, whoever was first', async () => {
  const instances = Array.from({ length: 4 }, () => ({
    ...openInstance(),
    knownBalances: createKnownBalances({ now: Date.now, rightForOneWrong: 0 }),
  }))

  const results: PostResult[] = []
  for (let round = 0; round < 10; round += 1) {
    const racing = instances.map((instance) => postUntilDone(instance, spend(3)))
    results.push(...(await Promise.all(racing)))
  }

  const relied = instances.map(({ knownBalances }) => knownBalances.take())
  const count = (kind: string) => results.filter((result) => result.kind === kind).length
  expect({ posted: count('posted'), declined: count('declined') }).toEqual({
    posted: 33,
    declined: 7,
  })
  expect(await available()).toBe(1)
  expect(relied.some(({ misses }) => misses > 0)).toBe(true)
})

const MOST_TRIES = 10

/** As a client that is told to come again does: with the same key. */
async function postUntilDone(instance: Ledger, command: Command): Promise<PostResult> {
  const from = origin()
  let result = await post(instance, command, from)
  for (let tries = 1; result.kind === 'busy' && tries < MOST_TRIES; tries += 1) {
    result = await post(instance, command, from)
  }
  return result
}
