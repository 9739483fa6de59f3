import { expect, test } from 'vitest'
import { readBalancedSupply } from '../../lib/audit/books.ts'
import { catchUp } from '../../lib/audit/projector.ts'
import { allRules, DEFAULT_THRESHOLDS } from '../../lib/audit/rules/all.ts'
import { imbalance } from '../../lib/audit/supply.ts'
import { type AuditTable, openAuditTable } from '../../lib/audit/table/audit-table.ts'
import type { Command } from '../../lib/ledger/command.ts'
import { findBalance } from '../../lib/ledger/find-balance.ts'
import { findWallet } from '../../lib/ledger/find-wallet.ts'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { SETTLES_AFTER_MS } from '../../lib/ledger/settled.ts'
import { exchangeCommand, verbCommand } from '../../lib/ledger/verbs.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { StoreUnavailable } from '../../lib/store/failures.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { AUDIT_TABLE } from '../../lib/store/tables.ts'
import { ALICE, GEMS, GOLD, origin, posting } from '../support/ledger.ts'
import { CALM } from './dynamodb/faults.ts'
import { openWorld, seeds, TABLE, type World } from './dynamodb/world.ts'

/** Reads that come while a transaction becomes visible, item by item. */

const SLOW_US = { from: 400_000, to: 400_000 }
const LOOKS = 25
const LOOK_EVERY_MS = 20
const ID = { walletId: ALICE, asset: GOLD }

interface Parts {
  readonly ledger: Ledger
  readonly table: AuditTable
}

function start<Result>({ database, scheduler }: World, work: (parts: Parts) => Promise<Result>) {
  return scheduler.spawn('function', async (process) => {
    const client = database.clientOf(process)
    const { sleep, random } = process.effects
    const store = openLedgerStore({ client, tableName: TABLE, sleep })
    const table = openAuditTable({ client, tableName: AUDIT_TABLE.name, sleep, random })
    return work({ ledger: openLedger(store, process.effects), table })
  })
}

async function openWith(commands: readonly Command[], seed: number): Promise<World> {
  const world = openWorld({}, { seed })
  world.database.createTable(AUDIT_TABLE)
  start(world, async ({ ledger }) => {
    for (const code of [GOLD, GEMS]) {
      await ledger.store.putAsset({ code, name: code, scale: 0, active: true })
    }
    for (const command of commands) await post(ledger, command, origin())
  })
  await world.scheduler.run()
  return world
}

/** What readers see who come one after the other, while the transactions that are begun now become visible. */
async function watch<Result>(world: World, look: (parts: Parts) => Promise<Result>) {
  const readers: ReturnType<typeof start<Result>>[] = []
  for (let looks = 0; looks < LOOKS; looks += 1) {
    await world.scheduler.runFor(LOOK_EVERY_MS)
    readers.push(start(world, look))
  }
  await world.scheduler.run()
  return readers.map(({ ending }) => {
    const how = ending()
    if (how?.kind === 'failed' && how.error instanceof StoreUnavailable) return undefined
    if (how?.kind !== 'done') throw new Error(`the read ended otherwise: ${how?.kind}`)
    return how.result
  })
}

test('a consistent read of a wallet shows an exchange in both of its balances, or in neither', async () => {
  const seen = new Set<string>()
  for (const seed of seeds(10)) {
    const rich = [GOLD, GEMS].map((asset) =>
      verbCommand('topup', { walletId: ALICE, asset, amount: toAmount(10) }),
    )
    const world = await openWith(rich, seed)
    world.database.setFaults({ ...CALM, transactionUs: SLOW_US })
    start(world, ({ ledger }) =>
      post(
        ledger,
        exchangeCommand({
          walletId: ALICE,
          from: { asset: GOLD, amount: toAmount(10) },
          to: { asset: GEMS, amount: toAmount(1) },
        }),
        origin(),
      ),
    )

    const wallets = await watch(world, ({ ledger }) => findWallet(ledger.store, ALICE, true))

    for (const wallet of wallets) {
      const balances = wallet?.balances.map(({ asset, available }) => `${asset} ${available}`)
      if (balances) seen.add(balances.sort().join(', '))
    }
  }

  expect(seen).toContain('DIAMONDS 11, GOLD_COINS 0')
  seen.delete('DIAMONDS 11, GOLD_COINS 0')
  seen.delete('DIAMONDS 10, GOLD_COINS 10')
  expect(seen).toEqual(new Set())
})

/** A spend that is planned now, and arrives three seconds later; and what `look` sees half a second before that. */
async function lookBefore(world: World) {
  world.database.setFaults({ ...CALM, requestUs: { from: 3_000_000, to: 3_000_000 } })
  start(world, ({ ledger }) =>
    post(ledger, verbCommand('spend', { ...ID, amount: toAmount(4) }), origin()),
  )
  await world.scheduler.runFor(3_500)
  world.database.setFaults(CALM)
  const at = world.scheduler.startMs + world.scheduler.nowUs() / 1_000 - 100
  const look = (nowMs?: number) =>
    start(world, ({ ledger }) =>
      findBalance(ledger.store, ID, { at, consistent: true, nowMs: nowMs ?? ledger.effects.now() }),
    )
  const first = look()
  await world.scheduler.runFor(500)
  await world.scheduler.run()
  const second = look()
  const muchLater = look(at + SETTLES_AFTER_MS + 1)
  await world.scheduler.run()
  return [first, second, muchLater].map(({ ending }) => ending())
}

test('a balance of the recent past is not said to be settled while a write could still change it', async () => {
  const topup = verbCommand('topup', { ...ID, amount: toAmount(10) })
  const world = await openWith([topup], 1)

  const [first, second, muchLater] = await lookBefore(world)

  expect(first).toMatchObject({ result: { balance: { available: 10, settled: false } } })
  expect(second).toMatchObject({ result: { balance: { available: 6, settled: false } } })
  expect(muchLater).toMatchObject({ result: { balance: { available: 6, settled: true } } })
})

test('a balance of the past is settled as soon as an entry of a later time follows it', async () => {
  const topup = verbCommand('topup', { ...ID, amount: toAmount(10) })
  const world = await openWith([topup], 1)
  const at = world.scheduler.startMs + world.scheduler.nowUs() / 1_000
  await world.scheduler.runFor(1_000)
  start(world, ({ ledger }) => post(ledger, topup, origin()))
  await world.scheduler.run()

  const look = start(world, ({ ledger }) =>
    findBalance(ledger.store, ID, { at, consistent: false, nowMs: ledger.effects.now() }),
  )
  await world.scheduler.run()

  expect(look.ending()).toMatchObject({ result: { balance: { available: 10, settled: true } } })
})

test('the supply of an asset is balanced whenever it is read', async () => {
  let answers = 0
  for (const seed of seeds(10)) {
    const prizes = { type: 'POST', postings: [posting('@prizes', 'alice', GOLD, 5)] } as const
    const world = await openWith(
      [verbCommand('topup', { ...ID, amount: toAmount(1) }), prizes],
      seed,
    )
    world.database.setFaults({ ...CALM, transactionUs: SLOW_US })
    start(world, ({ ledger, table }) => {
      const rules = allRules(DEFAULT_THRESHOLDS)
      const silent = { tell: async () => {}, tellOfWallet: async () => {} }
      return catchUp({ ledger: ledger.store, table, rules, ...silent }, 1, ID)
    })

    const supplies = await watch(world, ({ table }) => readBalancedSupply(table, GOLD))

    for (const supply of supplies) {
      if (!supply) continue
      answers += 1
      expect(imbalance(supply)).toBe(0n)
    }
  }
  expect(answers).toBeGreaterThan(0)
})
