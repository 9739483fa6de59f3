import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findViolations } from '../../lib/audit/invariants.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { putWalletMetadata } from '../../lib/ledger/wallet-metadata.ts'
import { freezeForFlag, setWalletStatus } from '../../lib/ledger/wallet-status.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { virtualEffects } from '../support/faults.ts'
import {
  ALICE,
  dropTestLedger,
  GOLD,
  openTestLedger,
  origin,
  posting,
  readContents,
  type TestLedger,
} from '../support/ledger.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const MINUTE_MS = 60_000
const BY_FLAG = { reason: 'RAPID_WITHDRAWALS, flag_1', by: 'auto-freeze' }
const BY_ANOTHER_FLAG = { ...BY_FLAG, reason: 'RAPID_WITHDRAWALS, flag_2' }

let tables: TestLedger
let ledger: ReturnType<typeof openLedger>
let effects: ReturnType<typeof virtualEffects>

beforeEach(async () => {
  tables = await openTestLedger()
  effects = virtualEffects(NOON)
  ledger = openLedger(tables.store, effects)
})

afterEach(async () => {
  const contents = await readContents(tables.client, tables.tableName)
  expect(findViolations(contents)).toEqual([])
  await dropTestLedger(tables)
})

async function postKind(from: string, to: string, amount: number): Promise<string> {
  const command = { type: 'POST', postings: [posting(from, to, GOLD, amount)] } as const
  const result = await post(ledger, command, origin())
  return result.kind === 'declined' ? result.decline.code : result.kind
}

async function aliceNow() {
  const found = await ledger.store.readWallet(ALICE, true)
  return found?.wallet
}

test('a wallet that never had a credit is created by its metadata, and can be frozen: money comes in, and none goes out', async () => {
  await putWalletMetadata(ledger, ALICE, { metadata: { note: 'suspect' } })

  const frozen = await setWalletStatus(ledger, ALICE, 'FROZEN', { reason: 'fraud', by: 'bob' })

  expect(frozen).toMatchObject({ kind: 'done', wallet: { status: 'FROZEN', balanceCount: 0 } })
  expect(await postKind('@treasury', 'alice', 5)).toBe('posted')
  expect(await postKind('alice', '@treasury', 5)).toBe('WALLET_FROZEN')
  expect(await aliceNow()).toMatchObject({ status: 'FROZEN', balanceCount: 1 })
})

describe('a flag', () => {
  beforeEach(async () => {
    await postKind('@treasury', 'alice', 5)
  })

  test('that is delivered twice does not undo a release in between', async () => {
    await effects.sleep(MINUTE_MS)
    const first = await freezeForFlag(ledger, ALICE, NOON, BY_FLAG)
    await effects.sleep(MINUTE_MS)
    await setWalletStatus(ledger, ALICE, 'ACTIVE', { by: 'bob' })
    await effects.sleep(MINUTE_MS)

    const second = await freezeForFlag(ledger, ALICE, NOON, BY_FLAG)

    expect([first.kind, second.kind]).toEqual(['done', 'superseded'])
    expect(await aliceNow()).toMatchObject({ status: 'ACTIVE', changedBy: 'bob' })
  })

  test('for what happens after a release freezes the wallet again', async () => {
    await freezeForFlag(ledger, ALICE, NOON, BY_FLAG)
    await setWalletStatus(ledger, ALICE, 'ACTIVE', { by: 'bob' })
    await effects.sleep(MINUTE_MS)

    const again = await freezeForFlag(ledger, ALICE, NOON + MINUTE_MS, BY_ANOTHER_FLAG)

    const { reason, by: changedBy } = BY_ANOTHER_FLAG
    const wallet = { status: 'FROZEN', reason, changedBy, changedAt: effects.now() }
    expect(again).toMatchObject({ kind: 'done', wallet })
  })

  test('that is delivered twice is known, however wrong the clock of its event was', async () => {
    await freezeForFlag(ledger, ALICE, NOON + MINUTE_MS, BY_FLAG)
    await setWalletStatus(ledger, ALICE, 'ACTIVE', { by: 'bob' })

    const again = await freezeForFlag(ledger, ALICE, NOON + MINUTE_MS, BY_FLAG)

    expect(again).toEqual({ kind: 'superseded' })
  })

  test('that is late does not undo a decision that left the status as it was', async () => {
    await effects.sleep(MINUTE_MS)
    await setWalletStatus(ledger, ALICE, 'ACTIVE', { reason: 'looked at it', by: 'bob' })

    const late = await freezeForFlag(ledger, ALICE, NOON, BY_FLAG)

    expect(late).toEqual({ kind: 'superseded' })
    expect(await aliceNow()).toMatchObject({ status: 'ACTIVE', reason: 'looked at it' })
  })
})

test('an operator who freezes a frozen wallet for another reason is on record, and once', async () => {
  await postKind('@treasury', 'alice', 5)
  await freezeForFlag(ledger, ALICE, NOON, BY_FLAG)

  for (let times = 0; times < 2; times += 1) {
    await setWalletStatus(ledger, ALICE, 'FROZEN', { reason: 'police 17', by: 'bob' })
  }

  const wallet = { status: 'FROZEN', reason: 'police 17', changedBy: 'bob', statusChanges: 2 }
  expect(await aliceNow()).toMatchObject(wallet)
})

describe('a wallet that is to be closed', () => {
  beforeEach(async () => {
    await postKind('@treasury', 'alice', 5)
  })

  test('is not, while a hold keeps money in it', async () => {
    const hold = { type: 'HOLD', walletId: ALICE, asset: GOLD, expiresInSeconds: 60 } as const
    await post(ledger, { ...hold, amount: toAmount(5) }, origin())

    const result = await setWalletStatus(ledger, ALICE, 'CLOSED')

    expect(result).toEqual({ kind: 'refused', code: 'WALLET_NOT_EMPTY' })
  })

  test('stays closed', async () => {
    await postKind('alice', '@treasury', 5)
    await setWalletStatus(ledger, ALICE, 'CLOSED')

    const reopened = await setWalletStatus(ledger, ALICE, 'ACTIVE')

    expect(reopened).toEqual({ kind: 'refused', code: 'WALLET_CLOSED' })
    expect(await aliceNow()).toMatchObject({ status: 'CLOSED', statusChanges: 1 })
  })
})

test('every change of a status is kept, with who made it, when and why', async () => {
  await postKind('@treasury', 'alice', 5)
  await setWalletStatus(ledger, ALICE, 'FROZEN', { reason: 'chargeback-19', by: 'bob' })
  await effects.sleep(MINUTE_MS)
  await setWalletStatus(ledger, ALICE, 'ACTIVE', { by: 'carol' })

  const history = await ledger.store.readStatusHistory(ALICE)

  expect(history).toEqual([
    {
      ...{ walletId: ALICE, number: 1, status: 'FROZEN' },
      ...{ reason: 'chargeback-19', by: 'bob', at: NOON },
    },
    {
      ...{ walletId: ALICE, number: 2, status: 'ACTIVE' },
      ...{ reason: undefined, by: 'carol', at: NOON + MINUTE_MS },
    },
  ])
})
