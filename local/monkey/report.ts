import type { Check, Finding } from './finding.ts'
import { drawHistogram } from './histogram.ts'
import { perSecond } from './live.ts'
import type { Latency, Meter } from './meter.ts'
import type { Paint } from './paint.ts'
import { drawTable } from './table.ts'
import { duration, grouped, inNumber } from './words.ts'

export interface Load {
  readonly meter: Meter
  readonly errands: number
  readonly ms: number
  /** Why it ended before its time, if it did. */
  readonly stopped: string | undefined
}

const MOST_SHOWN = 10

/** What was done, how fast, and what was answered. */
export function loadReport({ meter, errands, ms, stopped }: Load, paint: Paint): string[] {
  const latency = meter.latency()
  const speed = `${perSecond(errands, ms)}/s`
  return [
    `  ${paint('bold', inNumber(errands, 'request'))} in ${duration(ms)}: ${paint(['bold', 'cyan'], speed)}`,
    ...(stopped === undefined ? [] : [`  ${paint('yellow', stopped)}`]),
    '',
    heading('How long answers took', paint),
    ...indented(drawHistogram(meter.buckets(), latency, paint)),
    '',
    ...indented(latencyTable(meter, latency, paint)),
    '',
    heading('What was answered', paint),
    ...indented(countTable(meter.outcomes())),
    '',
    ...(meter.retries().size > 0
      ? [
          heading('Sent again, with the same key, after', paint),
          ...indented(countTable(meter.retries())),
          '',
        ]
      : []),
  ]
}

/** What was looked at, and all that is wrong, as far as it can be read. */
export function auditReport(checks: readonly Check[], paint: Paint): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length))
  return [
    heading('The books', paint),
    ...checks.flatMap(({ name, outcome, words, findings }) => {
      const label = name.padEnd(width)
      if (outcome === 'right') return [`  ${paint('green', '✓')} ${label}  ${paint('dim', words)}`]
      if (outcome === 'not checked') {
        return [`  ${paint('yellow', '–')} ${label}  ${paint('yellow', `not checked: ${words}`)}`]
      }
      const count = `${inNumber(findings.length, 'thing')} wrong`
      return [
        `  ${paint('red', '✗')} ${label}  ${paint(['red', 'bold'], count)}`,
        ...list(findings, paint),
      ]
    }),
    '',
  ]
}

/** The last line, and whether it is a good one. */
export function conclusion(
  checks: readonly Check[],
  transactions: number,
): { readonly isRight: boolean; readonly words: string } {
  const wrong = checks.filter(({ outcome }) => outcome === 'wrong')
  const unchecked = checks.filter(({ outcome }) => outcome === 'not checked')
  const names = (some: readonly Check[]) => some.map(({ name }) => name).join(', ')
  if (wrong.length > 0) return { isRight: false, words: `Something is wrong: ${names(wrong)}.` }
  const done = `${inNumber(transactions, 'transaction')}, and none lost, doubled or invented`
  return unchecked.length === 0
    ? { isRight: true, words: `The books are right: ${done}.` }
    : {
        isRight: true,
        words: `As far as this caller may look, the books are right. Not checked: ${names(unchecked)}.`,
      }
}

function latencyTable(meter: Meter, all: Latency, paint: Paint): string[] {
  const row = (name: string, { count, p50, p90, p99, p999, max }: Latency) => [
    name,
    grouped(count),
    ...[p50, p90, p99, p999, max].map(duration),
  ]
  const kinds = Array.from(meter.latencyOf()).toSorted(([, a], [, b]) => b.count - a.count)
  const [head = '', ...rows] = drawTable([
    ['', 'answers', 'p50', 'p90', 'p99', 'p99.9', 'max'],
    ...kinds.map(([name, latency]) => row(name, latency)),
    row('all', all),
  ])
  const last = rows.pop() ?? ''
  return [paint('dim', head), ...rows, paint('bold', last)]
}

function countTable(counts: ReadonlyMap<string, number>): string[] {
  const sorted = Array.from(counts).toSorted(([, a], [, b]) => b - a)
  return drawTable(sorted.map(([name, count]) => [name, grouped(count)]))
}

function list(findings: readonly Finding[], paint: Paint): string[] {
  const shown = findings
    .slice(0, MOST_SHOWN)
    .flatMap(({ where, expected, found }) => [
      `      ${paint('bold', where)}`,
      `        expected  ${expected}`,
      `        found     ${paint('red', found)}`,
    ])
  const more = findings.length - MOST_SHOWN
  return more > 0 ? [...shown, `      and ${grouped(more)} more`] : shown
}

function heading(text: string, paint: Paint): string {
  return `  ${paint(['bold', 'underline'], text)}`
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}
