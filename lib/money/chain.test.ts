import { expect, test } from 'vitest'
import type { Account, WalletId } from './account.ts'
import type { AssetCode } from './asset.ts'
import { type Balance, type Entry, unopenedBalance } from './balance.ts'
import { canonicalEntry, findChainBreak, hashEntry } from './chain.ts'
import type { TransactionId } from './transaction.ts'

const ALICE = 'alice' as WalletId
const GOLD = 'GOLD_COINS' as AssetCode

/** A balance and the entries that led to it, one for each change. */
function chainOf(...deltas: number[]): { balance: Balance; entries: Entry[] } {
  let balance = unopenedBalance({ walletId: ALICE, asset: GOLD })
  const entries = deltas.map((delta, index) => {
    const available = balance.available + delta
    const body: Omit<Entry, 'hash'> = {
      walletId: ALICE,
      asset: GOLD,
      seq: index + 1,
      at: 1_000 + index,
      transactionId: `txn_${index}` as TransactionId,
      type: delta > 0 ? 'TOPUP' : 'SPEND',
      availableDelta: delta,
      heldDelta: 0,
      available,
      held: 0,
      postings: [{ counterparty: '@treasury' as Account, amount: delta }],
      reference: undefined,
      prevHash: balance.head,
    }
    const entry = { ...body, hash: hashEntry(body) }
    balance = { ...balance, available, seq: entry.seq, head: entry.hash, at: entry.at }
    return entry
  })
  return { balance, entries }
}

const changed = (entries: Entry[], index: number, change: Partial<Entry>) =>
  entries.map((entry, at) => (at === index ? { ...entry, ...change } : entry))

test('an untouched chain has no break, not even an empty one', () => {
  const { balance, entries } = chainOf(100, -30, -70, 5)

  expect(findChainBreak(balance, entries)).toBeUndefined()
  expect(findChainBreak(unopenedBalance({ walletId: ALICE, asset: GOLD }), [])).toBeUndefined()
})

test.each<[string, Partial<Entry>]>([
  ['amount', { availableDelta: -31 }],
  ['running balance', { available: 71 }],
  ['time', { at: 1 }],
  ['transaction', { transactionId: 'txn_9' as TransactionId }],
  ['reference', { reference: 'a gift' }],
  ['counterparty', { postings: [{ counterparty: '@external' as Account, amount: -30 }] }],
  ['hash', { hash: '0'.repeat(64) }],
  ['link to the one before', { prevHash: '1'.repeat(64) }],
])('an entry with another %s breaks the chain where it stands', (_, change) => {
  const { balance, entries } = chainOf(100, -30, -70)

  const broken = findChainBreak(balance, changed(entries, 1, change))

  expect(broken?.seq).toBe(2)
})

test('an entry that was edited and hashed again breaks the chain behind it', () => {
  const { balance, entries } = chainOf(100, -30, -70)
  const [first, second] = entries
  if (!first || !second) throw new Error('the chain has entries')
  const edited = { ...first, reference: 'nothing to see' }

  const forged = changed(entries, 0, { ...edited, hash: hashEntry(edited) })

  expect(findChainBreak(balance, forged)?.seq).toBe(2)
})

test.each([
  ['the first', 0, 1],
  ['one in the middle', 1, 2],
  ['the newest', 2, 2],
])('%s entry missing is found', (_, index, seq) => {
  const { balance, entries } = chainOf(100, -30, -70)

  const broken = findChainBreak(balance, entries.toSpliced(index, 1))

  expect(broken?.seq).toBe(seq)
})

test.each<[string, Partial<Balance>]>([
  ['more money', { available: 1_000_000 }],
  ['held money', { held: 1 }],
  ['another head', { head: '2'.repeat(64) }],
  ['another count', { seq: 4 }],
  ['another time', { at: 5 }],
])('a balance with %s is found', (_, change) => {
  const { balance, entries } = chainOf(100, -30, -70)

  expect(findChainBreak({ ...balance, ...change }, entries)).toBeDefined()
})

test.each<[string, Partial<Entry>, string]>([
  ['an earlier time', { at: 1 }, 'the entry is older than the one before it'],
  ['a sum that is not one', { available: 71 }, 'the running balance is not the sum of the deltas'],
  ['held money from nowhere', { held: 1 }, 'the running balance is not the sum of the deltas'],
])('an entry with %s is found, though its hash is right', (_, change, reason) => {
  const { balance, entries } = chainOf(100, -30)
  const [, second] = entries
  if (!second) throw new Error('the chain has two entries')
  const body = { ...second, ...change }

  const forged = changed(entries, 1, { ...body, hash: hashEntry(body) })

  expect(findChainBreak(balance, forged)).toEqual({ seq: 2, reason })
})

test('the text under the hash is fixed: chains that exist depend on it', () => {
  const [entry] = chainOf(100).entries
  if (!entry) throw new Error('the chain has an entry')

  expect(canonicalEntry(entry)).toBe(
    `["strongbox.entry.1","alice","GOLD_COINS",1,1000,"txn_0","TOPUP",100,0,100,0,[["@treasury",100]],null,"${'0'.repeat(64)}"]`,
  )
  expect(entry.hash).toBe('b9ba70462390f0c698a8b05eeac4601807f087e6ee13378b0436b286189fca9e')
})
