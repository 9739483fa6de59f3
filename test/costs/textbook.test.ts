import { randomUUID } from 'node:crypto'
import { beforeAll, expect, inject, test } from 'vitest'
import { openTextbook, TEXTBOOK_TABLE, type Textbook } from '../../bench/baselines/textbook.ts'
import { readCosts } from '../../bench/costs/record.ts'
import {
  largestPercent,
  MOST_PERCENT_OF_TEXTBOOK,
  MOST_UNITS,
  ONE_WALLET_WRITES,
  pairsOf,
  writeUnits,
} from '../../bench/units/compare.ts'
import { billTextbook, type TextbookBill } from '../../bench/units/textbook-bills.ts'
import { openLocalClient } from '../../local/dynamodb.ts'
import { createTable } from '../../local/tables.ts'

let bills: readonly TextbookBill[]
let textbook: Textbook

beforeAll(async () => {
  const endpoint = inject('dynamoDbEndpoint')
  bills = await billTextbook(endpoint)
  const client = openLocalClient(endpoint)
  const [ledgerTable, idempotencyTable] = [`Textbook-${randomUUID()}`, `Once-${randomUUID()}`]
  for (const table of [ledgerTable, idempotencyTable]) {
    await createTable(client, TEXTBOOK_TABLE, table)
  }
  textbook = openTextbook({ client, ledgerTable, idempotencyTable })
})

const money = { asset: 'GOLD_COINS', amount: 250 }

function fresh(walletId: string) {
  return { ...money, walletId, key: randomUUID() }
}

test('a write to one wallet takes six write units at the most', () => {
  const operations = readCosts().operations.filter(({ name }) => ONE_WALLET_WRITES.includes(name))

  const units = operations.map(({ request }) => writeUnits(request))

  expect(units).toHaveLength(ONE_WALLET_WRITES.length)
  expect(Math.max(...units)).toBeLessThanOrEqual(MOST_UNITS)
})

test('a write to one wallet takes a little more than half of what the textbook takes, or less', () => {
  const pairs = pairsOf(readCosts(), bills)

  expect(largestPercent(pairs, ONE_WALLET_WRITES)).toBeLessThanOrEqual(MOST_PERCENT_OF_TEXTBOOK)
})

/** By hand: 2 for each item of a transaction, and 1 each for the two writes of the idempotency record. */
test.each([
  ...ONE_WALLET_WRITES.map((name) => ({ name, items: 5 })),
  { name: 'transfer', items: 5 },
  { name: 'hold', items: 5 },
  { name: 'capture', items: 6 },
  { name: 'void', items: 5 },
])('in the textbook, $name writes $items items, and twice what it answered', ({ name, items }) => {
  const bill = bills.find((one) => one.name === name)

  expect(bill).toMatchObject({ writeUnits: 2 * items + 2, readUnits: 1, requests: 4 })
})

test('the textbook moves money from one side to the other', async () => {
  const [walletId, to] = ['alice', 'bob']
  await textbook.carryOut({ ...fresh(walletId), operation: 'topup', amount: 1_000 })
  await textbook.carryOut({ ...fresh(walletId), operation: 'transfer', to })
  await textbook.carryOut({ ...fresh(walletId), operation: 'hold', holdId: 'one' })
  await textbook.carryOut({ ...fresh(walletId), operation: 'capture', holdId: 'one' })
  await textbook.carryOut({ ...fresh(walletId), operation: 'hold', holdId: 'two' })
  await textbook.carryOut({ ...fresh(walletId), operation: 'void', holdId: 'two' })

  const answer = await textbook.carryOut({ ...fresh(walletId), operation: 'withdraw' })

  expect(answer).toMatchObject({ available: 250, held: 0 })
  expect(await textbook.readBalance('bob', money.asset)).toMatchObject({ available: 250 })
  expect(await textbook.readBalance('EXTERNAL', money.asset)).toMatchObject({ available: 250 })
  expect(await textbook.readBalance('TREASURY', money.asset)).toMatchObject({ available: -750 })
})

test('the textbook answers the same key the same way, and moves money once', async () => {
  const request = { ...fresh('carol'), operation: 'topup' as const }

  const [first, second] = [await textbook.carryOut(request), await textbook.carryOut(request)]

  expect(second).toEqual(first)
  expect(await textbook.readBalance('carol', money.asset)).toMatchObject({ available: 250 })
})

test('the textbook gives nobody more than they have', async () => {
  const request = { ...fresh('dave'), operation: 'spend' as const }

  await expect(textbook.carryOut(request)).rejects.toThrow('insufficient funds')
})
