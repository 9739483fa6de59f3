import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Meter, startMeter } from '../../bench/meter/meter.ts'
import type { Command, PostCommand } from '../../lib/ledger/command.ts'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { exchangeCommand, VERBS, type VerbName, verbCommand } from '../../lib/ledger/verbs.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { MAX_AMOUNT, toAmount } from '../../lib/money/amount.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import { holdIdOf } from '../../lib/money/hold.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { openLocalClient } from '../../local/dynamodb.ts'
import { GEMS, GOLD, openTestLedger, origin, posting, type TestLedger } from '../support/ledger.ts'

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

let meter: Meter

beforeAll(async () => {
  meter = await startMeter(inject('dynamoDbEndpoint'))
})

afterAll(() => meter.stop())

/** The same ledger, as a function sees it that knows some assets already. */
function metered({ tableName, effects }: TestLedger, known: readonly AssetCode[]): Ledger {
  const client = openLocalClient(meter.endpoint)
  const ledger = openLedger(openLedgerStore({ client, tableName }), effects)
  for (const asset of known) ledger.knownAssets.add(asset)
  return ledger
}

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
  const { client, walletId, asset, reference, metadata, requestId } = LONGEST
  const own = metered(ledger, warm ? [asset] : [])
  const amount = toAmount((MAX_AMOUNT - 1) / 2)
  const request = verbCommand(name, { walletId, asset, amount, reference, metadata })
  const from = { client, idempotencyKey: key.padEnd(255, 'k'), requestId }
  return meter.billOf(() => post(own, request, from))
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

/** Ids, references and metadata as they usually are. */
const usual: PostCommand = {
  type: 'TRANSFER',
  postings: [posting('player-17', 'player-18', GOLD, 250)],
  reference: 'gift-2026-11-21',
  metadata: { campaign: 'autumn', level: '9' },
}

describe('other verbs, at usual values', () => {
  async function openUsualLedger() {
    const ledger = await openTestLedger()
    for (const wallet of ['player-17', 'player-18']) {
      for (const asset of [GOLD, GEMS]) {
        const postings = [posting('@treasury', wallet, asset, 1_000)]
        await post(ledger, { type: 'TOPUP', postings }, origin())
      }
    }
    return ledger
  }

  async function billOf(ledger: TestLedger, command: Command) {
    const own = metered(ledger, [GOLD, GEMS])
    const { result, bill } = await meter.billOf(() => post(own, command, origin()))
    if (result.kind !== 'posted') throw new Error(JSON.stringify(result))
    return { bill, id: result.transaction.id }
  }

  const walletId = 'player-17' as WalletId
  const hold = {
    type: 'HOLD',
    walletId,
    asset: GOLD,
    amount: toAmount(5),
    expiresInSeconds: 60,
  } as const

  test('a transfer costs 10 write units, 2 read units and 2 requests', async () => {
    const { bill } = await billOf(await openUsualLedger(), usual)

    expect(bill).toMatchObject({ writeUnits: 10, readUnits: 2, requests: 2 })
  })

  test('an exchange costs 10 write units, 2 read units and 2 requests', async () => {
    const money = (asset: AssetCode, amount: number) => ({ asset, amount: toAmount(amount) })
    const command = exchangeCommand({ walletId, from: money(GOLD, 100), to: money(GEMS, 1) })

    const { bill } = await billOf(await openUsualLedger(), command)

    expect(bill).toMatchObject({ writeUnits: 10, readUnits: 2, requests: 2 })
  })

  test('a hold costs 8 write units and 2 requests', async () => {
    const { bill } = await billOf(await openUsualLedger(), hold)

    expect(bill).toMatchObject({ writeUnits: 8, readUnits: 1, requests: 2 })
  })

  test.each(['CAPTURE', 'VOID'] as const)(
    'a %s costs 8 write units and 3 requests',
    async (type) => {
      const ledger = await openUsualLedger()
      const { id } = await billOf(ledger, hold)

      const { bill } = await billOf(ledger, { type, walletId, holdId: holdIdOf(id) })

      expect(bill).toMatchObject({ writeUnits: 8, readUnits: 2, requests: 3 })
    },
  )

  test('a reversal costs 8 write units and 3 requests', async () => {
    const ledger = await openUsualLedger()
    const spend: Command = { type: 'SPEND', postings: [posting(walletId, '@treasury', GOLD, 5)] }
    const { id } = await billOf(ledger, spend)

    const { bill } = await billOf(ledger, { type: 'REVERSE', transactionId: id, allowDebt: false })

    expect(bill).toMatchObject({ writeUnits: 8, readUnits: 2, requests: 3 })
  })
})

test('at the longest legal values, a transfer between wallets passes 1 KB in its record alone', async () => {
  const ledger = await openFullLedger()
  const other = 'x'.repeat(64)
  const amount = (MAX_AMOUNT - 1) / 2
  const topup = [posting('@treasury', other, LONGEST.asset, 1)]
  await post(ledger, { type: 'TOPUP', postings: topup }, origin())
  const { client, walletId, asset, reference, metadata, requestId } = LONGEST
  const own = metered(ledger, [asset])
  const postings = [posting(walletId, other, asset, amount)]
  const transfer: Command = { type: 'TRANSFER', postings, reference, metadata }
  const from = { client, idempotencyKey: 'longest', requestId }

  const { bill } = await meter.billOf(() => post(own, transfer, from))

  expect(bill).toMatchObject({ writeUnits: 12, requests: 2 })
})

test('the first credit of an asset writes the wallet, too, and the second does not', async () => {
  const ledger = await openTestLedger()
  await ledger.store.putAsset({ code: LONGEST.asset, name: 'Longest', scale: 0, active: true })

  const { bill } = await measure(ledger, 'topup', 'first', true)

  const second = await measure(ledger, 'topup', 'second', true)

  expect(bill).toMatchObject({ writeUnits: 8, requests: 3 })
  expect(second.bill).toMatchObject({ writeUnits: 6, requests: 2 })
})
