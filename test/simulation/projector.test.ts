import type { DynamoDBRecord } from 'aws-lambda'
import { expect, test } from 'vitest'
import { auditRecords } from '../../lib/audit/audit-records.ts'
import { readBalancedSupply } from '../../lib/audit/books.ts'
import { raiseFlag } from '../../lib/audit/flag.ts'
import { catchUp, type Projector } from '../../lib/audit/projector.ts'
import { rebuild } from '../../lib/audit/rebuild.ts'
import { allRules, DEFAULT_THRESHOLDS } from '../../lib/audit/rules/all.ts'
import { openAuditTable } from '../../lib/audit/table/audit-table.ts'
import type { Command } from '../../lib/ledger/command.ts'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { verbCommand } from '../../lib/ledger/verbs.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import { StoreUnavailable } from '../../lib/store/failures.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { AUDIT_TABLE } from '../../lib/store/tables.ts'
import { ALICE, GOLD, origin, posting } from '../support/ledger.ts'
import { openWorld, TABLE, type World } from './dynamodb/world.ts'
import type { Process } from './process.ts'

const BOB = 'bob' as WalletId
const ID = { walletId: ALICE, asset: GOLD }
const GENERATION = 1

function openParts(world: World, process: Process) {
  const client = world.database.clientOf(process)
  const { sleep, random } = process.effects
  const store = openLedgerStore({ client, tableName: TABLE, sleep })
  const table = openAuditTable({ client, tableName: AUDIT_TABLE.name, sleep, random })
  const projector: Projector = {
    ...{ ledger: store, table, rules: allRules(DEFAULT_THRESHOLDS) },
    ...{ tell: async () => {}, tellOfWallet: async () => {} },
  }
  return { ledger: openLedger(store, process.effects), table, projector }
}

type Parts = ReturnType<typeof openParts>

async function openWith(commands: readonly Command[]): Promise<World> {
  const world = openWorld()
  world.database.createTable(AUDIT_TABLE)
  await call(world, async ({ ledger }) => {
    await ledger.store.putAsset({ code: GOLD, name: 'gold', scale: 0, active: true })
    await postAll(ledger, commands)
  })
  return world
}

function call<Result>(world: World, work: (parts: Parts, process: Process) => Promise<Result>) {
  return world.call((_, process) => work(openParts(world, process), process))
}

async function postAll(ledger: Ledger, commands: readonly Command[]): Promise<void> {
  for (const command of commands) {
    const { kind } = await post(ledger, command, origin())
    if (kind !== 'posted') throw new Error(`not posted: ${kind}`)
  }
}

const topup = (walletId: WalletId, amount: number) =>
  verbCommand('topup', { walletId, asset: GOLD, amount: toAmount(amount) })

test('entries with as many postings as there may be are projected in transactions that DynamoDB takes', async () => {
  const prizes: Command = {
    type: 'POST',
    postings: Array.from({ length: 40 }, (_, n) => posting(`@pool-${n}`, 'alice', GOLD, 1)),
  }
  const world = await openWith(Array.from({ length: 5 }, () => prizes))

  const projected = await call(world, ({ projector }) => catchUp(projector, GENERATION, ID))

  expect(projected).toBe(5)
  const supply = await call(world, ({ table }) => readBalancedSupply(table, GOLD))
  expect(supply).toMatchObject({ inWallets: 200n, accounts: { '@pool-39': -5n } })
})

/** Every record of the stream so far. */
function streamOf({ database }: World): DynamoDBRecord[] {
  const { stream } = database.table(TABLE)
  if (!stream) throw new Error('the ledger has a stream')
  const records = Array.from({ length: stream.shards }, (_, shard) =>
    stream.read(shard, 0, Number.MAX_SAFE_INTEGER),
  ).flat()
  return records.filter(({ dynamodb }) => dynamodb?.Keys?.['sk']?.S?.startsWith('B#'))
}

test('what the stream brings while a rebuild is at work is in the new projections, too', async () => {
  const world = await openWith([topup(ALICE, 10), topup(BOB, 1)])

  await call(world, async ({ ledger, projector }, { effects }) => {
    let isAliceRebuilt = false
    await rebuild({
      ...{ projector, isTelling: true },
      ...{ settle: async () => {}, now: effects.now, sleep: effects.sleep },
      onProgress() {
        isAliceRebuilt = true
      },
      balances: (async function* () {
        yield [{ ...ID, seq: 1 }]
        // Alice is done, and now she gets some more; then the rebuild goes on with the next page.
        expect(isAliceRebuilt).toBe(true)
        await postAll(ledger, [topup(ALICE, 5)])
        await effects.sleep(1_000)
        const audited = await auditRecords(
          { projector, now: effects.now, sleep: effects.sleep, onParked: () => {} },
          streamOf(world),
        )
        expect(audited.failed).toEqual([])
        yield [{ walletId: BOB, asset: GOLD, seq: 1 }]
      })(),
    })
  })

  const [generations, supply] = await call(world, async ({ table }) => {
    return [await table.readGenerations(), await readBalancedSupply(table, GOLD)] as const
  })
  expect(generations).toEqual({ current: 2, building: undefined })
  expect(supply.inWallets).toBe(16n)
})

test('a rebuild goes as far as the old projections, and removes them', async () => {
  const world = await openWith([topup(ALICE, 10), topup(ALICE, 5)])
  await call(world, ({ projector }) => catchUp(projector, GENERATION, ID))

  // The list of balances was made before the second entry.
  const [projection, generations] = await call(world, async ({ projector, table }, { effects }) => {
    await rebuild({
      ...{ projector, isTelling: true, settle: async () => {}, onProgress: () => {} },
      ...{ now: effects.now, sleep: effects.sleep },
      balances: (async function* () {
        yield [{ ...ID, seq: 1 }]
      })(),
    })
    const items: string[] = []
    for await (const page of table.scan()) items.push(...page.map(({ pk }) => String(pk)))
    return [await table.readProjection(2, ID), new Set(items.map((pk) => pk.split('#')[0]))]
  })

  expect(projection).toMatchObject({ seq: 2, available: 15 })
  // Projections of the second generation, and the item that says which one it is.
  expect(generations).toEqual(new Set(['2', 'G']))
})

test('an entry is published before its projection is committed, so that none is lost', async () => {
  const world = await openWith([topup(ALICE, 10)])

  const course = await call(world, async ({ projector, table }) => {
    const seen: string[] = []
    const watched = {
      ...projector,
      tell: async () => {
        seen.push('published')
      },
      table: {
        ...table,
        commitStep: async (...step: Parameters<typeof table.commitStep>) => {
          seen.push('committed')
          return table.commitStep(...step)
        },
      },
    }
    await catchUp(watched, GENERATION, ID)
    return seen
  })

  expect(course).toEqual(['published', 'committed'])
})

test('what the audit keeps of operators and of itself never goes back', async () => {
  const world = await openWith([])
  const flag = raiseFlag(
    { rule: 'LARGE_WITHDRAWAL', ...ID, transactionIds: [], reason: undefined, at: 1 },
    [1],
  )

  const kept = await call(world, async ({ table }) => {
    await table.raise(flag)
    await table.acknowledge(flag.id, { by: 'operator:carol', at: 10 })
    await table.acknowledge(flag.id, { by: 'operator:dave', at: 20 })
    await table.writeProgress({ changedAt: 20, projectedAt: 21 })
    await table.writeProgress({ changedAt: 10, projectedAt: 22 })
    const from = await table.readGenerations()
    const began = await table.writeGenerations(from, { current: 1, building: 2 })
    const beganToo = await table.writeGenerations(from, { current: 1, building: 2 })
    return {
      acknowledged: (await table.readFlag(flag.id))?.acknowledged,
      progress: await table.readProgress(),
      rebuilds: [began, beganToo],
    }
  })

  expect(kept).toEqual({
    acknowledged: { by: 'operator:carol', at: 10 },
    progress: { changedAt: 20, projectedAt: 21 },
    rebuilds: [true, false],
  })
})

test('a balance whose records fail is delivered again from its first failure on, and not counted as done', async () => {
  const world = await openWith([topup(ALICE, 1), topup(ALICE, 2), topup(BOB, 1)])

  const { failed, ofAlice, progress } = await call(
    world,
    async ({ projector, table }, { effects }) => {
      // First, both records of alice fail together. Then they are tried one by one, and the database is away.
      const failures = [new Error('a bug'), new StoreUnavailable('away')]
      const failing = {
        ...table,
        async commitStep(...[generation, from, step]: Parameters<typeof table.commitStep>) {
          const failure = from.walletId === ALICE ? failures.shift() : undefined
          if (failure) throw failure
          return table.commitStep(generation, from, step)
        },
      }
      const records = streamOf(world)
      const audited = await auditRecords(
        {
          projector: { ...projector, table: failing },
          ...{ now: effects.now, sleep: effects.sleep, onParked: () => {} },
        },
        records,
      )
      const numbers = records.flatMap(({ dynamodb }) =>
        dynamodb?.Keys?.['pk']?.S === `W#${ALICE}` ? (dynamodb.SequenceNumber ?? []) : [],
      )
      return { ...audited, ofAlice: numbers, progress: await table.readProgress() }
    },
  )

  expect(ofAlice).toHaveLength(2)
  expect(new Set(failed)).toEqual(new Set(ofAlice))
  expect(progress).toBeUndefined()
})
