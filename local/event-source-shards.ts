import type { Shard } from '@aws-sdk/client-dynamodb-streams'
import type { ShardReader } from './event-source-shard.ts'

/** One reader for each shard of a stream, none before its parent's is finished: an item moves from shard to shard. */
export interface Shards {
  readonly follow: (listed: readonly Shard[]) => void
  readonly readers: () => ShardReader[]
}

export interface ShardsOptions {
  readonly read: (shardId: string, after: Promise<void> | undefined) => ShardReader
  /** Its children are perhaps not listed so far. */
  readonly onFinished: () => void
}

export function createShards({ read, onFinished }: ShardsOptions): Shards {
  // Those that are finished stay until the stream forgets them: otherwise they would be read again.
  const readers = new Map<string, ShardReader>()

  function follow(shards: readonly Shard[]): void {
    const listed = new Map(shards.map((shard) => [shard.ShardId ?? '', shard]))
    for (const [shardId, reader] of readers) {
      if (listed.has(shardId)) continue
      reader.leave()
      void reader.finished.then(() => readers.delete(shardId))
    }
    for (const shard of shards) readAfterParent(shard, listed)
  }

  function readAfterParent(shard: Shard, listed: ReadonlyMap<string, Shard>): ShardReader {
    const shardId = shard.ShardId ?? ''
    const known = readers.get(shardId)
    if (known) return known
    // One that is not listed was forgotten long ago.
    const parent = listed.get(shard.ParentShardId ?? '')
    const reader = read(shardId, parent && readAfterParent(parent, listed).finished)
    readers.set(shardId, reader)
    void reader.finished.then(onFinished)
    return reader
  }

  return { follow, readers: () => Array.from(readers.values()) }
}
