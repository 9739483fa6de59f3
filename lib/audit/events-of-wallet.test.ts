import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda'
import { expect, test } from 'vitest'
import { SOURCE } from '../../test/support/events.ts'
import { ALICE } from '../../test/support/ledger.ts'
import { newWallet, type Wallet, type WalletStatus } from '../money/wallet.ts'
import { walletItem } from '../store/items.ts'
import { walletFrozen } from './events-of-wallet.ts'

const DOCS = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8')

function image(status: WalletStatus): Record<string, AttributeValue> {
  const wallet: Wallet = {
    ...newWallet(ALICE, 0),
    status,
    reason: 'her brother plays on her phone',
    changedBy: 'operator:bob',
    metadata: { name: 'Alice' },
    balanceCount: 1,
  }
  const attributes = marshall(walletItem(wallet), { removeUndefinedValues: true })
  return JSON.parse(JSON.stringify(attributes))
}

function record(before: WalletStatus | undefined, after: WalletStatus | undefined): DynamoDBRecord {
  return {
    dynamodb: {
      Keys: { pk: { S: 'W#alice' }, sk: { S: 'P' } },
      SequenceNumber: '000000000000000000123',
      ApproximateCreationDateTime: Date.UTC(2026, 10, 21, 6) / 1000,
      ...(before && { OldImage: image(before) }),
      ...(after && { NewImage: image(after) }),
    },
  }
}

test('a wallet that is frozen is an event, which says nothing of why or whose it is', () => {
  const event = walletFrozen(SOURCE, record('ACTIVE', 'FROZEN'))

  expect(event).toEqual({
    specversion: '1.0',
    id: expect.stringMatching(/^frozen_[0-9a-f]{26}$/),
    source: SOURCE,
    type: 'wallet.frozen',
    subject: 'wallets/alice',
    time: '2026-11-21T06:00:00.000Z',
    datacontenttype: 'application/json',
    partitionkey: 'alice',
    data: { walletId: 'alice', status: 'FROZEN' },
  })
})

test('a record that comes twice is one event', () => {
  const [once, twice] = [1, 2].map(() => walletFrozen(SOURCE, record('ACTIVE', 'FROZEN')))

  expect(once).toEqual(twice)
})

test.each([
  ['ACTIVE', 'ACTIVE'],
  ['FROZEN', 'FROZEN'],
  ['FROZEN', 'ACTIVE'],
  ['ACTIVE', 'CLOSED'],
  [undefined, 'ACTIVE'],
  ['FROZEN', undefined],
] as const)('from %s to %s is none', (before, after) => {
  expect(walletFrozen(SOURCE, record(before, after))).toBeUndefined()
})

test('a balance that is frozen with its wallet is none', () => {
  const { dynamodb } = record('ACTIVE', 'FROZEN')
  const Keys = { pk: { S: 'W#alice' }, sk: { S: 'B#GOLD_COINS' } }

  expect(walletFrozen(SOURCE, { dynamodb: { ...dynamodb, Keys } })).toBeUndefined()
})

test('the example in the docs is what is sent', () => {
  const event = walletFrozen('strongbox/prod', record('ACTIVE', 'FROZEN'))

  expect(DOCS).toContain(JSON.stringify(event, null, 2))
})
