import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { catchUp, EntryMissing } from '../../lib/audit/projector.ts'
import { rebuild } from '../../lib/audit/rebuild.ts'
import { allRules, DEFAULT_THRESHOLDS } from '../../lib/audit/rules/all.ts'
import { openAuditTable } from '../../lib/audit/table/audit-table.ts'
import type { Command } from '../../lib/ledger/command.ts'
import {
  type HistoryPosition,
  type HistoryQuery,
  listEntries,
  listHolds,
  listTransactions,
} from '../../lib/ledger/history.ts'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { verbCommand } from '../../lib/ledger/verbs.ts'
import { verifyChain } from '../../lib/ledger/verify.ts'
import { toAmount } from '../../lib/money/amount.ts'
import type { Entry } from '../../lib/money/balance.ts'
import { holdIdOf } from '../../lib/money/hold.ts'
import { toAttributes } from '../../lib/store/attributes.ts'
import { StoreUnavailable } from '../../lib/store/failures.ts'
import { entryKey, MAX_AT, MAX_SEQ } from '../../lib/store/keys.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { AUDIT_TABLE } from '../../lib/store/tables.ts'
import { ALICE, GEMS, GOLD, origin, posting } from '../support/ledger.ts'
import { CALM, type Faults } from './dynamodb/faults.ts'
import { openWorld, seeds, TABLE, type World } from './dynamodb/world.ts'
import type { Process } from './process.ts'

/**
 * A transaction becomes visible item by item: its balance may be there before its entry. Who builds on that balance may
 * be visible first, and there is a hole in the history for a moment.
 */

const SLOW_US = { from: 400_000, to: 400_000 }
const TOPUP = verbCommand('topup', { walletId: ALICE, asset: GOLD, amount: toAmount(10) })
const HOLD: Command = {
  ...{ type: 'HOLD', walletId: ALICE, asset: GOLD },
  ...{ amount: toAmount(3), expiresInSeconds: 60 },
}
/** Moves gems and gold, and is shown among the gems. */
const BOTH: Command = {
  type: 'POST',
  postings: [posting('@prizes', 'alice', GEMS, 1), posting('@prizes', 'alice', GOLD, 2)],
}
const ID = { walletId: ALICE, asset: GOLD }

type Work<Result> = (ledger: Ledger, process: Process) => Promise<Result>

function onLedger<Result>(work: Work<Result>) {
  return (client: Parameters<Parameters<World['call']>[0]>[0], process: Process) => {
    const { effects } = process
    const store = openLedgerStore({ client, tableName: TABLE, sleep: effects.sleep })
    return work(openLedger(store, effects), process)
  }
}

/** What it answers, while whatever else goes on is not waited for. */
async function meanwhile<Result>({ scheduler, begin }: World, work: Work<Result>) {
  const { ending } = begin(onLedger(work))
  await scheduler.runUntil(() => ending() !== undefined)
  const how = ending()
  if (how?.kind === 'failed') throw how.error
  if (how?.kind !== 'done') throw new Error('it never ended')
  return how.result
}

async function mustPost(ledger: Ledger, command: Command): Promise<void> {
  const result = await post(ledger, command, origin())
  if (result.kind !== 'posted') throw new Error(`not posted: ${result.kind}`)
}

const ALL = { oldest: { at: 0, seq: 0 }, newest: { at: MAX_AT, seq: MAX_SEQ } }

function bareQuery({ store }: Ledger, asset = GOLD): Promise<readonly Entry[]> {
  const range = { ...ID, ...ALL, asset, order: 'asc', limit: 100, consistent: true } as const
  return store.readEntries(range).then(({ entries }) => entries)
}

const numbers = (entries: readonly { readonly seq: number }[]) => entries.map(({ seq }) => seq)

interface Course {
  readonly before: readonly Command[]
  readonly first: Command
  readonly second?: Command
}

/** The moment after the first was taken in hand, and the second, after it, was done. */
async function live({ before, first, second = TOPUP }: Course, seed: number): Promise<World> {
  const world = openWorld({}, { seed })
  world.database.createTable(AUDIT_TABLE)
  await meanwhile(world, async (ledger) => {
    for (const code of [GOLD, GEMS]) {
      await ledger.store.putAsset({ code, name: code, scale: 0, active: true })
    }
    for (const command of before) await mustPost(ledger, command)
  })
  world.database.setFaults({ ...CALM, transactionUs: SLOW_US })
  world.begin(onLedger((ledger) => mustPost(ledger, first)))
  await world.scheduler.runFor(1)
  world.database.setFaults(CALM)
  await meanwhile(world, (ledger) => mustPost(ledger, second))
  return world
}

/** One in which it is so, again and again the same. */
async function find(course: Course, isSo: (ledger: Ledger) => Promise<boolean>) {
  for (const seed of seeds(100)) {
    if (await meanwhile(await live(course, seed), isSo)) return () => live(course, seed)
  }
  throw new Error('no seed has it so')
}

/** One in which the second can be seen and the first cannot. */
function findTorn(course: Course, asset = GOLD) {
  const seq = course.before.length + 1
  return find(course, async (ledger) => {
    const seen = numbers(await bareQuery(ledger, asset))
    return seen.includes(seq + 1) && !seen.includes(seq)
  })
}

let world: World
let openTorn: () => Promise<World>
let openTornAtFirst: () => Promise<World>

beforeAll(async () => {
  openTorn = await findTorn({ before: [TOPUP, TOPUP, TOPUP], first: HOLD })
  openTornAtFirst = await findTorn({ before: [], first: TOPUP })
})

async function list(query: Partial<HistoryQuery>): Promise<number[]> {
  const found = await meanwhile(world, ({ store }) =>
    listEntries(store, { ...ID, order: 'asc', limit: 25, consistent: true, ...query }),
  )
  if (found.kind === 'declined') throw new Error(found.decline.code)
  return numbers(found.items)
}

/** A cursor as the page has it that ended with this entry. */
async function cursorAt(seq: number): Promise<HistoryPosition> {
  const entry = (await meanwhile(world, (ledger) => bareQuery(ledger))).find(
    (candidate) => candidate.seq === seq,
  )
  if (!entry) throw new Error('it can be seen')
  return { at: entry.at, asset: GOLD, seq }
}

describe('while an entry is not visible yet, and the one after it is', () => {
  test('a bare query has a hole', async () => {
    world = await openTorn()

    expect(numbers(await meanwhile(world, (ledger) => bareQuery(ledger)))).toEqual([1, 2, 3, 5])
  })

  test.each([
    { order: 'asc' as const, whole: [1, 2, 3, 4, 5] },
    { order: 'desc' as const, whole: [5, 4, 3, 2, 1] },
  ])('a page of the history has none, $order', async ({ order, whole }) => {
    world = await openTorn()

    expect(await list({ order })).toEqual(whole)
  })

  test.each([
    { order: 'asc' as const, cursor: 3, whole: [4, 5] },
    { order: 'desc' as const, cursor: 5, whole: [4, 3, 2, 1] },
  ])('nor is there one behind a cursor, $order', async ({ order, cursor, whole }) => {
    world = await openTorn()

    expect(await list({ order, after: await cursorAt(cursor) })).toEqual(whole)
  })

  test.each([
    { order: 'asc' as const, whole: [1, 2] },
    { order: 'desc' as const, whole: [2, 1] },
  ])('nor at the beginning, $order', async ({ order, whole }) => {
    world = await openTornAtFirst()

    expect(await list({ order })).toEqual(whole)
  })

  test('a page that is full before the hole does not wait for it', async () => {
    world = await openTorn()
    const startUs = world.scheduler.nowUs()

    expect(await list({ limit: 2 })).toEqual([1, 2])
    expect(world.scheduler.nowUs()).toBe(startUs)
  })

  test('those of one type are all there', async () => {
    for (const order of ['asc', 'desc'] as const) {
      world = await openTorn()

      expect(await list({ order, type: 'HOLD' })).toEqual([4])
    }
  })

  test.each([GOLD, GEMS])('those of several assets are all there, also of %s', async (asset) => {
    world = await (await findTorn({ before: [BOTH], first: BOTH, second: BOTH }, asset))()

    const seen = await list({ asset: undefined, order: 'desc' })
    expect(seen.toSorted((a, b) => a - b)).toEqual([1, 1, 2, 2, 3, 3])
  })

  test('a transaction is there whose entry of another asset is not', async () => {
    const openSo = await find({ before: [BOTH], first: BOTH }, async (ledger) => {
      const [gold, gems] = [await bareQuery(ledger, GOLD), await bareQuery(ledger, GEMS)]
      return gold.length === 3 && gems.length === 1
    })
    world = await openSo()

    const query = { walletId: ALICE, order: 'desc', limit: 25, consistent: true } as const
    const found = await meanwhile(world, ({ store }) => listTransactions(store, query))

    if (found.kind === 'declined') throw new Error('declined')
    expect(found.items.map(({ type }) => type)).toEqual(['TOPUP', 'POST', 'POST'])
  })

  test('those that need not be the very last have no hole either', async () => {
    world = await openTorn()

    expect(await list({ consistent: false })).toEqual([1, 2, 3, 4, 5])
  })

  test('the transactions and the holds are all there', async () => {
    world = await openTorn()
    const query = { ...ID, order: 'desc', limit: 25, consistent: true } as const
    const transactions = await meanwhile(world, ({ store }) => listTransactions(store, query))
    world = await openTorn()
    const holds = await meanwhile(world, ({ store }) => listHolds(store, query))

    if (transactions.kind === 'declined' || holds.kind === 'declined') throw new Error('declined')
    expect(transactions.items.map(({ type }) => type).join(' ')).toBe(
      'TOPUP HOLD TOPUP TOPUP TOPUP',
    )
    expect(holds.items).toHaveLength(1)
  })

  test('a hold is there that is later than its entry', async () => {
    const openSo = await find({ before: [TOPUP], first: HOLD }, async (ledger) => {
      const held = (await bareQuery(ledger)).find(({ type }) => type === 'HOLD')
      if (!held) return false
      const name = { walletId: ALICE, holdId: holdIdOf(held.transactionId) }
      return (await ledger.store.readHold(name, true)) === undefined
    })
    world = await openSo()

    const query = { ...ID, order: 'desc', limit: 25, consistent: true } as const
    const found = await meanwhile(world, ({ store }) => listHolds(store, query))

    if (found.kind === 'declined') throw new Error('declined')
    expect(found.items).toHaveLength(1)
  })

  test('the chain is not said to be broken', async () => {
    world = await openTorn()

    const verified = await meanwhile(world, (ledger) => verifyChain(ledger, ID))

    expect(verified).toMatchObject({ kind: 'verified', entries: 5, firstBreak: undefined })
  })

  test('the chain is not said to be broken where its first entry is the late one', async () => {
    const openSo = await find({ before: [], first: TOPUP }, async (ledger) => {
      const [first] = await bareQuery(ledger)
      return first?.seq === 2
    })
    world = await openSo()

    const verified = await meanwhile(world, (ledger) => verifyChain(ledger, ID))

    expect(verified).toMatchObject({ kind: 'verified', entries: 2, firstBreak: undefined })
  })

  test('the audit goes as far as it can see, and says what it does not', async () => {
    world = await openTorn()

    const caughtUp = meanwhile(world, (ledger, process) =>
      catchUp(projectorOf(ledger, process), 1, ID, { upTo: 5 }),
    )

    await expect(caughtUp).rejects.toThrow(EntryMissing)
  })

  test('a rebuild of the audit waits for it, and accuses nobody', async () => {
    world = await openTorn()

    const [rebuilt, projection] = await meanwhile(world, async (ledger, process) => {
      const projector = projectorOf(ledger, process)
      const balances = ledger.store.scanBalances()
      const options = { settle: async () => {}, isTelling: true, onProgress: () => {} }
      const done = await rebuild({ projector, balances, ...options, ...process.effects })
      return [done, await projector.table.readProjection(2, ID)] as const
    })

    expect(rebuilt).toMatchObject({ balances: 1, broken: [] })
    expect(projection).toMatchObject({ seq: 5 })
  })
})

function projectorOf({ store }: Ledger, process: Process) {
  const { sleep, random } = process.effects
  const client = world.database.clientOf(process)
  return {
    ledger: store,
    table: openAuditTable({ client, tableName: 'Audit', sleep, random }),
    rules: allRules(DEFAULT_THRESHOLDS),
    tell: async () => {},
    tellOfWallet: async () => {},
  }
}

describe('while an entry is gone for good', () => {
  async function remove(seq: number): Promise<void> {
    const position = await cursorAt(seq)
    await world.call((client) =>
      client.send(
        new DeleteItemCommand({
          TableName: TABLE,
          Key: toAttributes({ ...entryKey(ALICE, GOLD, position) }),
        }),
      ),
    )
  }

  test('its page is refused, and one without it is not', async () => {
    world = await openTorn()
    await world.scheduler.run()
    await remove(2)

    const startUs = world.scheduler.nowUs()

    await expect(list({ order: 'desc' })).rejects.toThrow(StoreUnavailable)
    expect(world.scheduler.nowUs() - startUs).toBeLessThan(3_000_000)
    expect(await list({ order: 'desc', limit: 2 })).toEqual([5, 4])
  })

  test('the chain is said to be broken there', async () => {
    world = await openTorn()
    await world.scheduler.run()
    await remove(2)

    const verified = await meanwhile(world, (ledger) => verifyChain(ledger, ID))

    expect(verified).toMatchObject({ firstBreak: { seq: 2, reason: 'the entry is missing' } })
  })
})

test('who follows the cursors misses nothing, where each page is read from a copy that is behind by another time', async () => {
  const ENTRIES = 12
  const STALE = { stale: { chance: 0.5, byUs: { from: 0, to: 500_000 } } }
  const query = { ...ID, order: 'desc', limit: 2, consistent: false } as const

  const walks = await Promise.all(
    seeds(20).map((seed) =>
      openWorld(STALE, { seed }).call(
        onLedger(async (ledger, { effects }) => {
          await ledger.store.putAsset({ code: GOLD, name: 'gold', scale: 0, active: true })
          for (let count = 0; count < ENTRIES; count += 1) {
            await mustPost(ledger, TOPUP)
            await effects.sleep(20)
          }
          const seen: number[] = []
          let after: HistoryPosition | undefined
          do {
            const page = await listEntries(ledger.store, { ...query, after })
            if (page.kind === 'declined') throw new Error(page.decline.code)
            seen.push(...numbers(page.items))
            after = page.next
          } while (after)
          return seen
        }),
      ),
    ),
  )

  const down = (from: number) => Array.from({ length: from }, (_, index) => from - index)
  expect(walks).toEqual(walks.map((seen) => down(seen[0] ?? 0)))
  // Some of them began in the past.
  expect(new Set(walks.map(([newest]) => newest)).size).toBeGreaterThan(1)
})

describe('entries of several assets that have one time', () => {
  test.each(['asc', 'desc'] as const)(
    'are each shown once, in pages of any size (%s)',
    async (order) => {
      const world = await openCalm([BOTH, BOTH, BOTH])
      const query = { walletId: ALICE, order, consistent: true }

      const all = await meanwhile(world, ({ store }) =>
        walkPages((after) => listEntries(store, { ...query, limit: 100, after })),
      )
      const one = await meanwhile(world, ({ store }) =>
        walkPages((after) => listEntries(store, { ...query, limit: 1, after })),
      )

      const names = all.map(({ asset, seq }) => `${asset} ${seq}`)
      expect(new Set(names).size).toBe(6)
      expect(new Set(all.map(({ at }) => at)).size).toBe(1)
      expect(one.map(({ asset, seq }) => `${asset} ${seq}`)).toEqual(names)
    },
  )
})

test('pages over several assets leave nothing out where reads are behind', async () => {
  for (const seed of seeds(20)) {
    const world = await openCalm(
      [BOTH, TOPUP, BOTH, TOPUP],
      {
        stale: { chance: 0.5, byUs: { from: 0, to: 500_000 } },
        requestUs: { from: 20_000, to: 60_000 },
      },
      seed,
    )

    const entries = await meanwhile(world, ({ store }) =>
      walkPages((after) =>
        listEntries(store, { walletId: ALICE, order: 'desc', consistent: false, limit: 1, after }),
      ),
    )

    expect(entries).toHaveLength(6)
  }
})

async function openCalm(
  commands: readonly Command[],
  faults: Partial<Faults> = {},
  seed = 1,
): Promise<World> {
  const world = openWorld(faults, { seed })
  await meanwhile(world, async (ledger) => {
    for (const code of [GOLD, GEMS]) {
      await ledger.store.putAsset({ code, name: code, scale: 0, active: true })
    }
    for (const command of commands) await mustPost(ledger, command)
  })
  return world
}

async function walkPages(
  page: (after?: HistoryPosition) => ReturnType<typeof listEntries>,
): Promise<Entry[]> {
  const entries: Entry[] = []
  let after: HistoryPosition | undefined
  do {
    const found = await page(after)
    if (found.kind !== 'page') throw new Error(found.decline.code)
    entries.push(...found.items)
    after = found.next
  } while (after)
  return entries
}
