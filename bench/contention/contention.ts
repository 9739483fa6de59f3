import { FAIR } from '../../test/simulation/dynamodb/faults.ts'
import type { Answer, OnProgress, Picture, Question, Table } from '../frame/question.ts'
import { atLeast, atMost } from '../frame/target.ts'
import { type Crowd, type Crowded, crowd } from './crowd.ts'
import { DOUBLED, OTHERS, OURS } from './policies.ts'
import { type Race, type Raced, race } from './race.ts'

export const contention: Question = {
  name: 'contention',
  question: 'What if many write into one wallet, and what if all pay into one treasury?',
  run: measure,
}

const WRITERS = [1, 2, 4, 8, 16, 32, 64, 128, 256]
/** A few, a crowd, and more than there should be. */
const COMPARED = [8, 64, 256]
const QUEUED = [8, 256]
const FEW = [8, 64]
const USERS = [1, 10, 50, 100, 200, 500, 1_000, 2_000]
const PERCENT = 100
const US_PER_MS = 1_000

/** No wallet of a player has more of them. */
const CROWD = 64
/** As nobody should have them. */
const HUNDREDS = 256
const LEAST_PERCENT_OF_ALONE = 75
const MOST_BUSY_PERCENT = 5
const LEAST_SHARE = 0.1
const LEAST_PERCENT_DONE = 99
/** An item bears 1,000 write units a second, and two of them are a write in a transaction. */
const MOST_OF_ONE_ITEM = 500

interface Row {
  readonly race: Race
  readonly raced: Raced
}

interface Both {
  readonly users: number
  readonly ours: Crowded
  readonly textbook: Crowded
}

async function measure(onProgress: OnProgress): Promise<Answer> {
  const races: Race[] = [
    ...WRITERS.map((writers) => ({ writers, policy: OURS })),
    ...QUEUED.map((writers) => ({ writers, policy: OURS, isOneInstance: true })),
    ...COMPARED.map((writers) => ({ writers, policy: DOUBLED })),
    // Of hundreds, some of them would take longer to simulate than all else here.
    ...OTHERS.flatMap((policy) => FEW.map((writers) => ({ writers, policy }))),
  ]
  const steps = races.length + USERS.length
  const rows: Row[] = []
  for (const one of races) {
    onProgress(rows.length, steps)
    rows.push({ race: one, raced: await race(one) })
  }
  const crowds: Both[] = []
  for (const users of USERS) {
    onProgress(races.length + crowds.length, steps)
    const of = (design: Crowd['design']) => crowd({ users, design })
    crowds.push({ users, ours: await of('ours'), textbook: await of('textbook') })
  }
  return answerOf(rows, crowds)
}

async function answerOf(rows: readonly Row[], crowds: readonly Both[]): Promise<Answer> {
  const ours = (writers: number) => racedBy(rows, writers)
  const largest = crowds.at(-1)
  if (!largest) throw new Error('nobody came')
  const starving = WRITERS.find((writers) => ours(writers).slowestShare === 0)
  const unlucky = starving
    ? `with ${starving} writers and more somebody got nothing at all in a minute`
    : 'everybody got something in each minute'
  return {
    targets: [
      atLeast({
        what: `what ${CROWD} writers get done together, of what one does alone`,
        unit: '%',
        limit: LEAST_PERCENT_OF_ALONE,
        measured: (ours(CROWD).perSecond / ours(1).perSecond) * PERCENT,
      }),
      atMost({
        what: `of ${CROWD} writers' requests, told to come again`,
        unit: '%',
        limit: MOST_BUSY_PERCENT,
        measured: ours(CROWD).busyPercent,
      }),
      atLeast({
        what: `what the unluckiest of ${CROWD} writers gets done, of what all do in the mean`,
        limit: LEAST_SHARE,
        measured: ours(CROWD).slowestShare,
      }),
      atLeast({
        what: `the same, of ${HUNDREDS}`,
        limit: LEAST_SHARE,
        measured: ours(HUNDREDS).slowestShare,
      }),
      atLeast({
        what: `done of what ${largest.users.toLocaleString('en')} users want who share a treasury`,
        unit: '%',
        limit: LEAST_PERCENT_DONE,
        measured: (largest.ours.perSecond / largest.users) * PERCENT,
      }),
      atMost({
        what: 'writes a second with a stored treasury, however many want to',
        limit: MOST_OF_ONE_ITEM,
        measured: Math.max(...crowds.map(({ textbook }) => textbook.perSecond)),
      }),
    ],
    tables: [walletTable(rows), policiesTable(rows), treasuryTable(crowds)],
    pictures: [await treasuryPicture(crowds)],
    remarks: [
      `Simulated: the functions that are deployed, and a DynamoDB in memory that goes by AWS’s rules about conflicts and by what it says of one partition, with ${rangeMs(FAIR.requestUs)} on the way there and ${rangeMs(FAIR.answerUs)} back, and transactions that hold their items for ${rangeMs(FAIR.transactionUs)}. Times are of that clock, and the same each time. Each writer sends the next request as soon as it has an answer, which no player does: whoever won is there again before the others have stopped waiting.`,
      `A wallet bears ${Math.round(ours(1).perSecond)} writes a second, whoever writes. One function instance that serves all has them queue, and each gets the same. Many instances know nothing of each other: the crowd costs tries, some are told to come again, and ${unlucky}. The waits that were chosen grow eight times each, so that a crowd costs few tries, and never beyond half of the time that is left, so that whoever has waited long comes more often. Shorter ones are quicker for the unlucky of a few, cost more tries, and fall apart with a crowd: docs/adr/0004-losing-a-race.md.`,
      'Users of the treasury write once a second, each into a wallet of their own. The textbook’s transaction updates the treasury’s item, too, and tries again just as ours does: at any moment one transaction of all holds that item.',
    ],
  }
}

function rangeMs({ from, to }: typeof FAIR.requestUs): string {
  return `${from / US_PER_MS} to ${to / US_PER_MS} ms`
}

function racedBy(rows: readonly Row[], writers: number): Raced {
  const found = rows.find(
    ({ race: one }) => one.writers === writers && one.policy === OURS && !one.isOneInstance,
  )
  if (!found) throw new Error(`${writers} writers did not race`)
  return found.raced
}

function walletTable(rows: readonly Row[]): Table {
  return {
    title: 'Many writers, one wallet',
    headers: ['writers', 'function instances', ...COLUMNS],
    rows: rows
      .filter(({ race: { policy } }) => policy === OURS)
      .map(({ race: { writers, isOneInstance = false }, raced }) => [
        String(writers),
        isOneInstance ? '1' : String(writers),
        ...cells(raced),
      ]),
  }
}

function policiesTable(rows: readonly Row[]): Table {
  return {
    title: 'The same, if those who lost waited otherwise',
    headers: ['writers', 'waits', ...COLUMNS],
    rows: COMPARED.flatMap((wanted) =>
      rows
        .filter(({ race: { writers, isOneInstance } }) => writers === wanted && !isOneInstance)
        .map(({ race: { writers, policy }, raced }) => [
          String(writers),
          policy.name,
          ...cells(raced),
        ]),
    ),
  }
}

const COLUMNS = [
  ...['done a second', 'tries for each', 'p50, ms', 'p99, ms'],
  ...['told to come again, %', 'the unluckiest’s share'],
]

function cells({ perSecond, attemptsPerSuccess, tookMs, busyPercent, slowestShare }: Raced) {
  return [
    perSecond.toFixed(1),
    attemptsPerSuccess.toFixed(2),
    at(tookMs, 0.5).toFixed(0),
    at(tookMs, 0.99).toFixed(0),
    busyPercent.toFixed(1),
    slowestShare.toFixed(2),
  ]
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
}

function treasuryTable(crowds: readonly Both[]): Table {
  return {
    title: 'All users, one treasury: done a second',
    headers: [
      ...['users', 'ours', 'p50, ms', 'told to come again, %'],
      ...['stored treasury', 'p50, ms', 'told to come again, %'],
    ],
    rows: crowds.map(({ users, ours, textbook }) => [
      users.toLocaleString('en'),
      ...[ours, textbook].flatMap(({ perSecond, medianMs, busyPercent }) => [
        Math.round(perSecond).toLocaleString('en'),
        medianMs.toFixed(0),
        busyPercent.toFixed(1),
      ]),
    ]),
  }
}

async function treasuryPicture(crowds: readonly Both[]): Promise<Picture> {
  const { drawCurves } = await import('../frame/curves.ts')
  const title = 'Writes a second, as the users of one treasury grow'
  const pointsOf = (design: 'ours' | 'textbook') =>
    crowds.map((both) => ({ x: both.users, y: both[design].perSecond }))
  return {
    name: 'treasury',
    title,
    svg: drawCurves({
      title,
      xLabel: 'users, each of whom writes once a second',
      yLabel: 'writes a second',
      curves: [
        { name: 'ours', points: pointsOf('ours') },
        { name: 'stored treasury', points: pointsOf('textbook') },
      ],
    }),
  }
}
