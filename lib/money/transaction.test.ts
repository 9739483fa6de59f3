import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sortMetadata, TRANSACTION_ID_PATTERN, transactionId } from './transaction.ts'

test('the id of a caller and key never changes: records that exist depend on it', () => {
  expect(transactionId('shop', 'order-7')).toBe('txn_1flj461aq2er22fi5keqp7j1h7')
})

test('every id is txn_ and 26 characters', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (client, key) => {
      expect(transactionId(client, key)).toMatch(TRANSACTION_ID_PATTERN)
    }),
  )
})

test('a caller and key cut differently are another transaction', () => {
  expect(transactionId('ab', 'c')).not.toBe(transactionId('a', 'bc'))
  expect(transactionId('a"', 'b')).not.toBe(transactionId('a', '"b'))
})

test('metadata has one order, whatever order it came in: a replay is the same bytes', () => {
  expect(JSON.stringify(sortMetadata({ zebra: '1', apple: '2' }))).toBe('{"apple":"2","zebra":"1"}')
})
