import { expect, test } from 'vitest'
import { openWorld, outcomeOf, putTogether, readValue } from './world.ts'

const TOKEN = { ClientRequestToken: 'one-and-only' }
const MINUTE_MS = 60_000

test('a transaction that is sent twice with one token is done once, and succeeds twice', async () => {
  const world = openWorld()
  const transaction = putTogether(['alice'], 1, TOKEN)

  const outcomes = await world.call(async (client) => [
    await outcomeOf(client.send(transaction)),
    await outcomeOf(client.send(putTogether(['alice'], 2))),
    await outcomeOf(client.send(transaction)),
  ])

  expect(outcomes).toEqual(['done', 'done', 'done'])
  expect(await world.call((client) => readValue(client, 'alice'))).toBe(2)
})

test('another request with the same token is refused', async () => {
  const world = openWorld()

  const outcomes = await world.call(async (client) => [
    await outcomeOf(client.send(putTogether(['alice'], 1, TOKEN))),
    await outcomeOf(client.send(putTogether(['alice'], 2, TOKEN))),
  ])

  expect(outcomes).toEqual(['done', 'IdempotentParameterMismatchException'])
})

test.each([
  [9, 2],
  [11, 1],
])('after %i minutes, the value is %i: a token is good for ten', async (minutes, value) => {
  const world = openWorld()
  const transaction = putTogether(['alice'], 1, TOKEN)

  await world.call(async (client, { effects }) => {
    await client.send(transaction)
    await client.send(putTogether(['alice'], 2))
    await effects.sleep(minutes * MINUTE_MS)
    await client.send(transaction)
  })

  expect(await world.call((client) => readValue(client, 'alice'))).toBe(value)
})

test('while the first is running, the second is told so', async () => {
  const world = openWorld({ transactionUs: { from: 5_000_000, to: 5_000_000 } })
  const transaction = putTogether(['alice'], 1, TOKEN)
  world.begin((client) => outcomeOf(client.send(transaction)))
  const second = world.begin(async (client, { effects }) => {
    await effects.sleep(1)
    return outcomeOf(client.send(transaction))
  })

  await world.scheduler.run()

  expect(second.ending()).toMatchObject({ result: 'TransactionInProgressException' })
})

test('of a transaction that did nothing, the token is free', async () => {
  const world = openWorld({ transactionUs: { from: 10_000, to: 10_000 } })
  const transaction = putTogether(['alice'], 1, TOKEN)
  world.begin((client) => client.send(putTogether(['alice'], 7)))
  const outcomes = world.begin(async (client, { effects }) => {
    await effects.sleep(1)
    const first = await outcomeOf(client.send(transaction))
    await effects.sleep(1_000)
    return [first, await outcomeOf(client.send(transaction))]
  })

  await world.scheduler.run()

  expect(outcomes.ending()).toMatchObject({ result: ['TransactionConflict', 'done'] })
  expect(await world.call((client) => readValue(client, 'alice'))).toBe(1)
})
