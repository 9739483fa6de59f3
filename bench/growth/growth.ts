import { realEffects } from '../../lib/ledger/effects.ts'
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts'
import { post } from '../../lib/ledger/post.ts'
import { verbCommand } from '../../lib/ledger/verbs.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAmount } from '../../lib/money/amount.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import { LEDGER_TABLE } from '../../lib/store/tables.ts'
import { numberText } from '../frame/number.ts'
import type { Answer, OnProgress, Question, Table } from '../frame/question.ts'
import { spreadOf } from '../frame/spread.ts'
import { atMost } from '../frame/target.ts'
import type { Bill } from '../meter/bill.ts'
import type { AuditedBatch } from './batches.ts'
import { type LongHistory, writeHistory } from './long-history.ts'
import { OTHER, REQUESTS, type Request } from './requests.ts'

export const growth: Question = {
  name: 'growth',
  question: 'What becomes dearer or slower as a wallet’s history grows, or the audit’s batches?',
  run: measure,
}

const ENTRIES = [10, 1_000, 100_000, 1_000_000]
/** Writing them is what takes long: so many are a step, and what comes after is one for each part. */
const WRITTEN_IN_STEP = 10_000
const LATER_STEPS = 3
const ROUNDS = 100
const WARM_UP = 10
const ASSET = 'GOLD_COINS' as AssetCode
const TABLE = 'Ledger-growth'
/** Of what the smallest takes: this machine has other things to do now and then. */
const MOST_TIMES_SLOWER = 1.25
/**
 * Nothing here reads the stream or has holds. DynamoDB Local reads the definition of a table three times for each item
 * that it writes, and that of an index takes it a fifth of the time.
 */
const DEFINITION = { ...LEDGER_TABLE, stream: undefined, indexes: [] }

interface Row {
  readonly request: Request
  /** Of each size. */
  readonly bills: readonly Bill[]
  readonly medianMs: readonly number[]
}

async function measure(onProgress: OnProgress): Promise<Answer> {
  const [{ startDynamoDb, openLocalClient }, { createTable }, { startMeter }, batches] =
    await Promise.all([
      import('../../local/dynamodb.ts'),
      import('../../local/tables.ts'),
      import('../meter/meter.ts'),
      import('./batches.ts'),
    ])
  const dynamoDb = await startDynamoDb({ isBusy: true })
  const meter = await startMeter(dynamoDb.endpoint)
  const metered = openLocalClient(meter.endpoint)
  try {
    await createTable(dynamoDb.client, DEFINITION, TABLE)
    const ledger = openOn(dynamoDb.client)
    await ledger.store.putAsset({ code: ASSET, name: 'Gold coins', scale: 0, active: true })
    await open(ledger, OTHER)
    const histories = ENTRIES.map((entries): LongHistory => {
      return { walletId: `after-${entries}` as WalletId, asset: ASSET, entries }
    })
    const writing = Math.ceil(ENTRIES.reduce((sum, entries) => sum + entries) / WRITTEN_IN_STEP)
    const tell = (done: number) => onProgress(done, writing + LATER_STEPS)
    tell(0)
    await writeAll(dynamoDb.client, histories, tell)
    tell(writing)
    const bills = await billAll(openOn(metered), meter.billOf, histories)
    tell(writing + 1)
    const times = await timeAll(ledger, histories)
    tell(writing + 2)
    const audited = await batches.measureBatches(dynamoDb.endpoint)
    const rows = REQUESTS.map((request): Row => {
      const of = <Thing>(all: ReadonlyMap<Request, Thing[]>) => all.get(request) ?? []
      return { request, bills: of(bills), medianMs: of(times) }
    })
    return answerOf(rows, audited)
  } finally {
    metered.destroy()
    await meter.stop()
    await dynamoDb.stop()
  }
}

function openOn(client: Parameters<typeof openLedgerStore>[0]['client']): Ledger {
  return openLedger(openLedgerStore({ client, tableName: TABLE }), realEffects)
}

async function writeAll(
  client: Parameters<typeof writeHistory>[0],
  histories: readonly LongHistory[],
  onStep: (done: number) => void,
): Promise<void> {
  let written = 0
  for (const history of histories) {
    await writeHistory(client, TABLE, history, (items) => {
      const before = Math.floor(written / WRITTEN_IN_STEP)
      written += items
      const done = Math.floor(written / WRITTEN_IN_STEP)
      if (done > before) onStep(done)
    })
  }
}

async function open(ledger: Ledger, walletId: WalletId): Promise<void> {
  const origin = { client: 'server:shop', idempotencyKey: walletId, requestId: walletId }
  await post(ledger, verbCommand('topup', { walletId, asset: ASSET, amount: toAmount(1) }), origin)
}

async function send({ request, ledger, history }: Sent): Promise<void> {
  const { kind } = await request.send(ledger, history)
  if (!ANSWERED.has(kind)) throw new Error(`${request.name} of ${history.walletId} was ${kind}`)
}

interface Sent {
  readonly request: Request
  readonly ledger: Ledger
  readonly history: LongHistory
}

const ANSWERED = new Set(['posted', 'found', 'page'])

type BillOf = (work: () => Promise<void>) => Promise<{ readonly bill: Bill }>

async function billAll(
  ledger: Ledger,
  billOf: BillOf,
  histories: readonly LongHistory[],
): Promise<Map<Request, Bill[]>> {
  const all = new Map<Request, Bill[]>()
  // It then knows the asset, as a warm function does.
  const [first] = REQUESTS
  if (first) for (const history of histories) await send({ request: first, ledger, history })
  for (const request of REQUESTS) {
    const bills: Bill[] = []
    for (const history of histories) {
      const { bill } = await billOf(() => send({ request, ledger, history }))
      bills.push(bill)
    }
    all.set(request, bills)
  }
  return all
}

/** In turns, so that whatever else the machine does is spread over all of them. */
async function timeAll(
  ledger: Ledger,
  histories: readonly LongHistory[],
): Promise<Map<Request, number[]>> {
  const samples = new Map(
    REQUESTS.map((request) => [request, histories.map((): number[] => [])] as const),
  )
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const [request, ofRequest] of samples) {
      for (let turn = 0; turn < histories.length; turn += 1) {
        const index = (turn + round + WARM_UP) % histories.length
        const history = histories[index]
        if (!history) continue
        const startedAt = performance.now()
        await send({ request, ledger, history })
        if (round >= 0) ofRequest[index]?.push(performance.now() - startedAt)
      }
    }
  }
  return new Map(
    Array.from(samples, ([request, ofRequest]) => {
      return [request, ofRequest.map((times) => spreadOf(times).median)]
    }),
  )
}

function answerOf(rows: readonly Row[], audited: readonly AuditedBatch[]): Answer {
  const dearer = rows.flatMap(({ bills }) => bills.filter((bill) => !isAsDear(bill, bills[0])))
  const slower = rows.map(({ medianMs }) => (medianMs.at(-1) ?? 0) / (medianMs[0] ?? 0))
  const sizes = ENTRIES.map((entries) => entries.toLocaleString('en'))
  return {
    targets: [
      atMost({
        what: `requests that cost another number of units than with ${sizes[0]} entries`,
        limit: 0,
        measured: dearer.length,
      }),
      atMost({
        what: `the median with ${sizes.at(-1)} entries, of what it is with ${sizes[0]}, where that is most`,
        unit: 'times',
        limit: MOST_TIMES_SLOWER,
        measured: Math.max(...slower),
      }),
    ],
    tables: [historyTable(rows, sizes), batchesTable(audited)],
    remarks: [
      `Units are the meter’s, and exact. Times are of the code and DynamoDB Local on this machine, without a network; ${ROUNDS} of each in turns. The table is without its stream and its index of holds, which nothing here touches. Pages are short, so that the wallet with ${sizes[0]} entries fills them, too.`,
      'The audit adds to a projection and to sums; a batch that brings many changes of one wallet adds once. With many wallets each has its own transaction, and only the call’s beginning and end are shared.',
    ],
  }
}

function isAsDear(bill: Bill, first: Bill | undefined): boolean {
  return (
    bill.writeUnits === first?.writeUnits &&
    bill.readUnits === first.readUnits &&
    bill.requests === first.requests
  )
}

function historyTable(rows: readonly Row[], sizes: readonly string[]): Table {
  const ofAll = (bills: readonly Bill[], of: (bill: Bill) => number) => bills.map(of).join(' · ')
  return {
    title: `With ${sizes.join(', ')} entries in the wallet`,
    headers: [
      ...['request', 'write units', 'read units', 'requests', `median with ${sizes[0]}, ms`],
      ...sizes.slice(1).map((size) => `with ${size}, times that`),
    ],
    rows: rows.map(({ request, bills, medianMs: [first = 0, ...others] }) => [
      request.name,
      ofAll(bills, ({ writeUnits }) => writeUnits),
      ofAll(bills, ({ readUnits }) => readUnits),
      ofAll(bills, ({ requests }) => requests),
      numberText(first),
      ...others.map((ms) => (ms / first).toFixed(2)),
    ]),
  }
}

function batchesTable(audited: readonly AuditedBatch[]): Table {
  return {
    title: 'The audit, for each change, as its batches grow',
    headers: ['changes in one call', 'wallets', 'write units', 'read units', 'requests'],
    rows: audited.map(({ changes, wallets, audited: { writeUnits, readUnits, requests } }) => [
      String(changes),
      String(wallets),
      ...[writeUnits, readUnits, requests].map((count) => (count / changes).toFixed(2)),
    ]),
  }
}
