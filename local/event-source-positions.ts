import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Position } from './event-source-progress.ts'
import type { ShardReader } from './event-source-shard.ts'
import { writePrivate } from './keep-file.ts'

/** Where each shard is handled up to, kept for the next start. */
export interface Positions {
  readonly of: (shardId: string) => Position | undefined
  readonly save: (readers: readonly ShardReader[]) => void
}

const KEPT = z.object({
  streamArn: z.string(),
  shards: z.record(z.string(), z.object({ sequenceNumber: z.string(), createdAt: z.number() })),
})

/**
 * DynamoDB Local throws records away after a day and a bit, at its start, and then, if none is left, counts from 1
 * again: a position among them would hide all that comes until the count has passed it. Nothing is lost by forgetting
 * it: what is kept in the stream is newer.
 */
const MAX_AGE_MS = 24 * 60 * 60 * 1000

export function openPositions(file: string | undefined, streamArn: string, now: number): Positions {
  if (file === undefined) return { of: () => undefined, save: () => {} }
  let saved = readKept(file)
  const kept = saved?.streamArn === streamArn ? saved.shards : {}
  return {
    of: (shardId) => {
      const position = kept[shardId]
      return position && now - position.createdAt < MAX_AGE_MS ? position : undefined
    },
    save: (readers) => {
      const reached = readers.flatMap(({ shardId, progress }) => {
        const position = progress.position()
        return position ? [[shardId, position] as const] : []
      })
      const next = { streamArn, shards: Object.fromEntries(reached) }
      if (JSON.stringify(next) === JSON.stringify(saved)) return
      writePrivate(file, JSON.stringify(next))
      saved = next
    },
  }
}

/** Whatever cannot be read is no position: then everything comes again, which does no harm. */
function readKept(file: string): z.output<typeof KEPT> | undefined {
  if (!existsSync(file)) return undefined
  try {
    return KEPT.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data
  } catch {
    return undefined
  }
}
