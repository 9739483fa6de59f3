import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { verbCommand } from '../../lib/ledger/verbs.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { GOLD } from '../support/ledger.ts'
import { FAIR } from './dynamodb/faults.ts'
import { openWorld, TABLE } from './dynamodb/world.ts'

/** As the ledger writes a spend: its record, its balance, its entry. */
function spend(clerk: number, count: number): TransactWriteItemsCommand {
  const wallet = `W#clerk-${clerk}`
  const isNew = { ConditionExpression: 'attribute_not_exists(pk)' }
  const facts = { available: { N: String(count) }, head: { B: Buffer.alloc(32) } }
  const text = { reference: { S: 'sword-of-dawn' }, type: { S: 'SPEND' } }
  return new TransactWriteItemsCommand({
    TransactItems: [
      {
        Put: {
          TableName: TABLE,
          Item: { pk: { S: `T#${clerk}-${count}` }, sk: { S: 'T' }, ...facts, ...text },
          ...isNew,
        },
      },
      {
        Update: {
          TableName: TABLE,
          Key: { pk: { S: wallet }, sk: { S: 'B#GOLD' } },
          UpdateExpression: 'SET #available = :available, #seq = :seq, #head = :head',
          ConditionExpression: 'attribute_not_exists(pk) OR #seq = :readSeq',
          ExpressionAttributeNames: { '#available': 'available', '#seq': 'seq', '#head': 'head' },
          ExpressionAttributeValues: {
            ':available': facts.available,
            ':head': facts.head,
            ':seq': { N: String(count) },
            ':readSeq': { N: String(count - 1) },
          },
        },
      },
      {
        Put: {
          TableName: TABLE,
          Item: {
            pk: { S: wallet },
            sk: { S: `E#GOLD#${String(count).padStart(12, '0')}` },
            ...facts,
            ...text,
          },
          ...isNew,
        },
      },
    ],
  })
}

const CLERKS = 10
const EACH = 1_000
const WARM_UP = 200
/** A tenth of what it is on two slow cores that nobody else uses. */
const SLOWEST_PER_SECOND = 1_000

test.each([
  ['calm', {}],
  ['fair', FAIR],
])('transactions of three items are fast (%s weather)', async (weather, faults) => {
  const world = openWorld(faults)
  const work = async (from: number, to: number) => {
    for (let clerk = 0; clerk < CLERKS; clerk += 1) {
      world.begin(async (client) => {
        for (let count = from; count < to; count += 1) await client.send(spend(clerk, count))
      })
    }
    await world.scheduler.run()
  }
  await work(1, WARM_UP)
  const startedAt = performance.now()

  await work(WARM_UP, WARM_UP + EACH)

  const seconds = (performance.now() - startedAt) / 1_000
  const perSecond = Math.round((CLERKS * EACH) / seconds)
  process.stdout.write(`${weather}: ${perSecond} transactions of 3 items a second\n`)
  expect(world.database.items(TABLE).length).toBe(CLERKS * (2 * (WARM_UP + EACH - 1) + 1))
  expect(perSecond).toBeGreaterThan(SLOWEST_PER_SECOND)
})

test('operations of the ledger, with all that the deployed code does, are fast (fair weather)', async () => {
  const world = openWorld(FAIR)
  world.begin(async (client) => {
    const store = openLedgerStore({ client, tableName: TABLE })
    await store.putAsset({ code: GOLD, name: 'gold', scale: 0, active: true })
  })
  await world.scheduler.run()
  const before = process.cpuUsage()

  for (let clerk = 0; clerk < CLERKS; clerk += 1) {
    world.begin(async (client, { effects }) => {
      const store = openLedgerStore({ client, tableName: TABLE, sleep: effects.sleep })
      const ledger = openLedger(store, effects)
      const request = { walletId: `clerk-${clerk}` as WalletId, asset: GOLD, amount: toAmount(1) }
      for (let count = 0; count < EACH; count += 1) {
        const command = verbCommand(count % 2 === 0 ? 'topup' : 'spend', request)
        const key = `${clerk} ${count}`
        const origin = { client: 'game', idempotencyKey: key, requestId: key }
        expect((await post(ledger, command, origin)).kind).toBe('posted')
      }
    })
  }
  await world.scheduler.run()

  const { user, system } = process.cpuUsage(before)
  const perSecond = Math.round((CLERKS * EACH) / ((user + system) / 1_000_000))
  process.stdout.write(`${perSecond} operations of the ledger a second of one core\n`)
  // A wallet, a balance, and for each operation a record and an entry; and the asset.
  expect(world.database.items(TABLE).length).toBe(CLERKS * (2 + 2 * EACH) + 1)
  expect(perSecond).toBeGreaterThan(SLOWEST_PER_SECOND)
})
