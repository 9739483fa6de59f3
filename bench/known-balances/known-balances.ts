import { KEPT_FOR_MS, RIGHT_FOR_ONE_WRONG } from '../../lib/ledger/known-balances.ts'
import { PRICES } from '../costs/prices.ts'
import type { Answer, OnProgress, Question } from '../frame/question.ts'
import { atLeast, atMost } from '../frame/target.ts'
import { type Played, play, ROUTES, type Route } from './model.ts'

export const knownBalances: Question = {
  name: 'known-balances',
  question: 'What does it save that a function remembers the balances it wrote last?',
  run: measure,
}

const WRITES_PER_SECOND = [0.1, 1, 10, 100, 1_000]
const WRITE_UNITS = 6
/** Of games so quiet that one instance serves them, a million writes: most of the read units that they would take. */
const SAVED_BY_QUIET_USD = 0.1
/** Of all games, by trying it out. */
const MOST_LOST_USD = 0.01

const NAMES: Readonly<Record<Route, string>> = {
  'used-last': 'the one used last',
  any: 'any that is idle',
}

interface Row {
  readonly writesPerSecond: number
  readonly route: Route
  readonly always: Played
  readonly careful: Played
}

async function measure(onProgress: OnProgress): Promise<Answer> {
  const games = ROUTES.flatMap((route) =>
    WRITES_PER_SECOND.map((writesPerSecond) => ({
      route,
      writesPerSecond,
      keptForMs: KEPT_FOR_MS,
    })),
  )
  const rows: Row[] = []
  for (const game of games) {
    onProgress(rows.length, games.length)
    const always = play({ ...game, rightForOneWrong: 0 })
    const careful = play({ ...game, rightForOneWrong: RIGHT_FOR_ONE_WRONG })
    rows.push({ ...game, always, careful })
  }
  return answerOf(rows)
}

function answerOf(rows: readonly Row[]): Answer {
  const [quietest] = rows
  if (!quietest) throw new Error('nobody played')
  const saved = rows.map(({ careful }) => savedUsd(careful))
  return {
    targets: [
      atLeast({
        what: `saved of a million writes, ${quietest.writesPerSecond} a second, ${NAMES[quietest.route]}`,
        unit: '$',
        limit: SAVED_BY_QUIET_USD,
        measured: savedUsd(quietest.careful),
      }),
      atMost({
        what: 'lost of a million writes, in the game that it fits least',
        unit: '$',
        limit: MOST_LOST_USD,
        measured: Math.max(0, ...saved.map((usd) => -usd)),
      }),
    ],
    tables: [
      {
        title:
          'Writes that needed no read, those that were refused for it, and what a million save, in dollars',
        headers: [
          ...['writes a second', 'a request comes to', 'instances'],
          ...['as it is: at once', 'refused', 'saved'],
          ...['if it always trusted itself: at once', 'refused', 'saved'],
        ],
        rows: rows.map(({ writesPerSecond, route, always, careful }) => [
          writesPerSecond.toLocaleString('en'),
          NAMES[route],
          careful.mostInstances.toLocaleString('en'),
          ...cells(careful),
          ...cells(always),
        ]),
      },
    ],
    remarks: [
      'A model, with the memory itself and everything around it made up: players who write every 5 s, some 60 times, and come no more; requests that take 15 ms; instances that end after ten idle minutes. AWS does not say which idle instance a request comes to, so both ways are here.',
      'Dollars are of read and write units. A request that is not sent is also some milliseconds that nobody waits for; they are not counted. docs/adr/0022-known-balances.md says what follows from this.',
    ],
  }
}

/** Of a million writes: each hit is a read unit that was not needed, each miss a write for nothing. */
function savedUsd({ writes, hits, misses }: Played): number {
  const { readUnit, writeUnit } = PRICES
  const perHit = (readUnit.usd / readUnit.per) * 1_000_000
  // What was refused for it needs no read either: the refusal shows the balance.
  const perMiss = perHit - WRITE_UNITS * (writeUnit.usd / writeUnit.per) * 1_000_000
  return (hits * perHit + misses * perMiss) / writes
}

function cells(played: Played): string[] {
  const { writes, hits, misses } = played
  return [percent(hits / writes), percent(misses / writes), usd(savedUsd(played))]
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function usd(amount: number): string {
  const text = amount.toFixed(2)
  return text === '-0.00' ? '0.00' : text
}
