import { expect, test } from 'vitest'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { VERBS, type VerbName, verbCommand } from '../../lib/ledger/verbs.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { MAX_AMOUNT, toAmount } from '../../lib/money/amount.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { openTestLedger, type TestLedger } from '../support/ledger.ts'
import { meteredClient } from '../support/meter.ts'

const LONGEST = {
  walletId: 'w'.repeat(64) as WalletId,
  asset: 'A'.repeat(32) as AssetCode,
  reference: 'r'.repeat(128),
  // 16 entries, 512 bytes of names and values.
  metadata: Object.fromEntries(
    Array.from({ length: 16 }, (_, index) => [
      `n${String(index).padStart(7, '0')}`,
      'v'.repeat(24),
    ]),
  ),
  client: `player:${'c'.repeat(64)}`,
  idempotencyKey: 'k'.repeat(255),
  requestId: '123e4567-e89b-12d3-a456-426614174000',
}

const verbs = Object.keys(VERBS) as VerbName[]

/** A wallet with half of what fits, so that every verb has room for an amount of 16 digits. */
async function openFullLedger(): Promise<TestLedger> {
  const ledger = await openTestLedger()
  const { walletId, asset } = LONGEST
  await ledger.store.putAsset({ code: asset, name: 'Longest', scale: 0, active: true })
  const amount = toAmount((MAX_AMOUNT - 1) / 2)
  const { client, requestId } = LONGEST
  const start = { client, idempotencyKey: 'start', requestId }
  await post(ledger, verbCommand('topup', { walletId, asset, amount }), start)
  return ledger
}

async function measure(ledger: TestLedger, name: VerbName, key: string, warm: boolean) {
  const { client, bill } = meteredClient(ledger.client, ledger.tableName)
  const metered = openLedger(
    openLedgerStore({ client, tableName: ledger.tableName }),
    ledger.effects,
  )
  if (warm) metered.knownAssets.add(LONGEST.asset)
  const { walletId, asset, reference, metadata, requestId } = LONGEST
  const amount = toAmount((MAX_AMOUNT - 1) / 2)
  const request = verbCommand(name, { walletId, asset, amount, reference, metadata })
  const result = await post(metered, request, {
    client: LONGEST.client,
    idempotencyKey: key.padEnd(255, 'k'),
    requestId,
  })
  return { result, bill }
}

test.each(verbs)(
  '%s costs 6 write units, 1 read unit and 2 requests, at the longest legal values',
  async (name) => {
    const ledger = await openFullLedger()

    const { result, bill } = await measure(ledger, name, name, true)

    expect(result.kind).toBe('posted')
    expect(bill).toMatchObject({ writeUnits: 6, readUnits: 1, requests: 2 })
    expect(bill.largestItemBytes).toBeLessThan(1024)
  },
)

test('the first write of a fresh function reads the asset, too, in the same request', async () => {
  const ledger = await openFullLedger()

  const { bill } = await measure(ledger, 'spend', 'cold', false)

  expect(bill).toMatchObject({ writeUnits: 6, readUnits: 2, requests: 2 })
})

test('the first credit of an asset writes the wallet, too, once in its life', async () => {
  const ledger = await openTestLedger()
  await ledger.store.putAsset({ code: LONGEST.asset, name: 'Longest', scale: 0, active: true })

  const { bill } = await measure(ledger, 'topup', 'first', true)

  expect(bill).toMatchObject({ writeUnits: 8, requests: 3 })
})
