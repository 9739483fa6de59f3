import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TrimmedDataAccessException } from '@aws-sdk/client-dynamodb-streams'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  dieOf,
  openTestStream,
  PLAIN,
  type TestStream,
  walletsOfLanes,
} from '../test/support/event-source.ts'

let stream: TestStream

beforeEach(async () => {
  stream = await openTestStream()
})

afterEach(() => stream.close())

test('the next start goes on behind what was handled, without a gap', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'positions-'))
  const [bad, good] = walletsOfLanes(2)
  const options = {
    mapping: { ...PLAIN, parallelizationFactor: 2, maxRetryAttempts: 10_000 },
    positionsFile: join(folder, 'positions.json'),
  }
  await stream.write(`${bad}1`, `${good}1`)
  const first = stream.start({ ...options, handler: dieOf(`${bad}2`) })
  await first.idle()
  await stream.write(`${bad}2`, `${good}2`)
  await vi.waitFor(() => expect(first.batches.flat()).toContain(`${good}2`))
  await first.stop()

  const second = stream.start(options)
  await second.idle()
  await second.stop()
  const third = stream.start(options)
  await third.idle()
  await third.stop()
  const fromTheStart = stream.start()
  await fromTheStart.idle()
  rmSync(folder, { recursive: true })

  expect(second.batches.flat().toSorted()).toEqual([`${bad}2`, `${good}2`].toSorted())
  expect(third.batches).toEqual([])
  expect(fromTheStart.batches.flat()).toHaveLength(4)
})

test('an iterator that expired is renewed where the reader was', async () => {
  await stream.write('a1')
  const source = stream.start()
  await source.idle()
  let isAged = false
  stream.beforeReading((input) => {
    if (isAged || !input.ShardIterator) return
    input.ShardIterator = agedBy(20 * 60_000, input.ShardIterator)
    isAged = true
  })

  await stream.write('b1')
  await source.idle()

  expect(isAged).toBe(true)
  expect(source.troubles).toEqual([])
  expect(source.batches).toEqual([['a1'], ['b1']])
})

test('a reader whose next record was trimmed goes on with the oldest there is', async () => {
  await stream.write('a1')
  const source = stream.start()
  await source.idle()
  let refusals = 2
  stream.beforeReading(() => {
    if (refusals === 0) return
    refusals -= 1
    throw new TrimmedDataAccessException({ message: 'trimmed', $metadata: {} })
  })

  await stream.write('b1')
  await vi.waitFor(() => expect(source.batches).toHaveLength(2))

  expect(source.troubles).toEqual([])
  expect(source.batches).toEqual([['a1'], ['a1', 'b1']])
})

test('while DynamoDB does not answer that is said once, and then it goes on', async () => {
  const source = stream.start()
  await source.idle()
  let refusals = 0
  stream.beforeReading(() => {
    if (refusals === 20) return
    refusals += 1
    throw new Error('connection refused')
  })

  await stream.write('a1')
  await source.idle()

  expect(refusals).toBe(20)
  expect(source.troubles).toHaveLength(1)
  expect(source.batches).toEqual([['a1']])
})

/** DynamoDB Local writes into an iterator when it was made: shard, place and time, as base64. */
function agedBy(ms: number, iterator: string): string {
  const [arn, version, encoded = ''] = iterator.split('|')
  const [shardId, place, madeAt = ''] = Buffer.from(encoded, 'base64').toString().split('|')
  const earlier = String(Number(madeAt) - ms).padStart(madeAt.length, '0')
  const aged = Buffer.from([shardId, place, earlier].join('|')).toString('base64')
  return [arn, version, aged].join('|')
}
