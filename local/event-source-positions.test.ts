import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPositions } from './event-source-positions.ts'
import { createProgress } from './event-source-progress.ts'

const HOUR_MS = 60 * 60 * 1000
const NOW = 1_800_000_000_000
let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'positions-'))
  file = join(folder, 'positions.json')
})

afterEach(() => rmSync(folder, { recursive: true }))

test('a position is before the oldest record that is not handled, however far others are', () => {
  const progress = createProgress(undefined)
  const [one, two, three, four] = [recordAt('1'), recordAt('2'), recordAt('3'), recordAt('4')]
  for (const record of [one, two, three, four]) progress.accept(record, NOW)

  progress.settle([three])
  expect(progress.position()).toBeUndefined()
  progress.settle([one])
  expect(progress.position()).toMatchObject({ sequenceNumber: '1' })
  progress.settle([two])
  expect(progress.position()).toMatchObject({ sequenceNumber: '3' })
  progress.settle([four])
  progress.pass(recordAt('5'))
  expect(progress.position()).toMatchObject({ sequenceNumber: '5' })
})

test('positions are there for the next start', () => {
  savePosition('stream')

  expect(openPositions(file, 'stream', NOW).of('shard')).toMatchObject({ sequenceNumber: '1' })
  expect(openPositions(file, 'stream', NOW).of('another shard')).toBeUndefined()
})

test('a new table has a new stream, in which old positions mean nothing', () => {
  savePosition('stream')

  expect(openPositions(file, 'new stream', NOW).of('shard')).toBeUndefined()
})

test('a position that is older than the stream keeps records is forgotten', () => {
  savePosition('stream')

  expect(openPositions(file, 'stream', NOW + 23 * HOUR_MS).of('shard')).toBeDefined()
  expect(openPositions(file, 'stream', NOW + 24 * HOUR_MS).of('shard')).toBeUndefined()
})

test.each(['', '{', '{"streamArn":"stream"}'])('a damaged file is no position: %j', (text) => {
  writeFileSync(file, text)

  expect(openPositions(file, 'stream', NOW).of('shard')).toBeUndefined()
  savePosition('stream')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ streamArn: 'stream' })
})

function savePosition(streamArn: string): void {
  const progress = createProgress(undefined)
  progress.pass(recordAt('1'))
  const reader = { shardId: 'shard', progress, finished: Promise.resolve() }
  openPositions(file, streamArn, NOW).save([{ ...reader, hasRead: () => true, leave: () => {} }])
}

function recordAt(sequenceNumber: string) {
  return { sequenceNumber, createdAt: NOW, event: {} }
}
