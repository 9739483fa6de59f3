import type { KillReport } from './kill.ts'
import { OUTCOMES, type StormReport } from './storm.ts'

const SHOWN_FAULTS = 20

export function showKills(report: KillReport): string {
  const { kills, restartMs, database, faults } = report
  const sorted = restartMs.toSorted((a, b) => a - b)
  const seconds = (ms: number | undefined) => ((ms ?? 0) / 1000).toFixed(1)
  const victims = Object.entries(kills).map(([victim, count]) => `${victim} ${count}`)
  return lines([
    `Kill test, seed ${report.seed}, ${seconds(report.tookMs)} s`,
    `  killed                ${victims.join(', ')}; ${report.whileStarting} of them while they started`,
    `  orders                ${report.orders}, in ${report.sends} requests`,
    `  acknowledged          ${report.acknowledged}, refused ${report.refused}`,
    `  in doubt              ${report.inDoubt}, of which ${report.foundDone} turned out to have been done`,
    `  up again after        ${seconds(middle(sorted))} s (median), ${seconds(sorted.at(-1))} s (longest)`,
    `  in the ledger         ${report.transactions} transactions, ${report.entries} entries`,
    `  lost                  ${report.lost} of what was acknowledged`,
    `  DynamoDB Local lost   ${database.lost} of the ${database.said} transactions that it said were done; never more than ${database.mostLostAtOnce} at a time`,
    ...shownDelay(database.keptAfterMs),
    ...shownFaults(faults),
  ])
}

export function showStorm(report: StormReport): string {
  const { injected, statuses, faults } = report
  const heard = Object.entries(statuses).map(([status, count]) => {
    return `${status === '0' ? 'no answer' : status} ${count}`
  })
  return lines([
    `Proxy test, seed ${report.seed}, ${(report.tookMs / 1000).toFixed(1)} s`,
    `  orders                ${report.orders}, acknowledged ${report.acknowledged}`,
    `  clients saw           ${heard.join(', ')}`,
    `  in the ledger         ${report.transactions} transactions`,
    `  audit                 failed ${report.auditComeAgain} times, and has caught up`,
    `  lost                  ${report.lost} of what was acknowledged`,
    '',
    row(['what happened to a request', 'times', 'to writes', ...OUTCOMES]),
    ...Array.from(injected, ([fault, { on, became }]) => {
      const times = Object.values(on).reduce((sum, count) => sum + count, 0)
      const counts = OUTCOMES.map((outcome) => became[outcome] ?? 0)
      return row([fault, times, on['write of the ledger'] ?? 0, ...counts])
    }),
    '',
    ...shownFaults(faults),
  ])
}

const NAME_WIDTH = 42

function row([name, ...cells]: readonly (string | number)[]): string {
  const widths = ['times', 'to writes', ...OUTCOMES].map((head) => head.length + 2)
  return `  ${String(name).padEnd(NAME_WIDTH)}${cells.map((cell, n) => String(cell).padStart(widths[n] ?? 0)).join('')}`
}

/** Nobody looked, where there was no barrier. */
function shownDelay(keptAfterMs: readonly number[]): string[] {
  const [middleMs, longestMs] = [middle(keptAfterMs), keptAfterMs.at(-1)]
  if (middleMs === undefined || longestMs === undefined) return []
  return [
    `  it had them on disk   ${middleMs.toFixed(1)} ms (median), ${longestMs.toFixed(1)} ms (longest) after it had said so`,
  ]
}

function middle(sorted: readonly number[]): number | undefined {
  return sorted[Math.floor(sorted.length / 2)]
}

function shownFaults(faults: readonly string[]): string[] {
  if (faults.length === 0) return ['  faults                none']
  return [
    `  faults                ${faults.length}`,
    ...faults.slice(0, SHOWN_FAULTS).map((fault) => `    ${fault}`),
  ]
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
