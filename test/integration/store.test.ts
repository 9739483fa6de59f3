import { beforeEach, expect, test } from 'vitest'
import { decide, type LedgerState } from '../../lib/ledger/decide.ts'
import { post } from '../../lib/ledger/post.ts'
import { prepare } from '../../lib/ledger/prepare.ts'
import { setWalletStatus } from '../../lib/ledger/wallet-status.ts'
import type { Balance } from '../../lib/money/balance.ts'
import { balanceName } from '../../lib/money/posting.ts'
import type { WalletStatus } from '../../lib/money/wallet.ts'
import type { Commit, StatusCommit } from '../../lib/store/commit.ts'
import {
  ALICE,
  GOLD,
  openTestLedger,
  origin,
  posting,
  scanItems,
  type TestLedger,
} from '../support/ledger.ts'

/** The conditions of a write, each on its own: plans made of what is not true, sent to the table. */

let ledger: TestLedger

beforeEach(async () => {
  ledger = await openTestLedger()
  await post(
    ledger,
    {
      type: 'TOPUP',
      postings: [posting('@treasury', 'alice', GOLD, 100)],
      reference: 'first',
      metadata: { constructor: 'a name like any other' },
    },
    origin(),
  )
})

/** What somebody would write who has just looked. */
async function planAliceTo(status: WalletStatus): Promise<StatusCommit> {
  const found = await ledger.store.readWallet(ALICE, true)
  if (!found) throw new Error('alice has a wallet')
  const { wallet: before, balances } = found
  const statusChanges = before.statusChanges + 1
  const after = { ...before, status, statusChanges, changedAt: Date.now() }
  return { before, after, balances }
}

async function aliceNow(): Promise<Balance> {
  const balance = await ledger.store.readBalance({ walletId: ALICE, asset: GOLD }, true)
  if (!balance) throw new Error('alice has gold')
  return balance
}

/** What would be written if alice's balance were the one given. */
function spendFrom(balance: Balance, amount: number): Commit {
  const state: LedgerState = {
    subject: {},
    assets: new Set([GOLD]),
    balances: new Map([[balanceName(balance), balance]]),
    wallets: new Map(),
  }
  const command = {
    type: 'SPEND' as const,
    postings: [posting('alice', '@treasury', GOLD, amount)],
  }
  const plan = decide(prepare(command, origin()), state, Date.now())
  if (plan.kind !== 'commit') throw new Error(plan.kind)
  return plan.commit
}

test('a plan that believes in more money than there is does not commit, though its number is right', async () => {
  const balance = await aliceNow()

  const outcome = await ledger.store.commit(spendFrom({ ...balance, available: 500 }, 300))

  expect(outcome).toMatchObject({ kind: 'stale', latest: { balances: [{ available: 100 }] } })
})

test('a plan that was made before another movement does not commit', async () => {
  const before = await aliceNow()
  const late = spendFrom(before, 10)
  await ledger.store.commit(spendFrom(before, 1))

  const outcome = await ledger.store.commit(late)

  expect(outcome).toMatchObject({
    kind: 'stale',
    latest: { balances: [{ available: 99, seq: 2 }] },
  })
})

test('a plan that does not know of a freeze does not commit, though nothing moved', async () => {
  const balance = await aliceNow()
  await ledger.store.commitStatus(await planAliceTo('FROZEN'))

  const outcome = await ledger.store.commit(spendFrom(balance, 10))

  expect(outcome).toMatchObject({ kind: 'stale', latest: { balances: [{ status: 'FROZEN' }] } })
})

test('a freeze that comes late, when it was done again and taken back, freezes nothing', async () => {
  const late = await planAliceTo('FROZEN')
  await setWalletStatus(ledger, ALICE, 'FROZEN')
  await setWalletStatus(ledger, ALICE, 'ACTIVE')

  const outcome = await ledger.store.commitStatus(late)

  expect(outcome).toMatchObject({ kind: 'stale' })
  expect(await aliceNow()).toMatchObject({ status: 'ACTIVE' })
})

test('a release that comes late, when it was done again and taken back, releases nothing', async () => {
  await setWalletStatus(ledger, ALICE, 'FROZEN')
  const late = await planAliceTo('ACTIVE')
  await setWalletStatus(ledger, ALICE, 'ACTIVE')
  await setWalletStatus(ledger, ALICE, 'FROZEN')

  const outcome = await ledger.store.commitStatus(late)

  expect(outcome).toMatchObject({ kind: 'stale' })
  expect(await aliceNow()).toMatchObject({ status: 'FROZEN' })
})

test('a close that comes late, when money came in meanwhile, closes nothing', async () => {
  await post(
    ledger,
    { type: 'SPEND', postings: [posting('alice', '@treasury', GOLD, 100)] },
    origin(),
  )
  const late = await planAliceTo('CLOSED')
  await post(
    ledger,
    { type: 'TOPUP', postings: [posting('@treasury', 'alice', GOLD, 5)] },
    origin(),
  )

  const outcome = await ledger.store.commitStatus(late)

  expect(outcome).toMatchObject({ kind: 'stale' })
  expect(await aliceNow()).toMatchObject({ status: 'ACTIVE', available: 5 })
})

test('an asset can get another name, and never another scale', async () => {
  const asset = { code: GOLD, name: 'Gold', scale: 0, active: true }

  expect(await ledger.store.putAsset(asset)).toBe('written')
  expect(await ledger.store.putAsset({ ...asset, scale: 2 })).toBe('scale-differs')
  expect(await ledger.store.readAsset(GOLD)).toEqual(asset)
})

test('a balance carries the entry that made it so, for whoever listens to the stream', async () => {
  const balance = await aliceNow()

  const items = await scanItems(ledger.client, ledger.tableName)

  const item = items.find(({ sk }) => sk === `B#${GOLD}`)
  expect(item).toMatchObject({
    seq: 1,
    last: {
      type: 'TOPUP',
      availableDelta: 100,
      heldDelta: 0,
      postings: [{ counterparty: '@treasury', amount: 100 }],
      reference: 'first',
    },
  })
  expect(balance.head).toHaveLength(64)
})

test('a balance that vanished is a fault, not a race to be run again', async () => {
  const balance = await aliceNow()
  const ghost = { ...balance, walletId: 'nobody' as typeof ALICE }
  const command = { type: 'SPEND' as const, postings: [posting('nobody', '@treasury', GOLD, 1)] }
  const state: LedgerState = {
    subject: {},
    assets: new Set([GOLD]),
    balances: new Map([[balanceName(ghost), ghost]]),
    wallets: new Map(),
  }
  const plan = decide(prepare(command, origin()), state, Date.now())
  if (plan.kind !== 'commit') throw new Error(plan.kind)

  await expect(ledger.store.commit(plan.commit)).rejects.toThrow(/cancelled/)
})
