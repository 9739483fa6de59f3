import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Life, readWord } from './diary.ts'
import type { Noted } from './kept-word.ts'

let folder: string
let lives: Life[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongbox-diary-'))
  lives = []
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function live(wasKilled: boolean, noted: readonly Noted[]): void {
  const diary = join(folder, String(lives.length))
  writeFileSync(diary, noted.map((line) => `${JSON.stringify(line)}\n`).join(''))
  lives.push({ diary, wasKilled })
}

const said = (id: string): Noted => ({ what: 'said', id })
const kept = (id: string, afterMs: number): Noted => ({ what: 'kept', id, afterMs })

test('what was said and is there is no loss', () => {
  live(true, [said('txn_a'), kept('txn_a', 9), said('txn_b')])
  live(false, [said('txn_c'), kept('txn_c', 2)])

  const word = readWord(lives, new Set(['txn_a', 'txn_b', 'txn_c']))

  expect(word).toEqual({
    said: 3,
    lost: new Set(),
    mostLostAtOnce: 0,
    keptAfterMs: [2, 9],
    faults: [],
  })
})

test('what was done again in a later life, or is not there in the end, was lost by a kill', () => {
  live(true, [said('txn_a')])
  live(true, [said('txn_a'), kept('txn_a', 1), said('txn_b')])

  const word = readWord(lives, new Set(['txn_a']))

  expect(word).toMatchObject({ lost: new Set(['txn_a', 'txn_b']), mostLostAtOnce: 1, faults: [] })
})

test('what the SDK sent twice in one life was not lost', () => {
  live(true, [said('txn_a'), said('txn_a')])

  const word = readWord(lives, new Set(['txn_a']))

  expect(word.lost).toEqual(new Set())
})

test('there is no excuse for what was on the disk, nor for what nobody killed', () => {
  live(true, [said('txn_a'), kept('txn_a', 1)])
  live(false, [said('txn_b')])

  const { faults } = readWord(lives, new Set())

  expect(faults).toEqual([
    'txn_a: was lost from the disk',
    'txn_b: was lost, and nobody had killed the database',
  ])
})
