import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { describe, expect, test } from 'vitest'
import { readCancellation } from './commit.ts'

const NONE = { Code: 'None' }
const CONFLICT = { Code: 'TransactionConflict' }
/** An entry that is there already, and no more of it than what is looked at. */
const ENTRY_IS_THERE = {
  Code: 'ConditionalCheckFailed',
  Item: marshall({ pk: 'W#alice', sk: 'E#GOLD_COINS#1795268194789#000000000007' }),
}

const WALLET = marshall({
  ...{ pk: 'W#alice', sk: 'P', v: 1, status: 'ACTIVE', metadata: {} },
  ...{ createdAt: 0, balanceCount: 1 },
})

/** As DynamoDB says it of a posting to one wallet: of its record, its balance, its entry. */
function cancelled(...CancellationReasons: { Code: string }[]) {
  return readCancellation(
    new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons }),
  )
}

describe('an entry whose place is taken', () => {
  test.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'while its balance says %s only: whoever took it is not done yet',
    (Code) => {
      const outcome = cancelled(NONE, { Code }, ENTRY_IS_THERE)

      expect(outcome).toEqual({ kind: 'contended' })
    },
  )

  test('while the record is in conflict, too', () => {
    const outcome = cancelled(CONFLICT, CONFLICT, ENTRY_IS_THERE)

    expect(outcome).toEqual({ kind: 'contended' })
  })

  test('under a balance that says nothing of it is no lost race, and no new try would mend it', () => {
    const outcome = cancelled(NONE, NONE, ENTRY_IS_THERE)

    expect(outcome).toBeUndefined()
  })
})

test('what was read and is gone is no conflict, whatever else has changed', () => {
  const gone = { Code: 'ConditionalCheckFailed' }
  const changed = { ...gone, Item: WALLET }

  expect(cancelled(NONE, gone, NONE)).toBeUndefined()
  expect(cancelled(NONE, gone, changed)).toBeUndefined()
  expect(cancelled(NONE, NONE, changed)).toMatchObject({ kind: 'stale' })
})

test('what another send of the same key has changed is not believed while its record is in conflict', () => {
  const balance = { Code: 'ConditionalCheckFailed', Item: WALLET }

  expect(cancelled(CONFLICT, balance)).toEqual({ kind: 'contended' })
})

test('conflicts and throttles alone are lost races', () => {
  const outcome = cancelled(NONE, CONFLICT, { Code: 'ThrottlingError' })

  expect(outcome).toEqual({ kind: 'contended' })
})

test('a reason that nobody knows is a bug', () => {
  const outcome = cancelled(NONE, { Code: 'ValidationError' }, NONE)

  expect(outcome).toBeUndefined()
})
