import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { FAULTS, type Fault, type Tally } from '../tally.ts'
import type { Faults } from './faults.ts'
import {
  openWorld,
  outcomeOf,
  putInput,
  putTogether,
  readValue,
  seeds,
  type Work,
} from './world.ts'

/** What is counted is what happened: a fault that was only drawn has tried nothing. */

const write: Work<unknown> = (client) => outcomeOf(client.send(putTogether(['alice'], 1)))
const read: Work<unknown> = (client) => outcomeOf(readValue(client, 'alice'))
const refused: Work<unknown> = (client) => {
  const input = { ...putInput('alice', 1), ConditionExpression: 'attribute_exists(pk)' }
  return outcomeOf(client.send(new PutItemCommand(input)))
}

async function tallyOf(work: Work<unknown>, faults: Partial<Faults>, seed = 1): Promise<Tally> {
  const world = openWorld(faults, { seed })
  await world.call(work)
  return world.scheduler.tally
}

async function countsOf(work: Work<unknown>, faults: Partial<Faults>): Promise<Fault[]> {
  const tally = await tallyOf(work, faults)
  return FAULTS.filter((fault) => tally.of(fault) > 0)
}

test.each<[Partial<Faults>, Fault]>([
  [{ answerLost: 1 }, 'an answer was lost after it was done'],
  [{ serverErrorAfterwards: 1 }, 'DynamoDB said that it failed and had done it'],
])('nothing was done by a read, or by a write that was refused (%o)', async (faults, fault) => {
  const counts = [
    await countsOf(write, faults),
    await countsOf(read, faults),
    await countsOf(refused, faults),
  ]

  expect(counts).toEqual([[fault], [], []])
})

test('of each of the two attempts of the SDK, one thing is counted: it broke before it arrived, or it was lost', async () => {
  const everything = { requestLost: 1, answerLost: 1, serverError: 1, connectionBroken: 1 }

  const counts = await Promise.all(seeds(10).map((seed) => tallyOf(write, everything, seed)))

  const sums = counts.map(({ of }) => ({
    broke: of('a connection broke before the request arrived'),
    lost: of('a request was lost before it arrived'),
  }))
  expect(sums.map(({ broke, lost }) => broke + lost)).toEqual(seeds(10).map(() => 2))
  expect(sums.some(({ broke }) => broke > 0)).toBe(true)
  expect(sums.some(({ lost }) => lost > 0)).toBe(true)
  expect(new Set(counts.flatMap((tally) => Array.from(tally.counts().keys()))).size).toBe(2)
})

test('nobody was told that DynamoDB failed where the request or the answer was lost', async () => {
  const told = await countsOf(write, { serverError: 1 })
  const lost = await countsOf(write, { serverError: 1, requestLost: 1 })
  const unheard = await countsOf(write, { throttled: 1, answerLost: 1 })

  expect(told).toEqual(['DynamoDB failed and had done nothing'])
  expect(lost).toEqual(['a request was lost before it arrived'])
  expect(unheard).toEqual([])
})
