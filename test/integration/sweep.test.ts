import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { beforeEach, expect, test } from 'vitest'
import { findViolations } from '../../lib/audit/invariants.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { sweepHolds } from '../../lib/ledger/sweep.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { virtualEffects } from '../support/faults.ts'
import {
  ALICE,
  GOLD,
  openTestLedger,
  origin,
  posting,
  readContents,
  type TestLedger,
} from '../support/ledger.ts'

const TWO_MINUTES_MS = 120_000
const HOLDS = 40

let ledger: TestLedger
/** When all holds are over, however long it took to make them. */
let later: number

beforeEach(async () => {
  ledger = await openTestLedger()
  const postings = [posting('@treasury', 'alice', GOLD, HOLDS)]
  await post(ledger, { type: 'TOPUP', postings }, origin())
  for (let n = 0; n < HOLDS; n += 1) {
    const command = { type: 'HOLD', walletId: ALICE, asset: GOLD, expiresInSeconds: 60 } as const
    await post(ledger, { ...command, amount: toAmount(1) }, origin())
  }
  later = Date.now() + TWO_MINUTES_MS
})

/** A sweeper two minutes from now, whose queries go through `query`. */
function openSweeper(query: (command: QueryCommand) => Promise<unknown>) {
  const { client, tableName } = ledger
  const wrapped: Pick<DynamoDBClient, 'send'> = new Proxy(client, {
    get: (target, name) => {
      if (name !== 'send') return Reflect.get(target, name)
      return (command: QueryCommand) =>
        command instanceof QueryCommand ? query(command) : target.send(command)
    },
  })
  return openLedger(openLedgerStore({ client: wrapped, tableName }), virtualEffects(later))
}

const once = () => ({ stopAtMs: later + 60_000, requestId: 'run-1' })

test('every page of a shard is read, whatever becomes of what is on it', async () => {
  const pages = new Map<string, number>()
  // Pages of one, so that a shard of several holds has several pages.
  const sweeper = openSweeper((command) => {
    const shard = String(command.input.ExpressionAttributeValues?.[':shard']?.S)
    pages.set(shard, (pages.get(shard) ?? 0) + 1)
    return ledger.client.send(new QueryCommand({ ...command.input, Limit: 1 }))
  })

  const swept = await sweepHolds(sweeper, once())

  const contents = await readContents(ledger.client, ledger.tableName)
  expect(swept).toEqual({ released: HOLDS, alreadyOver: 0, failed: 0, isComplete: true })
  expect(pages.size).toBe(32)
  expect(Math.max(...pages.values())).toBeGreaterThan(2)
  expect(contents.holds.map(({ state }) => state)).toEqual(Array(HOLDS).fill('EXPIRED'))
  expect(findViolations(contents)).toEqual([])
})

test('an index that lags behind shows holds that are over, and they are counted as that', async () => {
  const seen = new Map<string, unknown>()
  const lagging = openSweeper(async (command) => {
    const shard = String(command.input.ExpressionAttributeValues?.[':shard']?.S)
    const page = seen.get(shard) ?? (await ledger.client.send(command))
    seen.set(shard, page)
    return page
  })
  await sweepHolds(lagging, once())

  const again = await sweepHolds(lagging, { ...once(), requestId: 'run-2' })

  expect(again).toEqual({ released: 0, alreadyOver: HOLDS, failed: 0, isComplete: true })
})

test('a shard that cannot be read does not keep the others', async () => {
  const errors: unknown[] = []
  const sweeper = openSweeper((command) => {
    const isBroken = command.input.ExpressionAttributeValues?.[':shard']?.S === 'X#0'
    if (!isBroken) return ledger.client.send(command)
    return Promise.reject(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }))
  })

  const swept = await sweepHolds(sweeper, { ...once(), onError: (error) => errors.push(error) })

  const { holds } = await readContents(ledger.client, ledger.tableName)
  const inBroken = holds.filter(({ id }) => id.endsWith('0')).length
  expect(swept).toMatchObject({ released: HOLDS - inBroken, isComplete: false })
  expect(errors).toHaveLength(1)
})

test('a run whose time is over begins no release', async () => {
  const swept = await sweepHolds(
    openSweeper((command) => ledger.client.send(command)),
    { ...once(), stopAtMs: later },
  )

  expect(swept).toMatchObject({ released: 0, isComplete: false })
})
