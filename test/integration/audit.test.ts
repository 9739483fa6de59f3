import {
  DeleteItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { DynamoDBRecord } from 'aws-lambda'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditRecords } from '../../lib/audit/audit-records.ts'
import { readSupply } from '../../lib/audit/books.ts'
import { type Flag, raiseFlag } from '../../lib/audit/flag.ts'
import { catchUp } from '../../lib/audit/projector.ts'
import { rebuild } from '../../lib/audit/rebuild.ts'
import { replay } from '../../lib/audit/replay.ts'
import { imbalance } from '../../lib/audit/supply.ts'
import { post } from '../../lib/ledger/post.ts'
import { verbCommand } from '../../lib/ledger/verbs.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import type { Entry } from '../../lib/money/balance.ts'
import { type BalanceId, balanceName } from '../../lib/money/posting.ts'
import { balanceKey, entryKey } from '../../lib/store/keys.ts'
import { openTestAudit, readProjections, type TestAudit } from '../support/audit.ts'
import { makeHistory } from '../support/history.ts'
import {
  ALICE,
  dropTestLedger,
  GEMS,
  GOLD,
  openStreamedLedger,
  origin,
  readContents,
  type TestLedger,
} from '../support/ledger.ts'
import { recount } from '../support/recount.ts'
import { readStream } from '../support/stream.ts'

const BOB = 'bob' as WalletId
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 100 }

let ledger: TestLedger
let audit: TestAudit

beforeEach(async () => {
  ledger = await openStreamedLedger()
  audit = await openTestAudit(ledger)
})

afterEach(async () => {
  await audit.drop()
  await dropTestLedger(ledger)
})

async function topup(walletId: WalletId, amount: number) {
  const command = verbCommand('topup', { walletId, asset: GOLD, amount: toAmount(amount) })
  return post(ledger, command, origin())
}

/** What the stream has, and has not had before. */
async function newRecords(seen: readonly DynamoDBRecord[] = []): Promise<DynamoDBRecord[]> {
  return (await readStream(ledger)).slice(seen.length)
}

/** Somebody with access to the table, who thinks that nobody will notice. */
async function edit({ walletId, asset }: BalanceId, attribute: string, value: unknown) {
  await ledger.client.send(
    new UpdateItemCommand({
      TableName: ledger.tableName,
      Key: marshall(balanceKey(walletId, asset)),
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': attribute },
      ExpressionAttributeValues: marshall({ ':value': value }),
    }),
  )
}

describe('a balance that is changed by hand', () => {
  test.each([
    ['available', 1_000_000],
    ['held', 5],
    ['seq', 7],
    ['at', 1],
    ['head', new Uint8Array(32)],
  ])('in its %s is flagged within one batch, by name', async (attribute, value) => {
    await topup(ALICE, 100)
    await topup(BOB, 100)
    const seen = await readStream(ledger)
    await audit.audit(seen)

    await edit({ walletId: ALICE, asset: GOLD }, attribute, value)
    const { unexplained } = await audit.audit(await newRecords(seen))

    expect(unexplained).toMatchObject([
      { rule: 'UNEXPLAINED_CHANGE', walletId: ALICE, asset: GOLD },
    ])
    const { items } = await audit.table.listFlags({ ...EVER, walletId: ALICE })
    expect(items).toEqual(unexplained)
    expect((await audit.table.listFlags({ ...EVER, walletId: BOB })).items).toEqual([])
  })

  test('and then used is flagged again, by the entry that does not follow', async () => {
    await topup(ALICE, 100)
    await edit({ walletId: ALICE, asset: GOLD }, 'available', 1_000)
    await topup(ALICE, 1)

    await audit.audit(await readStream(ledger))

    const { items } = await audit.table.listFlags(EVER)
    expect(items.map(({ reason }) => reason)).toContain(
      'the running balance is not the sum of the deltas',
    )
  })

  test('is flagged once, however often its record comes', async () => {
    await topup(ALICE, 100)
    await edit({ walletId: ALICE, asset: GOLD }, 'available', 1_000)
    const records = await readStream(ledger)

    for (let time = 0; time < 3; time += 1) await audit.audit(records)

    expect((await audit.table.listFlags(EVER)).items).toHaveLength(1)
  })

  test('is not what freezing does to it', async () => {
    await topup(ALICE, 100)
    const seen = await readStream(ledger)
    const { setWalletStatus } = await import('../../lib/ledger/wallet-status.ts')
    await setWalletStatus(ledger, ALICE, 'FROZEN', undefined)

    const { unexplained } = await audit.audit(await newRecords(seen))

    expect(unexplained).toEqual([])
  })
})

describe('a record that is poison', () => {
  test('is parked whole, and every other balance goes on', async () => {
    await topup(ALICE, 100)
    await topup(BOB, 7)
    const records = (await readStream(ledger)).map(poisonedFor(ALICE))

    const result = await audit.audit(records)

    expect(result).toMatchObject({ failed: [], projected: 1, parked: 1 })
    const { items } = await audit.table.listDeadLetters(EVER)
    expect(items).toMatchObject([
      {
        walletId: ALICE,
        asset: GOLD,
        attempts: 3,
        reason: expect.stringContaining('whole number'),
      },
    ])
    expect(items[0]?.record).toEqual(records[0])
    expect(await audit.table.readProjection(1, { walletId: ALICE, asset: GOLD })).toBeUndefined()
    expect(await audit.table.readProjection(1, { walletId: BOB, asset: GOLD })).toMatchObject({
      available: 7,
    })
  })

  test('is put right by catching its balance up', async () => {
    await topup(ALICE, 100)
    await audit.audit((await readStream(ledger)).map(poisonedFor(ALICE)))

    await catchUp(audit.projector, 1, { walletId: ALICE, asset: GOLD })

    expect(await audit.table.readProjection(1, { walletId: ALICE, asset: GOLD })).toMatchObject({
      available: 100,
      seq: 1,
    })
  })
})

function poisonedFor(walletId: WalletId) {
  return (record: DynamoDBRecord): DynamoDBRecord => {
    const image = record.dynamodb?.NewImage
    if (!image || record.dynamodb?.Keys?.['pk']?.S !== `W#${walletId}`) return record
    return {
      ...record,
      dynamodb: { ...record.dynamodb, NewImage: { ...image, available: { N: '0.5' } } },
    }
  }
}

describe('a rebuild', () => {
  test('from the ledger alone ends with the same bytes', async () => {
    await makeHistory(ledger, { seed: 3, steps: 120 })
    await audit.audit(await readStream(ledger))
    const before = await readProjections(audit.table)

    const { generations } = await rebuild({
      projector: audit.projector,
      balances: ledger.store.scanBalances(),
      settle: async () => {},
      isTelling: true,
      now: Date.now,
      sleep: async () => {},
      onProgress: () => {},
    })

    expect(generations).toEqual({ current: 2, building: undefined })
    expect(inGeneration(await readProjections(audit.table), 2)).toBe(inGeneration(before, 1))
  })

  test('while writes go on ends with the same bytes as a projection made afterwards', async () => {
    await makeHistory(ledger, { seed: 4, steps: 80 })
    const first = await readStream(ledger)
    await audit.audit(first)

    let seen = first
    const { promise: quiet, resolve: becomeQuiet } = Promise.withResolvers<void>()
    const working = rebuild({
      projector: audit.projector,
      balances: slowly(ledger.store.scanBalances()),
      settle: () => quiet,
      isTelling: true,
      now: Date.now,
      sleep: async () => {},
      onProgress: () => {},
    })
    for (let round = 0; round < 5; round += 1) {
      await makeHistory(ledger, { seed: 100 + round, steps: 16, wallets: 9 })
      const all = await readStream(ledger)
      await audit.audit(all.slice(seen.length))
      seen = all
    }
    becomeQuiet()
    await working
    await audit.audit(seen)

    const fresh = await openTestAudit(ledger)
    await fresh.audit(seen)
    const expected = inGeneration(await readProjections(fresh.table), 1)
    await fresh.drop()
    expect(inGeneration(await readProjections(audit.table), 2)).toBe(expected)
  })

  test('keeps who has seen a flag, and two at once are refused', async () => {
    await makeHistory(ledger, { seed: 5, steps: 100, wallets: 2 })
    await audit.audit(await readStream(ledger))
    const [flag] = (await audit.table.listFlags(EVER)).items
    if (!flag) throw new Error('the history raises flags')
    await audit.table.acknowledge(flag.id, { by: 'operator:eve', at: 5 })
    const again = () =>
      rebuild({
        projector: audit.projector,
        balances: ledger.store.scanBalances(),
        settle: async () => {},
        isTelling: true,
        now: Date.now,
        sleep: async () => {},
        onProgress: () => {},
      })

    const results = await Promise.allSettled([again(), again()])

    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await audit.table.readFlag(flag.id)).toEqual({
      ...flag,
      acknowledged: { by: 'operator:eve', at: 5 },
    })
  })
})

/** Without the generation, and without the item that says which it is. */
function inGeneration(text: string, generation: number): string {
  return text
    .split('\n')
    .filter((line) => !line.includes('"pk":"G"'))
    .map((line) => line.replace(`"pk":"${generation}#`, '"pk":"'))
    .sort((a, b) => (a < b ? -1 : 1))
    .join('\n')
}

async function* slowly<Thing>(
  pages: AsyncIterable<readonly Thing[]>,
): AsyncGenerator<readonly Thing[]> {
  for await (const page of pages) {
    for (const thing of page) yield [thing]
  }
}

test('statistics and supply equal a recount of the ledger', async () => {
  await makeHistory(ledger, { seed: 6, steps: 400, wallets: 12, parallel: 16 })
  await audit.audit(await readStream(ledger))

  const contents = await readContents(ledger.client, ledger.tableName)
  const expected = recount(contents)
  for (const asset of [GOLD, GEMS]) {
    const supply = (await readSupply(audit.table, asset)).supply
    expect(imbalance(supply)).toBe(0n)
    expect(supply.inTransit).toBe(0n)
    expect(supply.inWallets).toBe(expected.inWallets(asset))
    expect(supply.held).toBe(expected.held(asset))
    expect(supply.issued).toEqual(expected.issued(asset))
    expect(supply.burned).toEqual(expected.burned(asset))
    expect(supply.accounts).toEqual(expected.accounts(asset))
  }
  const totals: Record<string, object> = {}
  for (const balance of contents.balances) {
    const projection = await audit.table.readProjection(1, balance)
    for (const [type, { count, in: came, out }] of Object.entries(projection?.totals ?? {})) {
      totals[`${balanceName(balance)} ${type}`] = { count, in: came, out }
    }
  }
  expect(totals).toEqual(expected.totals())
})

test('a statement of the treasury is every movement of it, in order, and sums to its balance', async () => {
  await makeHistory(ledger, { seed: 8, steps: 200 })
  await audit.audit(await readStream(ledger))

  const lines = await audit.table.readLines(1, {
    account: '@treasury',
    asset: GOLD,
    oldest: '0',
    newest: '9',
    order: 'asc',
    limit: 1_000,
  })

  const expected = recount(await readContents(ledger.client, ledger.tableName))
  expect(lines.reduce((sum, { amount }) => sum + BigInt(amount), 0n)).toBe(
    expected.accounts(GOLD)['@treasury'],
  )
  expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).toSorted((a, b) => a - b))
})

describe('a crowd', () => {
  test('of projectors whose transactions meet on the same sums loses nothing and parks nothing', async () => {
    await makeHistory(ledger, { seed: 9, steps: 120, wallets: 20 })
    const records = await readStream(ledger)
    const meeting = conflicting(ledger.client)
    const crowd = await openTestAudit(ledger, {}, meeting.client)

    // All of them on all of it: they meet at once, and wherever they go.
    const results = await Promise.all([1, 2, 3, 4].map(() => crowd.audit(records)))

    await audit.audit(records)
    expect(meeting.conflicts()).toBeGreaterThan(0)
    expect(results.flatMap(({ failed }) => failed)).toEqual([])
    expect(await readProjections(crowd.table)).toBe(await readProjections(audit.table))
    await crowd.drop()
  })
})

const TRANSACTION_TAKES_MS = 10

/** As the real DynamoDB: an item that is in a transaction is in no other one. DynamoDB Local never says so. */
function conflicting(client: TestLedger['client']) {
  const busy = new Set<string>()
  let conflicts = 0
  const send = async (command: Parameters<typeof client.send>[0]) => {
    if (!(command instanceof TransactWriteItemsCommand)) return client.send(command)
    const writes = command.input.TransactItems ?? []
    const keys = writes.map(({ Put, Update }) => {
      const { pk, sk } = Put?.Item ?? Update?.Key ?? {}
      return `${pk?.S} ${sk?.S}`
    })
    if (keys.some((key) => busy.has(key))) {
      conflicts += 1
      throw new TransactionCanceledException({
        message: 'conflict',
        $metadata: {},
        CancellationReasons: keys.map((key) => ({
          Code: busy.has(key) ? 'TransactionConflict' : 'None',
        })),
      })
    }
    for (const key of keys) busy.add(key)
    try {
      await new Promise((resolve) => setTimeout(resolve, TRANSACTION_TAKES_MS))
      return await client.send(command)
    } finally {
      for (const key of keys) busy.delete(key)
    }
  }
  return { client: { send } as Pick<typeof client, 'send'>, conflicts: () => conflicts }
}

describe('a list', () => {
  test('that is filtered shows everything once, page by page', async () => {
    const of = (rule: string, at: number): Flag => ({
      ...raiseFlag(
        { rule, walletId: ALICE, asset: GOLD, transactionIds: [], reason: undefined, at },
        [at],
      ),
    })
    for (let at = 1; at <= 30; at += 1) {
      await audit.table.raise(of(at % 3 === 0 ? 'RARE' : 'USUAL', at))
      await audit.table.park({
        id: String(at).padStart(26, '0'),
        ...{ walletId: ALICE, asset: GOLD, reason: '', attempts: 1, firstFailedAt: at, record: {} },
      })
    }
    const pagesOf = async (filter: object) => {
      const seen: number[] = []
      let after: string | undefined
      do {
        const page = await audit.table.listFlags({ ...EVER, limit: 4, after, ...filter })
        expect(page.items.length).toBeLessThanOrEqual(4)
        seen.push(...page.items.map(({ at }) => at))
        after = page.next
      } while (after !== undefined)
      return seen
    }

    const newestFirst = (rare: (at: number) => boolean) =>
      Array.from({ length: 30 }, (_, index) => 30 - index).filter(rare)
    expect(await pagesOf({ rule: 'USUAL' })).toEqual(newestFirst((at) => at % 3 !== 0))
    expect(await pagesOf({ rule: 'RARE' })).toEqual(newestFirst((at) => at % 3 === 0))
    expect(await pagesOf({ walletId: ALICE })).toEqual(newestFirst(() => true))
    expect(await pagesOf({ walletId: ALICE, rule: 'USUAL' })).toEqual(
      newestFirst((at) => at % 3 !== 0),
    )
    expect(await audit.table.countDeadLetters()).toBe(30)
    expect(await audit.table.countOpenFlags()).toBe(30)
  })
})

describe('a replay', () => {
  test('of a balance whose entry is not in the ledger fails, says so, and keeps the letter', async () => {
    await topup(ALICE, 100)
    await topup(ALICE, 1)
    const seen = await readStream(ledger)
    const { entries } = await readContents(ledger.client, ledger.tableName)
    await remove(entries.find(({ seq }) => seq === 1))
    // The first record never came, so the ledger has to tell, and cannot.
    await auditRecords({ ...audit.options, now: afterAnHour }, seen.slice(1))
    const [letter] = (await audit.table.listDeadLetters(EVER)).items
    if (!letter) throw new Error('the record is parked')

    const result = await replay(audit.projector, letter)

    expect(result).toEqual({ kind: 'failed', reason: expect.stringContaining('not in the ledger') })
    expect(await audit.table.readDeadLetter(letter.id)).toEqual(letter)
  })

  test('of a record that was poison puts its balance right and takes the letter away', async () => {
    await topup(ALICE, 100)
    await audit.audit((await readStream(ledger)).map(poisonedFor(ALICE)))
    const [letter] = (await audit.table.listDeadLetters(EVER)).items
    if (!letter) throw new Error('the record is parked')

    const result = await replay(audit.projector, letter)

    expect(result).toEqual({ kind: 'replayed', entries: 1 })
    expect((await audit.table.listDeadLetters(EVER)).items).toEqual([])
  })
})

const afterAnHour = () => Date.now() + 60 * 60 * 1_000

test('a record whose entry the ledger does not show comes again while that may be on its way, and then is parked', async () => {
  await topup(ALICE, 100)
  await topup(ALICE, 1)
  const [, second] = await readStream(ledger)
  if (!second) throw new Error('two were written')
  const { entries } = await readContents(ledger.client, ledger.tableName)
  await remove(entries.find(({ seq }) => seq === 1))

  const atOnce = await audit.audit([second])
  const later = await auditRecords({ ...audit.options, now: afterAnHour }, [second])

  expect(atOnce).toMatchObject({ failed: [second.dynamodb?.SequenceNumber], parked: 0 })
  expect(later).toMatchObject({ failed: [], parked: 1 })
})

async function remove(entry: Entry | undefined) {
  if (!entry) throw new Error('there is such an entry')
  const key = entryKey(entry.walletId, entry.asset, entry)
  await ledger.client.send(
    new DeleteItemCommand({ TableName: ledger.tableName, Key: marshall(key) }),
  )
}

test('a balance that somebody made unreadable is flagged, and stays parked until it is mended', async () => {
  await topup(ALICE, 100)
  const seen = await readStream(ledger)
  await audit.audit(seen)
  await edit({ walletId: ALICE, asset: GOLD }, 'last', 'nothing')

  const { parked, unexplained } = await audit.audit(await newRecords(seen))

  expect(parked).toBe(1)
  expect(unexplained).toMatchObject([{ walletId: ALICE, reason: 'the balance cannot be read' }])
})

test('a rebuild tells of what nobody has been told of yet', async () => {
  await topup(ALICE, 100)
  const told: string[] = []
  const projector = {
    ...audit.projector,
    tell: async (_: unknown, entries: readonly Entry[]) => {
      told.push(...entries.map(({ transactionId }) => transactionId))
    },
  }

  await rebuild({
    projector,
    balances: ledger.store.scanBalances(),
    isTelling: true,
    settle: async () => {},
    now: Date.now,
    sleep: async () => {},
    onProgress: () => {},
  })

  expect(told).toHaveLength(1)
})
