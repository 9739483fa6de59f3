import { expect, test } from 'vitest'
import { findMissed } from './missed.ts'
import type { FaultCount } from './storm.ts'
import type { Fault } from './weather.ts'

test('what has hit no write of the ledger is said, however many others it hit', () => {
  const injected = new Map<Fault, FaultCount>([
    ['slow', { on: { 'write of the ledger': 1, read: 2 }, became: { answered: 1 } }],
    ['answer garbled', { on: { 'write of the audit': 4, read: 9 }, became: {} }],
    ['answer cut off', { on: {}, became: {} }],
  ])

  const missed = findMissed(injected)

  expect(missed).toEqual([
    'answer garbled: has hit no write of the ledger',
    'answer cut off: has hit no write of the ledger',
  ])
})
