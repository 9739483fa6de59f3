import { randomUUID } from 'node:crypto'
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditTable, openAuditTable } from '../../lib/audit/table/audit-table.ts'
import { shardOf, supplyPartition } from '../../lib/audit/table/keys.ts'
import { WATCH_METRICS } from '../../lib/audit/watch-metrics.ts'
import type { WalletId } from '../../lib/money/account.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import { newWallet, openStack, type StackApi } from '../support/api.ts'
import { type Run, runScheduled, type Scheduled } from '../support/scheduled.ts'

/** The function itself, on the books of a stack that runs. */

interface Watched {
  readonly unbalanced: readonly string[]
}

const GOLD = 'GOLD_COINS' as AssetCode
const DRAWN = 20

let api: StackApi
let table: AuditTable
let handler: Scheduled<Watched>

beforeAll(async () => {
  // With a database that ends with it.
  api = await openStack({ dynamoDbEndpoint: undefined })
  const { dynamoDb, auditTableName } = api.stack
  table = openAuditTable({ client: dynamoDb.client, tableName: auditTableName })
  process.env['POWERTOOLS_SERVICE_NAME'] = 'strongbox-watch'
  const watch = await import('../../functions/watch/handler.ts')
  handler = watch.handler
})

afterAll(async () => {
  await api.stop()
})

async function look(): Promise<Run<Watched>> {
  await api.stack.stream.idle()
  return runScheduled('watch', handler)
}

async function move(verb: string, wallet: string, amount: number, more = {}): Promise<void> {
  const { status } = await api.post(`/v1/wallets/${wallet}/${verb}`, {
    asset: GOLD,
    amount,
    ...more,
  })
  expect(status).toBe(201)
}

/** Of everything, and then of each asset. */
function overall({ metrics }: Run<Watched>) {
  return metrics.find((each) => !('asset' in each))
}

function ofAssets({ metrics }: Run<Watched>) {
  return metrics.filter((each) => 'asset' in each)
}

/** As if somebody had changed a sum by hand. */
async function addToSum(walletId: string, by: number): Promise<void> {
  const { dynamoDb, auditTableName } = api.stack
  const { current } = await table.readGenerations()
  await dynamoDb.client.send(
    new UpdateItemCommand({
      TableName: auditTableName,
      Key: {
        pk: { S: supplyPartition(current, GOLD, shardOf(walletId as WalletId)) },
        sk: { S: 'S' },
      },
      UpdateExpression: 'ADD inWallets :by',
      ExpressionAttributeValues: { ':by': { N: String(by) } },
    }),
  )
}

test('before anything happened, all is well, and nothing is late', async () => {
  const run = await look()

  expect(run.answer).toEqual({ unbalanced: [] })
  expect(overall(run)).toMatchObject({
    service: 'strongbox-watch',
    [WATCH_METRICS.runs]: 1,
    [WATCH_METRICS.unbalancedAssets]: 0,
    [WATCH_METRICS.openDeadLetters]: 0,
    [WATCH_METRICS.openFlags]: 0,
  })
  expect(overall(run)).not.toHaveProperty(WATCH_METRICS.lag)
})

test('it tells what wallets have, of each asset in a dimension of its own, and how late the audit is', async () => {
  const wallet = newWallet()
  await move('topup', wallet, 100)
  await move('spend', wallet, 30)
  await move('holds', wallet, 20)
  const before = Date.now()

  const run = await look()

  const gold = ofAssets(run).find(({ asset }) => asset === GOLD)
  expect(gold).toMatchObject({
    service: 'strongbox-watch',
    [WATCH_METRICS.inWallets]: 70,
    [WATCH_METRICS.held]: 20,
    _aws: { CloudWatchMetrics: [{ Dimensions: [['service', 'asset']] }] },
  })
  expect(Number(overall(run)?.[WATCH_METRICS.lag])).toBeLessThan(60_000)
  const age = Number(overall(run)?.[WATCH_METRICS.newestChangeAge])
  expect(age).toBeGreaterThanOrEqual(Date.now() - before - 60_000)
  expect(age).toBeLessThan(60_000)
})

test('it counts the flags that nobody has looked at, and the dead letters', async () => {
  const wallet = newWallet()
  await move('topup', wallet, 50_000)
  await move('withdraw', wallet, 10_000)
  await table.park({
    id: randomUUID(),
    walletId: undefined,
    asset: undefined,
    reason: 'it cannot be read',
    attempts: 1,
    firstFailedAt: Date.now(),
    record: {},
  })
  const flagged = await look()
  const { body } = await api.get(`/v1/ops/fraud-flags?walletId=${wallet}`)
  const [flag] = [body['items']].flat().map(Object)
  await api.post(`/v1/ops/fraud-flags/${flag.id}/acknowledge`, {})

  const looked = await look()

  const { openFlags, openDeadLetters } = WATCH_METRICS
  expect(overall(flagged)).toMatchObject({ [openFlags]: 1, [openDeadLetters]: 1 })
  expect(overall(looked)).toMatchObject({ [openFlags]: 0, [openDeadLetters]: 1 })
})

test('a sum that somebody changed is one asset that is not balanced, with its numbers in the log', async () => {
  const wallet = newWallet()
  await move('topup', wallet, 10)
  await look()
  await addToSum(wallet, 7)

  const run = await look()

  expect(run.answer).toEqual({ unbalanced: [GOLD] })
  expect(overall(run)).toMatchObject({ [WATCH_METRICS.unbalancedAssets]: 1 })
  expect(run.lines).toMatchObject([
    {
      level: 'CRITICAL',
      message: 'an asset is not balanced',
      asset: GOLD,
      imbalance: '7',
      inTransit: '0',
      inWallets: expect.stringMatching(/^\d+$/),
      accounts: { '@treasury': expect.stringMatching(/^-\d+$/) },
    },
  ])
})

test('of very many assets all are looked at, and those that come first by name are drawn', async () => {
  const codes = Array.from(
    { length: DRAWN + 5 },
    (_, index) => `A${String(index).padStart(2, '0')}`,
  )
  for (const code of codes.toReversed()) {
    await api.send('PUT', `/v1/assets/${code}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: code, scale: 0 }),
    })
  }

  const run = await look()

  expect(ofAssets(run).map(({ asset }) => asset)).toEqual(codes.slice(0, DRAWN))
  expect(run.answer).toEqual({ unbalanced: [GOLD] })
})

test('a look at books that cannot be read fails, and is not counted', async () => {
  await api.stop()

  const looking = runScheduled('watch', handler)

  await expect(looking).rejects.toThrow('DynamoDB did not answer')
})
