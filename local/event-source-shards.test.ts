import { expect, test } from 'vitest'
import { STREAM_MAPPING } from '../lib/audit/stream-mapping.ts'
import { createAlarm, createNotice, realClock } from './event-source-clock.ts'
import { createProgress } from './event-source-progress.ts'
import { readShard } from './event-source-shard.ts'
import { createShards } from './event-source-shards.ts'
import { openLocalStreamsClient } from './event-source-stream.ts'

test('a shard is read after its parent, whichever is listed first', async () => {
  const { shards, begun, finish } = watchShards()

  shards.follow([
    { ShardId: 'child', ParentShardId: 'parent' },
    { ShardId: 'grandchild', ParentShardId: 'child' },
    { ShardId: 'parent' },
    { ShardId: 'other' },
  ])
  await settled()
  expect(begun).toEqual(['parent', 'other'])

  await finish('parent')
  expect(begun).toEqual(['parent', 'other', 'child'])
  await finish('child')
  expect(begun).toEqual(['parent', 'other', 'child', 'grandchild'])
})

test('a shard whose parent the stream has forgotten is read at once', async () => {
  const { shards, begun } = watchShards()

  shards.follow([{ ShardId: 'child', ParentShardId: 'forgotten' }])
  await settled()

  expect(begun).toEqual(['child'])
})

test('the end of a shard is told, and its children are read when they are listed', async () => {
  const { shards, begun, finish, finished } = watchShards()
  shards.follow([{ ShardId: 'parent' }])
  await finish('parent')
  expect(finished()).toBe(1)

  shards.follow([{ ShardId: 'parent' }, { ShardId: 'child', ParentShardId: 'parent' }])
  await settled()

  expect(begun).toEqual(['parent', 'child'])
})

test('a shard that the stream forgets is left, and then forgotten here', async () => {
  const { shards, left, finish } = watchShards()
  shards.follow([{ ShardId: 'old' }, { ShardId: 'new' }])

  shards.follow([{ ShardId: 'new' }])
  expect(left).toEqual(['old'])
  await finish('old')

  expect(shards.readers().map(({ shardId }) => shardId)).toEqual(['new'])
})

test('nothing is read of a shard before its parent is finished', async () => {
  const client = openLocalStreamsClient('http://127.0.0.1:1')
  const parent = Promise.withResolvers<void>()
  const stop = new AbortController()
  let asked = 0
  client.middlewareStack.add(
    () => () => {
      asked += 1
      throw new Error('nobody is there')
    },
    { step: 'initialize' },
  )
  const reader = readShard(
    {
      stream: { client, arn: 'stream' },
      mapping: STREAM_MAPPING,
      isWanted: () => true,
      pollEveryMs: 60_000,
      clock: realClock,
      stopping: stop.signal,
      notice: createNotice(),
      alarm: createAlarm(realClock, stop.signal),
      isHurried: () => false,
      newestTicket: () => 0,
      // It is asked for once, and then we have seen enough.
      onTrouble: () => reader.leave(),
    },
    { shardId: 'child', startAfter: undefined, after: parent.promise, deliver: async () => {} },
  )

  await settled()
  expect(asked).toBe(0)
  parent.resolve()
  await settled()
  expect(asked).toBe(1)
})

/** Readers that read nothing, and are finished when the test says so. */
function watchShards() {
  const ends = new Map<string, () => void>()
  const [begun, left] = [[] as string[], [] as string[]]
  let count = 0
  const shards = createShards({
    read: (shardId, after) => {
      const end = Promise.withResolvers<void>()
      ends.set(shardId, end.resolve)
      const run = async () => {
        await after
        begun.push(shardId)
        await end.promise
      }
      return {
        shardId,
        progress: createProgress(undefined),
        finished: run(),
        hasRead: () => true,
        leave: () => left.push(shardId),
      }
    },
    onFinished: () => {
      count += 1
    },
  })
  const finish = (shardId: string) => {
    ends.get(shardId)?.()
    return settled()
  }
  return { shards, begun, left, finish, finished: () => count }
}

/** Until all that can go on without the test has done so. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
