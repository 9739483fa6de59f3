import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
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
