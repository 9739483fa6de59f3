import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findViolations } from '../../lib/audit/invariants.ts'
import type { Command, PostCommand } from '../../lib/ledger/command.ts'
import { openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { RETRY_BUDGET_MS } from '../../lib/ledger/retry.ts'
import { putWalletMetadata } from '../../lib/ledger/wallet-metadata.ts'
import { setWalletStatus } from '../../lib/ledger/wallet-status.ts'
import { toAmount } from '../../lib/money/amount.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import { holdIdOf } from '../../lib/money/hold.ts'
import { toAttributes } from '../../lib/store/attributes.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import {
  cancelled,
  type Fault,
  faultyClient,
  faultyReader,
  forgetfulReader,
  virtualEffects,
} from '../support/faults.ts'
import {
  ALICE,
  GEMS,
  GOLD,
  openTestLedger,
  origin,
  posting,
  readContents,
  scanItems,
  type TestLedger,
} from '../support/ledger.ts'

let ledger: TestLedger

beforeEach(async () => {
  ledger = await openTestLedger()
})

const topup = (wallet: string, amount: number, asset = GOLD): PostCommand => ({
  type: 'TOPUP',
  postings: [posting('@treasury', wallet, asset, amount)],
})
const spend = (wallet: string, amount: number): PostCommand => ({
  type: 'SPEND',
  postings: [posting(wallet, '@treasury', GOLD, amount)],
})

async function available(walletId = ALICE, asset = GOLD): Promise<number | undefined> {
  const balance = await ledger.store.readBalance({ walletId, asset }, true)
  return balance?.available
}

afterEach(async () => {
  expect(await violations()).toEqual([])
})

async function violations() {
  return findViolations(await readContents(ledger.client, ledger.tableName))
}

/** The same ledger, through a network that misbehaves. Its time passes only by waiting. */
function throughFaults(...faults: Fault[]) {
  const { client, tableName } = ledger
  const effects = virtualEffects(Date.now())
  const store = openLedgerStore({ client: faultyClient(client, faults), tableName })
  return { ...openLedger(store, effects), effects }
}

describe('an answer that never came', () => {
  test('after the commit: the request finds its own record and moves money once', async () => {
    await post(ledger, topup('alice', 100), origin())

    const result = await post(throughFaults('lost-after'), spend('alice', 100), origin())

    expect(result).toMatchObject({ kind: 'posted', replayed: false })
    expect(await available()).toBe(0)
  })

  test('after the commit, for a reason that nobody thought of: the record tells all the same', async () => {
    await post(ledger, topup('alice', 100), origin())

    const result = await post(throughFaults('broken-pipe-after'), spend('alice', 100), origin())

    expect(result).toMatchObject({ kind: 'posted', replayed: false })
    expect(await available()).toBe(0)
  })

  test('before the commit: the request is tried again', async () => {
    await post(ledger, topup('alice', 100), origin())

    const result = await post(throughFaults('lost-before'), spend('alice', 60), origin())

    expect(result).toMatchObject({ kind: 'posted', replayed: false })
    expect(await available()).toBe(40)
  })

  test('again and again: the caller is told to come back, and may with the same key', async () => {
    await post(ledger, topup('alice', 100), origin())
    const silent = throughFaults(...Array<Fault>(200).fill('lost-before'))

    const result = await post(silent, spend('alice', 60), origin('key'))
    const later = await post(ledger, spend('alice', 60), origin('key'))

    expect(result).toEqual({ kind: 'busy' })
    expect(later).toMatchObject({ kind: 'posted', replayed: false })
    expect(await available()).toBe(40)
  })
})

describe('a crowd', () => {
  test('tries that are lost are counted, and conflicts apart, until somebody asks', async () => {
    await post(ledger, topup('alice', 100), origin())
    const busy = throughFaults('conflict', 'lost-before', 'conflict')

    await post(busy, spend('alice', 60), origin())

    expect(busy.conflictCount.take()).toEqual({ conflicts: 2, retries: 3 })
    expect(busy.conflictCount.take()).toEqual({ conflicts: 0, retries: 0 })
  })

  test('a conflict or a throttle is waited out', async () => {
    await post(ledger, topup('alice', 100), origin())
    const crowded = throughFaults('conflict', 'throttled', 'throttled-inside')

    const result = await post(crowded, spend('alice', 60), origin())

    expect(result.kind).toBe('posted')
    expect(crowded.effects.slept).toHaveLength(3)
    expect(await available()).toBe(40)
  })

  test('a spend that meets itself while it is written is answered, not declined', async () => {
    await post(ledger, topup('alice', 50), origin())
    // The other send of the same key commits in the middle of ours; what DynamoDB then shows is half of it:
    // the balance is empty already, the record is still being written.
    const halfSeen = async () => {
      await post(ledger, spend('alice', 50), origin('both'))
      const empty = { pk: 'W#alice', sk: `B#${GOLD}` }
      const items = await scanItems(ledger.client, ledger.tableName)
      const balance = items.find(({ pk, sk }) => pk === empty.pk && sk === empty.sk)
      return cancelled([
        { Code: 'TransactionConflict' },
        { Code: 'ConditionalCheckFailed', Item: toAttributes(balance ?? {}) },
        { Code: 'None' },
      ])
    }

    const result = await post(throughFaults(halfSeen), spend('alice', 50), origin('both'))

    expect(result).toMatchObject({ kind: 'posted', replayed: true })
    expect(await available()).toBe(0)
  })

  test('a decline is given only on what was read together with the record', async () => {
    await post(ledger, topup('alice', 50), origin())
    await post(ledger, spend('alice', 50), origin('key'))
    const { client, tableName } = ledger
    const reader = faultyReader(client, ['conflict', 'conflict'])
    const effects = virtualEffects(Date.now())
    const process = openLedger(openLedgerStore({ client: reader, tableName }), effects)

    const again = await post(process, spend('alice', 50), origin('key'))
    const declined = await post(process, spend('alice', 50), origin())

    expect(again).toMatchObject({ kind: 'posted', replayed: true })
    expect(declined).toMatchObject({ decline: { code: 'INSUFFICIENT_FUNDS', available: 0 } })
    expect(effects.slept).toHaveLength(2)
  })

  test('keys that a batch read leaves out are asked for again', async () => {
    await post(ledger, topup('alice', 50), origin())
    const { client, tableName, effects } = ledger
    const store = openLedgerStore({ client: forgetfulReader(client, 1), tableName })

    const result = await post(openLedger(store, effects), spend('alice', 20), origin())

    expect(result.kind).toBe('posted')
    expect(await available()).toBe(30)
  })

  test('the waits grow, and end', async () => {
    await post(ledger, topup('alice', 100), origin())
    const crowded = throughFaults(...Array<Fault>(200).fill('conflict'))

    const result = await post(crowded, spend('alice', 60), origin())

    const { slept } = crowded.effects
    const [first = 0, second = 0] = slept
    expect(result).toEqual({ kind: 'busy' })
    expect(second).toBeGreaterThan(first)
    expect(Math.max(...slept)).toBeGreaterThan(10 * second)
    expect(slept.reduce((sum, ms) => sum + ms)).toBeLessThan(RETRY_BUDGET_MS)
    expect(slept.length).toBeLessThan(20)
  })

  test('spends of many processes at once never overdraw, and every one gets its answer', async () => {
    await post(ledger, topup('alice', 100), origin())
    const processes = Array.from({ length: 12 }, () => {
      const store = openLedgerStore({ client: ledger.client, tableName: ledger.tableName })
      return openLedger(store, ledger.effects)
    })

    const results = await Promise.all(
      processes.flatMap((process) => [
        post(process, spend('alice', 5), origin()),
        post(process, spend('alice', 5), origin()),
      ]),
    )

    const count = (kind: string) => results.filter((result) => result.kind === kind).length
    expect({ posted: count('posted'), declined: count('declined') }).toEqual({
      posted: 20,
      declined: 4,
    })
    expect(await available()).toBe(0)
  })

  test('one key sent by many processes at once moves money once', async () => {
    await post(ledger, topup('alice', 100), origin())
    const processes = Array.from({ length: 10 }, () => {
      const store = openLedgerStore({ client: ledger.client, tableName: ledger.tableName })
      return openLedger(store, ledger.effects)
    })

    const results = await Promise.all(
      processes.map((process) => post(process, spend('alice', 100), origin('one-key'))),
    )

    const originals = results.filter((result) => result.kind === 'posted' && !result.replayed)
    expect(results.map(({ kind }) => kind)).toEqual(Array(10).fill('posted'))
    expect(originals).toHaveLength(1)
    expect(await available()).toBe(0)
  })
})

describe('a key', () => {
  test('belongs to its caller: two callers may use the same one', async () => {
    const request = topup('alice', 10)

    const results = [
      await post(ledger, request, origin('same', 'shop')),
      await post(ledger, request, origin('same', 'arena')),
    ]

    expect(results).toMatchObject([{ replayed: false }, { replayed: false }])
    expect(await available()).toBe(20)
  })

  test('of a declined request stays free', async () => {
    await post(ledger, topup('alice', 10), origin())
    const declined = await post(ledger, spend('alice', 11), origin('again'))

    const posted = await post(ledger, spend('alice', 10), origin('again'))

    expect(declined).toMatchObject({ kind: 'declined', decline: { code: 'INSUFFICIENT_FUNDS' } })
    expect(posted).toMatchObject({ kind: 'posted', replayed: false })
  })

  test('of a request that the client made differently is refused, even where the money is gone', async () => {
    await post(ledger, topup('alice', 10), origin())
    await post(ledger, spend('alice', 10), origin('key'))

    const reused = await post(ledger, spend('alice', 9), origin('key'))

    expect(reused.kind).toBe('key-reused')
  })
})

describe('a reversal', () => {
  test('under the key of what it would reverse is another request under that key', async () => {
    const made = await post(ledger, topup('alice', 10), origin('order-1'))
    if (made.kind !== 'posted') throw new Error('not posted')
    const { id: transactionId } = made.transaction
    const reverse = { type: 'REVERSE', transactionId, allowDebt: false } as const
    await post(ledger, reverse, origin('order-1-back'))

    const result = await post(ledger, reverse, origin('order-1'))

    expect(result).toEqual({ kind: 'key-reused', transactionId })
    expect(await available()).toBe(0)
  })

  test('creates a debt only with allowDebt', async () => {
    const made = await post(ledger, topup('alice', 10), origin())
    if (made.kind !== 'posted') throw new Error('not posted')
    await post(ledger, spend('alice', 4), origin())
    const { id: transactionId } = made.transaction

    const refused = await post(
      ledger,
      { type: 'REVERSE', transactionId, allowDebt: false },
      origin(),
    )
    const allowed = await post(
      ledger,
      { type: 'REVERSE', transactionId, allowDebt: true },
      origin(),
    )

    expect(refused).toMatchObject({ decline: { code: 'INSUFFICIENT_FUNDS', available: 6 } })
    expect(allowed.kind).toBe('posted')
    expect(await available()).toBe(-4)
  })
})

describe('a hold', () => {
  const SECONDS = 60

  async function holdAll(amount: number) {
    await post(ledger, topup('alice', amount), origin())
    const command = { type: 'HOLD', walletId: ALICE, asset: GOLD } as const
    const result = await post(
      ledger,
      { ...command, amount: toAmount(amount), expiresInSeconds: SECONDS },
      origin(),
    )
    if (result.kind !== 'posted') throw new Error('no hold')
    return holdIdOf(result.transaction.id)
  }

  test('never keeps so much that it could not be given back', async () => {
    const holdId = await holdAll(Number.MAX_SAFE_INTEGER)

    const more = await post(ledger, topup('alice', 1), origin())
    const voided = await post(ledger, { type: 'VOID', walletId: ALICE, holdId }, origin())

    expect(more).toMatchObject({ decline: { code: 'BALANCE_LIMIT' } })
    expect(voided.kind).toBe('posted')
    expect(await available()).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('that expires while a capture is on its way is not declined: the capture may yet arrive', async () => {
    const holdId = await holdAll(10)
    const late = throughFaults('lost-before')
    const { expiresAt = 0 } = (await ledger.store.readHold({ walletId: ALICE, holdId }, true)) ?? {}
    // Just before the end; the wait for the next try is over after it.
    const effects = virtualEffects(expiresAt - 1)
    const process = { ...late, effects }

    const result = await post(process, { type: 'CAPTURE', walletId: ALICE, holdId }, origin())

    expect(effects.now()).toBeGreaterThan(expiresAt)
    expect(result.kind).toBe('busy')
  })

  test('that appears between two reads is not mistaken for one without a wallet', async () => {
    const holdId = await holdAll(10)
    const { client, tableName } = ledger
    let reads = 0
    const blindOnce = new Proxy(client, {
      get: (target, name) => {
        if (name !== 'send') return Reflect.get(target, name)
        return async (command: GetItemCommand) => {
          if (command instanceof GetItemCommand) reads += 1
          return command instanceof GetItemCommand && reads === 1 ? {} : target.send(command)
        }
      },
    })
    const store = openLedgerStore({ client: blindOnce, tableName })
    const process = openLedger(store, virtualEffects(Date.now()))

    const result = await post(process, { type: 'CAPTURE', walletId: ALICE, holdId }, origin())

    expect(result.kind).toBe('posted')
  })
})

describe('a frozen wallet', () => {
  const hold = { type: 'HOLD', walletId: ALICE, asset: GOLD, expiresInSeconds: 60 } as const

  async function declineOf(request: Command): Promise<string> {
    const result = await post(ledger, request, origin())
    return result.kind === 'declined' ? result.decline.code : result.kind
  }

  test.each<[string, Command]>([
    ['a spend', spend('alice', 1)],
    ['a hold', { ...hold, amount: toAmount(1) }],
    [
      'money that passes through it, even if as much comes in as goes out',
      {
        type: 'POST',
        postings: [posting('alice', 'bob', GOLD, 50), posting('@treasury', 'alice', GOLD, 50)],
      },
    ],
  ])('declines %s', async (_, request) => {
    await post(ledger, topup('alice', 100), origin())
    await setWalletStatus(ledger, ALICE, 'FROZEN')

    expect(await declineOf(request)).toBe('WALLET_FROZEN')
    expect(await available()).toBe(100)
  })

  test('can still be charged back, and its earlier holds can be captured', async () => {
    const bought = await post(ledger, topup('alice', 100), origin())
    const held = await post(ledger, { ...hold, amount: toAmount(30) }, origin())
    if (bought.kind !== 'posted' || held.kind !== 'posted') throw new Error('not posted')
    await setWalletStatus(ledger, ALICE, 'FROZEN')

    const holdId = holdIdOf(held.transaction.id)
    const { id: transactionId } = bought.transaction
    const captured = await declineOf({ type: 'CAPTURE', walletId: ALICE, holdId })
    const reversed = await declineOf({ type: 'REVERSE', transactionId, allowDebt: true })

    expect([captured, reversed]).toEqual(['posted', 'posted'])
    expect(await available()).toBe(-30)
  })
})

test('a wallet that does not exist cannot be debited, even if the same transaction funds it', async () => {
  const request: PostCommand = {
    type: 'POST',
    postings: [posting('@treasury', 'zoe', GOLD, 50), posting('zoe', 'bob', GOLD, 50)],
  }

  const result = await post(ledger, request, origin())

  expect(result).toMatchObject({ decline: { code: 'WALLET_NOT_FOUND', walletId: 'zoe' } })
})

describe('many postings', () => {
  const trade: PostCommand = {
    type: 'POST',
    postings: [
      posting('alice', 'bob', GOLD, 70),
      posting('bob', 'alice', GEMS, 3),
      posting('alice', '@market-fees', GOLD, 5),
      posting('bob', '@market-fees', GOLD, 5),
    ],
  }

  test('move all of it: each balance gets one entry that nets its postings', async () => {
    await post(ledger, topup('alice', 100), origin())
    await post(ledger, topup('bob', 4, GEMS), origin())

    const result = await post(ledger, trade, origin())

    expect(result).toMatchObject({
      transaction: {
        balances: [
          { walletId: 'alice', asset: GOLD, available: 25 },
          { walletId: 'bob', asset: GOLD, available: 65 },
          { walletId: 'bob', asset: GEMS, available: 1 },
          { walletId: 'alice', asset: GEMS, available: 3 },
        ],
      },
    })
  })

  test('move none of it where one of them cannot be paid', async () => {
    await post(ledger, topup('alice', 100), origin())
    await post(ledger, topup('bob', 2, GEMS), origin())

    const result = await post(ledger, trade, origin())

    expect(result).toMatchObject({ decline: { walletId: 'bob', asset: GEMS, available: 2 } })
    expect(await available()).toBe(100)
  })

  test('leave an entry in a wallet that they pass through', async () => {
    await putWalletMetadata(ledger, ALICE, { metadata: {} })
    const request: PostCommand = {
      type: 'POST',
      postings: [posting('@treasury', 'alice', GOLD, 9), posting('alice', '@market-fees', GOLD, 9)],
    }

    await post(ledger, request, origin())

    const { entries } = await readContents(ledger.client, ledger.tableName)
    expect(entries).toMatchObject([{ walletId: 'alice', availableDelta: 0, available: 0, seq: 1 }])
  })

  test('up to 40 of them commit at once', async () => {
    const prizes = Array.from({ length: 40 }, (_, index) =>
      posting('@prize-pool', index % 2 === 0 ? 'alice' : `winner-${index}`, GOLD, index + 1),
    )

    const result = await post(ledger, { type: 'POST', postings: prizes }, origin())

    expect(result.kind).toBe('posted')
  })

  test('that touch more than one DynamoDB transaction can hold are declined', async () => {
    const prizes = Array.from({ length: 40 }, (_, index) =>
      posting('@prize-pool', `winner-${index}`, GOLD, 1),
    )

    const result = await post(ledger, { type: 'POST', postings: prizes }, origin())

    expect(result).toMatchObject({ decline: { code: 'TRANSACTION_TOO_LARGE', limit: 100 } })
  })

  test('whose sums pass 2^53 on the way are added exactly', async () => {
    const most = Number.MAX_SAFE_INTEGER
    await putWalletMetadata(ledger, ALICE, { metadata: {} })
    const request: PostCommand = {
      type: 'POST',
      postings: [
        posting('@treasury', 'alice', GOLD, most),
        posting('@treasury', 'alice', GOLD, 2),
        posting('alice', '@market-fees', GOLD, 3),
      ],
    }

    const result = await post(ledger, request, origin())

    expect(result.kind).toBe('posted')
    expect(await available()).toBe(most - 1)
  })
})

describe('the books', () => {
  test('never go back in time, whatever the clock does', async () => {
    const early = openLedger(ledger.store, virtualEffects(1_000_000_000_000))
    await post(ledger, topup('alice', 10), origin())

    await post(early, spend('alice', 1), origin())

    const { entries, balances } = await readContents(ledger.client, ledger.tableName)
    const [first, second] = entries.toSorted((a, b) => a.seq - b.seq)
    expect(second?.at).toBe(first?.at)
    expect(balances[0]?.at).toBe(second?.at)
  })

  test('take no asset that is not registered', async () => {
    const unknown = 'SHELLS' as AssetCode

    const result = await post(ledger, topup('alice', 10, unknown), origin())

    expect(result).toMatchObject({ decline: { code: 'ASSET_NOT_FOUND', asset: unknown } })
  })

  test('count both of two assets that a wallet opens at the same time', async () => {
    await post(ledger, topup('alice', 1, GOLD), origin())
    const third = 'SHELLS' as AssetCode
    await ledger.store.putAsset({ code: third, name: 'Shells', scale: 0, active: true })

    await Promise.all(
      [GEMS, third].map((asset) =>
        post(openLedger(ledger.store, ledger.effects), topup('alice', 1, asset), origin()),
      ),
    )

    const { wallets } = await readContents(ledger.client, ledger.tableName)
    expect(wallets).toMatchObject([{ id: 'alice', balanceCount: 3 }])
  })

  test('count an asset that a wallet opens while another process opens another', async () => {
    await Promise.all([
      post(openLedger(ledger.store, ledger.effects), topup('alice', 1, GOLD), origin()),
      post(openLedger(ledger.store, ledger.effects), topup('alice', 1, GEMS), origin()),
    ])

    const { wallets } = await readContents(ledger.client, ledger.tableName)

    expect(wallets).toMatchObject([{ id: 'alice', balanceCount: 2 }])
  })
})
