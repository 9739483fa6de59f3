import { UpdateTableCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { realClock } from '../../local/event-source-clock.ts'
import { laneOf } from '../../local/event-source-lane.ts'
import {
  dieOf,
  keyOf,
  openTestStream,
  PLAIN,
  type TestStream,
  walletsOfLanes,
} from '../support/event-source.ts'
import { openTestClient } from '../support/ledger.ts'

const neverStopped = new AbortController().signal
let stream: TestStream

beforeEach(async () => {
  stream = await openTestStream()
})

afterEach(() => stream.close())

test('a change arrives as the event that Lambda would make of it', async () => {
  const first = { ...keyOf('alice'), name: { S: 'alice1' } }
  const second = { ...keyOf('alice'), proof: { B: 'AQID' } }
  await stream.put(first)
  await stream.put({ ...keyOf('alice'), proof: { B: Uint8Array.of(1, 2, 3) } })
  await stream.remove('alice')
  const source = stream.start()

  await source.idle()

  const records = source.events.flatMap(({ Records }) => Records)
  expect(records).toEqual([
    expect.objectContaining({ eventName: 'INSERT' }),
    {
      eventID: expect.any(String),
      eventName: 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: expect.any(String),
      eventSourceARN: stream.arn,
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number),
        Keys: keyOf('alice'),
        OldImage: first,
        NewImage: second,
        SequenceNumber: expect.stringMatching(/^\d+$/),
        SizeBytes: expect.any(Number),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    },
    expect.objectContaining({
      eventName: 'REMOVE',
      dynamodb: expect.objectContaining({ OldImage: second }),
    }),
  ])
  const createdAt = (records[0]?.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000
  expect(Math.abs(Date.now() - createdAt)).toBeLessThan(10 * 60_000)
  expect(source.contexts[0]).toMatchObject({ functionName: 'audit' })
})

test('the changes of an item arrive in order, and none is lost, while lanes overtake each other', async () => {
  const wallets = Array.from({ length: 12 }, (_, at) => `wallet-${at}-`)
  const versions = [1, 2, 3, 4, 5, 6, 7, 8]
  const source = stream.start({
    mapping: { ...PLAIN, parallelizationFactor: 4, batchSize: 3 },
    // Each lane is slower than the one before it.
    handler: async ({ Records }) => {
      const lanes = Records.map((record) => laneOf(record, 4))
      await realClock.pause(Math.max(...lanes) * 3, neverStopped)
    },
  })

  await Promise.all(
    wallets.map((wallet) => stream.write(...versions.map((version) => `${wallet}${version}`))),
  )
  await source.idle()

  const arrived = wallets.map((wallet) =>
    source.batches.flat().filter((name) => name.startsWith(wallet)),
  )
  expect(arrived).toEqual(wallets.map((wallet) => versions.map((version) => `${wallet}${version}`)))
})

test('lanes run at the same time', async () => {
  const [one, other] = walletsOfLanes(2)
  await stream.write(`${one}1`, `${other}1`)
  const bothRun = Promise.withResolvers<void>()
  const source = stream.start({
    mapping: { ...PLAIN, parallelizationFactor: 2 },
    handler: () => bothRun.promise,
  })

  await vi.waitFor(() => expect(source.batches).toHaveLength(2))
  bothRun.resolve()
  await source.idle()

  expect(source.batches).toEqual([[`${one}1`], [`${other}1`]])
})

test('what no filter lets through is never sent', async () => {
  for (const sk of ['P', 'E#GOLD#1', 'B#GOLD', 'H#1', 'B#GEMS']) {
    await stream.put({ pk: { S: 'W#alice' }, sk: { S: sk } })
  }
  const filters = [{ dynamodb: { Keys: { sk: { S: [{ prefix: 'B#' }] } } } }]
  const source = stream.start({ mapping: { ...PLAIN, filters } })

  await source.idle()

  const sent = source.events.flatMap(({ Records }) => Records)
  expect(sent.map(({ dynamodb }) => dynamodb?.Keys?.['sk']?.S)).toEqual(['B#GOLD', 'B#GEMS'])
})

test('a batch is gathered until it is full, or until its window is over', async () => {
  let now = Date.now()
  const source = stream.start({
    mapping: { ...PLAIN, batchSize: 3, batchWindowSeconds: 2 },
    now: () => now,
  })
  const full = ['a1', 'b1', 'c1']

  await stream.write(...full, 'd1')
  await vi.waitFor(() => expect([stream.recordsRead(), source.batches]).toEqual([4, [full]]))
  now += 1_900
  await stream.write('e1')
  await vi.waitFor(() => expect(stream.recordsRead()).toBe(5))
  expect(source.batches).toEqual([full])
  expect(source.lag()).toBe(1_900)

  now += 100
  await vi.waitFor(() => expect(source.batches).toEqual([full, ['d1', 'e1']]))
  expect(source.lag()).toBe(0)
})

test('whoever waits for all to be handled does not wait for a window', async () => {
  const source = stream.start({
    mapping: { ...PLAIN, batchWindowSeconds: 300 },
    maxPauseMs: 60_000,
  })
  await stream.write('a1')

  await source.idle()

  expect(source.batches).toEqual([['a1']])
})

test('all that is in the stream is waited for, however many pages it has', async () => {
  await stream.write('a1', 'b1', 'c1', 'd1')
  stream.beforeReading((input) => {
    input.Limit = 1
  })
  const source = stream.start()

  await source.idle()

  expect(source.batches.flat()).toEqual(['a1', 'b1', 'c1', 'd1'])
})

test('stop waits for what runs, and starts nothing', async () => {
  await stream.write('a1', 'b1')
  const story: string[] = []
  const mayEnd = Promise.withResolvers<void>()
  const source = stream.start({
    mapping: { ...PLAIN, batchSize: 1 },
    handler: async () => {
      await mayEnd.promise
      await realClock.pause(50, neverStopped)
      story.push('handled')
    },
  })
  await vi.waitFor(() => expect(source.batches).toEqual([['a1']]))

  const idle = source.idle()
  const stopped = source.stop().then(() => story.push('stopped'))
  await expect(idle).rejects.toThrow('stopped')
  mayEnd.resolve()
  await stopped

  expect(story).toEqual(['handled', 'stopped'])
  expect(source.batches).toEqual([['a1']])
})

test('stop waits for no retry and no poll', async () => {
  await stream.write('a1')
  const source = stream.start({ handler: dieOf('a1'), pollEveryMs: 60_000, maxPauseMs: 60_000 })
  await vi.waitFor(() => expect(source.pauses).toContain(60_000))

  const startedAt = performance.now()
  await source.stop()

  expect(performance.now() - startedAt).toBeLessThan(2_000)
})

test('a stream that is closed is read to its end', async () => {
  const source = stream.start()
  await source.idle()
  await stream.write('a1')
  await openTestClient().send(
    new UpdateTableCommand({
      TableName: stream.tableName,
      StreamSpecification: { StreamEnabled: false },
    }),
  )

  await source.idle()
  await source.idle()

  expect(source.batches).toEqual([['a1']])
})
