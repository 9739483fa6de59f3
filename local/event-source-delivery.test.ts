import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { STREAM_MAPPING } from '../lib/audit/stream-mapping.ts'
import {
  dieOf,
  failuresOf,
  givenUp,
  nameOf,
  openTestStream,
  PLAIN,
  type TestStream,
  walletsOfLanes,
} from '../test/support/event-source.ts'
import { deliver, retryPauseMs } from './event-source-delivery.ts'

let stream: TestStream

beforeEach(async () => {
  stream = await openTestStream()
})

afterEach(() => stream.close())

test('from the first record that the function names all come again, and none before it', async () => {
  await stream.write('a1', 'b1', 'c1', 'd1', 'e1')
  const source = stream.start({
    handler: async (event) => (event.Records.length === 5 ? failuresOf(event, 'd1', 'b1') : {}),
  })

  await source.idle()

  expect(source.batches).toEqual([
    ['a1', 'b1', 'c1', 'd1', 'e1'],
    ['b1', 'c1', 'd1', 'e1'],
  ])
})

test.each([
  ['a record that it was not given', '12345'],
  ['a record without a number', ''],
])('a function that names %s gets the whole batch again', async (_, itemIdentifier) => {
  await stream.write('a1', 'b1')
  const source = stream.start({
    handler: async () =>
      source.batches.length === 1 ? { batchItemFailures: [{ itemIdentifier }] } : undefined,
  })

  await source.idle()

  expect(source.batches).toEqual([
    ['a1', 'b1'],
    ['a1', 'b1'],
  ])
})

test('a function that throws gets the whole batch again, as it was', async () => {
  await stream.write('a1', 'b1')
  const source = stream.start({
    handler: async ({ Records }) => {
      if (source.batches.length > 2) return
      for (const record of Records) delete record.dynamodb
      throw new Error('not now')
    },
  })

  await source.idle()

  expect(source.batches).toEqual(Array.from({ length: 3 }, () => ['a1', 'b1']))
  expect(source.troubles).toHaveLength(1)
})

test('a batch of which a function dies is halved until the bad record is alone', async () => {
  await stream.write('a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1')
  const source = stream.start({
    mapping: { ...PLAIN, bisectBatchOnError: true, maxRetryAttempts: 1 },
    handler: dieOf('c1'),
  })

  await source.idle()

  expect(source.batches).toEqual([
    ['a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1'],
    ['a1', 'b1', 'c1', 'd1'],
    ['a1', 'b1'],
    ['c1', 'd1'],
    ['c1'],
    ['c1'],
    ['d1'],
    ['e1', 'f1', 'g1'],
  ])
  expect(source.failures.map(givenUp)).toEqual([['c1']])
})

test('a batch is cut where the function says, and halved if it says the first', async () => {
  await stream.write('a1', 'b1', 'c1', 'd1', 'e1')
  const source = stream.start({
    // A cut is not a retry, of which there are none.
    mapping: { ...PLAIN, bisectBatchOnError: true, maxRetryAttempts: 0 },
    handler: async (event) => failuresOf(event, 'b1'),
  })

  await source.idle()

  expect(source.batches).toEqual([
    ['a1', 'b1', 'c1', 'd1', 'e1'],
    ['b1', 'c1', 'd1', 'e1'],
    ['b1', 'c1'],
    ['b1'],
    ['c1'],
    ['d1', 'e1'],
  ])
  expect(source.failures.map(givenUp)).toEqual([['b1']])
})

test('after its tries a batch is given up and kept, and what comes after it goes on', async () => {
  await stream.write('a1', 'b1')
  const source = stream.start({ mapping: { ...PLAIN, maxRetryAttempts: 3 }, handler: dieOf('b1') })

  await source.idle()
  await stream.write('c1')
  await source.idle()

  expect(source.batches).toEqual([...Array.from({ length: 4 }, () => ['a1', 'b1']), ['c1']])
  expect(source.pauses).toEqual(expect.arrayContaining([100, 200, 400]))
  const lastContext = source.contexts[3]
  const [first, second] = source.events[0]?.Records ?? []
  const arrival = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  expect(source.failures).toEqual([
    {
      requestContext: {
        requestId: lastContext?.awsRequestId,
        functionArn: lastContext?.invokedFunctionArn,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 4,
      },
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: 'Unhandled',
      },
      version: '1.0',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      DDBStreamBatchInfo: {
        shardId: expect.stringMatching(/^shardId-/),
        startSequenceNumber: first?.dynamodb?.SequenceNumber,
        endSequenceNumber: second?.dynamodb?.SequenceNumber,
        approximateArrivalOfFirstRecord: arrival,
        approximateArrivalOfLastRecord: arrival,
        batchSize: 2,
        streamArn: stream.arn,
      },
      payload: JSON.stringify(source.events[0]),
    },
  ])
})

test('pauses between tries grow, up to a limit', () => {
  expect([1, 2, 3, 4, 7, 10].map(retryPauseMs)).toEqual([100, 200, 400, 800, 5_000, 5_000])
})

test('a record that has become too old is given up without being sent', async () => {
  await stream.write('a1')
  const source = stream.start({ now: () => Date.now() + 24 * 60 * 60 * 1000 })

  await source.idle()

  expect(source.batches).toEqual([])
  expect(source.failures.map(givenUp)).toEqual([['a1']])
  expect(source.failures[0]?.requestContext).toMatchObject({
    condition: 'RecordAgeExceeded',
    approximateInvokeCount: 0,
  })
  expect(source.failures[0]).not.toHaveProperty('responseContext')
})

test('of a batch only the records that are too old are given up unsent', async () => {
  const now = Date.now()
  const recordOf = (sequenceNumber: string, createdAt: number) => ({
    sequenceNumber,
    createdAt,
    event: { dynamodb: { SequenceNumber: sequenceNumber } },
  })
  const [sent, kept, settled] = [[] as unknown[], [] as unknown[], [] as unknown[]]

  await deliver([recordOf('1', 0), recordOf('2', now)], {
    mapping: PLAIN,
    invoke: async (records) => {
      sent.push(records.map(({ dynamodb }) => dynamodb?.SequenceNumber))
      return { requestId: 'request', firstFailure: undefined }
    },
    giveUp: async ({ records }) => {
      kept.push(records.map(({ sequenceNumber }) => sequenceNumber))
    },
    settle: (records) => settled.push(...records.map(({ sequenceNumber }) => sequenceNumber)),
    onThrown: () => {},
    clock: { now: () => now, pause: async () => {} },
    stopping: new AbortController().signal,
  })

  expect({ sent, kept, settled }).toEqual({ sent: [['2']], kept: [['1']], settled: ['1', '2'] })
})

test('a record that becomes too old while it fails is given up before its tries are used up', async () => {
  await stream.write('a1')
  let now = Date.now()
  const source = stream.start({
    mapping: { ...PLAIN, maxRetryAttempts: 10_000 },
    now: () => now,
    handler: async (event) => {
      if (source.batches.length === 3) now += STREAM_MAPPING.maxRecordAgeSeconds * 1000
      return failuresOf(event, 'a1')
    },
  })

  await source.idle()

  expect(source.batches).toHaveLength(3)
  expect(source.failures[0]).toMatchObject({
    requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 3 },
  })
  expect(source.failures[0]?.responseContext).toEqual({
    statusCode: 200,
    executedVersion: '$LATEST',
  })
})

test('a record that cannot even be kept does not hold up what comes after it', async () => {
  await stream.write('a1', 'b1')
  const source = stream.start({
    mapping: { ...PLAIN, batchSize: 1, maxRetryAttempts: 0 },
    handler: dieOf('a1'),
    onFailure: async () => {
      throw new Error('no bucket')
    },
  })

  await source.idle()

  expect(source.batches).toEqual([['a1'], ['b1']])
  expect(source.troubles).toContain('keeping what was given up')
})

test('a bad record holds up what follows in its own lane, and no other lane', async () => {
  const [bad, good] = walletsOfLanes(2)
  let isMended = false
  await stream.write(`${bad}1`)
  const source = stream.start({
    mapping: { ...PLAIN, parallelizationFactor: 2, maxRetryAttempts: 10_000 },
    handler: async ({ Records }) => {
      if (!isMended && Records.map(nameOf).includes(`${bad}1`)) throw new Error('not now')
    },
  })
  await vi.waitFor(() => expect(source.batches.length).toBeGreaterThan(1))

  await stream.write(`${bad}2`, `${good}1`, `${good}2`)
  await vi.waitFor(() => expect(source.batches.flat()).toContain(`${good}2`))
  const meanwhile = source.batches.flat()
  isMended = true
  await source.idle()

  expect(meanwhile).not.toContain(`${bad}2`)
  expect(source.batches.at(-1)).toEqual([`${bad}2`])
  expect(source.failures).toEqual([])
})
