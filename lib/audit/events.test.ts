import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { anEntry, SOURCE } from '../../test/support/events.ts'
import { GOLD } from '../../test/support/ledger.ts'
import { entryView } from '../http/answers.ts'
import type { WalletId } from '../money/account.ts'
import type { TransactionId } from '../money/transaction.ts'
import { eventsOfStep, fraudFlagged } from './events.ts'
import { raiseFlag, UNEXPLAINED_CHANGE } from './flag.ts'

const DOCS = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8')
const ENTRY = anEntry()
const EXPIRY = anEntry({
  transactionId: 'txn_3qhp0d6c2mtn9u51k7rl8f4eab' as TransactionId,
  type: 'EXPIRE',
  seq: 7,
  availableDelta: 30,
  heldDelta: -30,
  available: 1000,
  postings: [],
  reference: undefined,
})
const WITHDRAWAL = anEntry({
  transactionId: 'txn_0tb5e8ahkq2s1vn6cg9mo4jd7r' as TransactionId,
  type: 'WITHDRAW',
  seq: 8,
  availableDelta: -12_000,
})
const FLAG = raiseFlag(
  {
    rule: 'LARGE_WITHDRAWAL',
    walletId: WITHDRAWAL.walletId,
    asset: GOLD,
    transactionIds: [WITHDRAWAL.transactionId],
    reason: undefined,
    at: WITHDRAWAL.at,
  },
  [WITHDRAWAL.seq],
)

test('an entry is an event, with the id of its hash and what the API shows of it', () => {
  const [event] = eventsOfStep(SOURCE, { flags: [] }, [ENTRY])

  expect(event).toEqual({
    specversion: '1.0',
    id: ENTRY.hash,
    source: SOURCE,
    type: 'transaction.posted',
    subject: 'wallets/alice',
    time: '2026-11-21T06:00:00.000Z',
    datacontenttype: 'application/json',
    partitionkey: 'alice#GOLD_COINS',
    sequence: '000000000002',
    data: { walletId: 'alice', ...entryView(ENTRY) },
  })
})

test('an entry that gives a hold back is a second event, with an id of its own', () => {
  const [posted, expired] = eventsOfStep(SOURCE, { flags: [] }, [EXPIRY])

  expect(posted?.type).toBe('transaction.posted')
  expect(expired).toMatchObject({
    type: 'hold.expired',
    partitionkey: 'alice#GOLD_COINS',
    sequence: '000000000007',
    data: { walletId: 'alice', asset: 'GOLD_COINS', amount: 30, available: 1000, held: 0 },
  })
  expect(expired?.id).not.toBe(posted?.id)
})

test('a flag is an event behind those of the entries, with the place of the one that raised it', () => {
  const events = eventsOfStep(SOURCE, { flags: [FLAG] }, [WITHDRAWAL, { ...ENTRY, seq: 9 }])

  expect(events.map(({ type }) => type)).toEqual([
    'transaction.posted',
    'transaction.posted',
    'fraud.flagged',
  ])
  expect(events[2]).toMatchObject({ id: FLAG.id, sequence: '000000000008' })
})

test('a change that no entry explains is an event without a place in the order', () => {
  const facts = { walletId: 'bob' as WalletId, asset: GOLD, transactionIds: [], at: ENTRY.at }
  const reason = 'the balance has another head'
  const flag = raiseFlag({ ...facts, rule: UNEXPLAINED_CHANGE, reason }, ['record', 'x'])

  const event = fraudFlagged(SOURCE, flag)

  expect(event).toMatchObject({
    id: flag.id,
    subject: 'wallets/bob',
    partitionkey: 'bob#GOLD_COINS',
    data: { rule: 'UNEXPLAINED_CHANGE', reason },
  })
  expect(event).not.toHaveProperty('sequence')
})

test('the same entries make the same events, byte for byte', () => {
  const [once, twice] = [1, 2].map(() =>
    JSON.stringify(eventsOfStep(SOURCE, { flags: [FLAG] }, [ENTRY, EXPIRY])),
  )

  expect(once).toBe(twice)
})

test('ids are unlike each other, and have no full stop, which would blur what is signed', () => {
  const ids = eventsOfStep(SOURCE, { flags: [FLAG] }, [ENTRY, EXPIRY]).map(({ id }) => id)

  expect(new Set(ids).size).toBe(4)
  expect(ids.join('')).toMatch(/^[a-z0-9_]+$/)
})

test.each([
  eventsOfStep('strongbox/prod', { flags: [] }, [ENTRY])[0],
  eventsOfStep('strongbox/prod', { flags: [] }, [EXPIRY])[1],
  fraudFlagged('strongbox/prod', FLAG, [WITHDRAWAL]),
])('the example of $type in the docs is what is sent', (event) => {
  expect(DOCS).toContain(JSON.stringify(event, null, 2))
})
