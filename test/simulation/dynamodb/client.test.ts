import { expect, test } from 'vitest'
import { CALM } from './faults.ts'
import { openWorld, outcomeOf, put, putTogether, readValue, seeds } from './world.ts'

/** What a function meets between itself and DynamoDB. */

test('a request that is lost is sent again after a time-out, and then the function is told', async () => {
  const world = openWorld({ requestLost: 1 })

  const [outcome, tookMs] = await world.call(async (client, { effects }) => {
    const startedAt = effects.now()
    const how = await outcomeOf(client.send(putTogether(['alice'], 1)))
    return [how, effects.now() - startedAt]
  })

  expect(outcome).toBe('TimeoutError')
  expect(tookMs).toBeGreaterThanOrEqual(8_000)
  expect(tookMs).toBeLessThan(8_100)
})

test('an answer that is lost is asked for again, and the transaction is done once', async () => {
  const outcomes = await Promise.all(
    seeds(20).map(async (seed) => {
      const world = openWorld({ answerLost: 0.5 }, { seed })
      const outcome = await world.call((client) =>
        outcomeOf(client.send(putTogether(['alice'], 1))),
      )
      world.database.setFaults(CALM)
      return [outcome, await world.call((client) => readValue(client, 'alice'))]
    }),
  )

  expect(outcomes.filter(([, value]) => value !== 1)).toEqual([])
  expect(new Set(outcomes.map(([outcome]) => outcome))).toEqual(new Set(['done', 'TimeoutError']))
})

test('a request can arrive when nobody waits for its answer any more', async () => {
  const world = openWorld({ slow: { chance: 1, byUs: { from: 20_000_000, to: 20_000_000 } } })
  const values = world.begin(async (client, { effects }) => {
    const outcome = await outcomeOf(client.send(putTogether(['alice'], 1)))
    world.database.setFaults(CALM)
    const before = await readValue(client, 'alice')
    await effects.sleep(30_000)
    return [outcome, before, await readValue(client, 'alice')]
  })

  await world.scheduler.run()

  expect(values.ending()).toMatchObject({ result: ['TimeoutError', undefined, 1] })
})

test('a connection that breaks is told at once, before or after it was done', async () => {
  const outcomes = await Promise.all(
    seeds(20).map(async (seed) => {
      const world = openWorld({ connectionBroken: 1 }, { seed })
      const outcome = await world.call(async (client, { effects }) => {
        const startedAt = effects.now()
        const how = await client.send(put('alice', 1)).catch((error: Error) => error)
        return { how, tookMs: effects.now() - startedAt }
      })
      world.database.setFaults(CALM)
      return { ...outcome, value: await world.call((client) => readValue(client, 'alice')) }
    }),
  )

  expect(outcomes.every(({ how }) => 'code' in how && how.code === 'ECONNRESET')).toBe(true)
  expect(Math.max(...outcomes.map(({ tookMs }) => tookMs))).toBeLessThan(1_000)
  expect(new Set(outcomes.map(({ value }) => value))).toEqual(new Set([undefined, 1]))
})

test('a server error can come of what was done', async () => {
  const world = openWorld({ serverErrorAfterwards: 1 })

  const outcome = await world.call((client) => outcomeOf(client.send(put('alice', 1))))
  world.database.setFaults(CALM)

  expect(outcome).toBe('InternalServerError')
  expect(await world.call((client) => readValue(client, 'alice'))).toBe(1)
})

test('what a killed function had sent is done all the same', async () => {
  const world = openWorld({ requestUs: { from: 1_000, to: 1_000 } })

  const { ending } = world.begin((client) => client.send(putTogether(['alice'], 1)), {
    fate: () => 'dies',
  })
  await world.scheduler.run()

  expect(ending()).toEqual({ kind: 'killed' })
  expect(await world.call((client) => readValue(client, 'alice'))).toBe(1)
})

test('who does not want the answer any more does not get it, and it is done', async () => {
  const world = openWorld({ answerUs: { from: 10_000, to: 10_000 } })
  const caller = new AbortController()

  const outcome = await world.call(async (client, { effects }) => {
    const sent = outcomeOf(client.send(put('alice', 1), { abortSignal: caller.signal }))
    await effects.sleep(5)
    caller.abort()
    return sent
  })

  expect(outcome).toBe('AbortError')
  expect(await world.call((client) => readValue(client, 'alice'))).toBe(1)
})

test('an answer says how often it was asked for', async () => {
  const world = openWorld()

  const { $metadata } = await world.call((client) => client.send(put('alice', 1)))

  expect($metadata).toEqual({ httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 })
})
