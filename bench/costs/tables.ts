import { markdown } from '../frame/markdown.ts'
import { type Assumptions, dollarsPerMillion, monthly, units } from './dollars.ts'
import { PRICES, PRICES_OF, type Price, REGION } from './prices.ts'
import type { Costs, Measured } from './record.ts'

/** The tables of docs/costs.md, by the names of their places. */
export function tablesOf(costs: Costs, assumptions: Assumptions): Record<string, string> {
  return {
    conditions: conditions(costs, assumptions),
    dollars: dollarsTable(costs, assumptions),
    units: unitsTable(costs),
    batches: batchesTable(costs),
    monthly: monthlyTable(costs, assumptions),
    prices: pricesTable(),
    brief: briefTable(costs, assumptions),
  }
}

export function conditions(
  { measuredOn, deployed: { memoryMb } }: Costs,
  { edge, requestMs, auditMs }: Assumptions,
): string {
  return `Units and bytes: measured on ${measuredOn}. Prices: ${REGION}, on demand, no free tiers, compared on ${PRICES_OF}.
Assumed: \`edge=${edge}\`; a function of ${memoryMb} MB works ${requestMs} ms on a request, and the audit ${auditMs} ms on what follows from it.`
}

/** One after the other, for a terminal. */
export function printed(costs: Costs, assumptions: Assumptions): string {
  return [
    ['Dollars for a million', dollarsTable(costs, assumptions)],
    ['What they are made of', unitsTable(costs)],
    ['The audit, when much comes at once', batchesTable(costs)],
    ['Dollars each month', monthlyTable(costs, assumptions)],
  ]
    .map(([title, table]) => `${title}\n\n${table}\n`)
    .concat(conditions(costs, assumptions))
    .join('\n')
}

function dollarsTable({ operations, deployed }: Costs, assumptions: Assumptions): string {
  const rows = operations.map((operation) => {
    const { total, keptMonthly, ...parts } = dollarsPerMillion(operation, assumptions, deployed)
    const { gateway, functions, ledger, audit, events, logs, sent } = parts
    const amounts = [gateway, functions, ledger, audit, events, logs, sent].map(usd)
    return [operation.name, ...amounts, `**${usd(total)}**`, usd(keptMonthly)]
  })
  return markdown(
    ['a million of', 'API', 'Lambda', 'Ledger', 'Audit', 'events', 'logs', 'sent', 'all', 'kept'],
    rows,
  )
}

function unitsTable({ operations }: Costs): string {
  const rows = operations.map(({ name, request, audit }) => [
    name,
    ...[request.writeUnits, request.indexUnits, request.readUnits, request.requests].map(String),
    ...[request.largestItemBytes, request.storedBytes, request.logBytes].map(whole),
    ...(audit
      ? [
          ...[audit.writeUnits, audit.readUnits, audit.requests].map(String),
          whole(audit.storedBytes),
          String(audit.events),
        ]
      : ['', '', '', '', '']),
  ])
  return markdown(
    [
      ...['one', 'write units', 'of indexes', 'read units', 'requests'],
      ...['largest item', 'kept', 'logged'],
      ...['Audit: write units', 'read units', 'requests', 'kept', 'events'],
    ],
    rows,
  )
}

function batchesTable({ operations, batches }: Costs): string {
  const alone = operations.find(({ name }) => name === 'spend')?.audit
  const all = [...(alone ? [{ name: 'a spend alone', ...alone }] : []), ...batches]
  const rows = all.map((batch) => [
    batch.name,
    each(batch.writeUnits, batch.records),
    each(batch.readUnits, batch.records),
    each(batch.requests, batch.records),
    usd(units(batch) / batch.records),
  ])
  return markdown(['one call', 'write units', 'read units', 'requests', 'a million, $'], rows)
}

function monthlyTable(costs: Costs, assumptions: Assumptions): string {
  const lines = monthly(costs, assumptions)
  const sum = lines.reduce((total, line) => total + line.usd, 0)
  return markdown(
    ['each month', '$'],
    [...lines.map((line) => [line.what, usd(line.usd)]), ['**all**', `**${usd(sum)}**`]],
  )
}

function pricesTable(): string {
  const rows = Object.values<Price>(PRICES).map(({ usd: price, per, of, source }) => [
    per === 1 ? of : `${per.toLocaleString('en')} × ${of}`,
    String(price),
    `<${source}>`,
  ])
  return markdown(['for', '$', 'says'], rows)
}

const BRIEF = ['spend', 'transfer', 'hold', 'capture', 'reverse', 'balance', 'history, 10']

/** What most of the requests of a game are. */
function briefTable({ operations, deployed }: Costs, assumptions: Assumptions): string {
  const wanted = BRIEF.flatMap((start) => operations.find(startsWith(start)) ?? [])
  const rows = wanted.map((operation) => {
    const { total, keptMonthly } = dollarsPerMillion(operation, assumptions, deployed)
    return [operation.name, usd(total), usd(keptMonthly)]
  })
  return markdown(['a million of', 'all, $', 'kept, $ a month'], rows)
}

const startsWith = (start: string) => (operation: Measured) => operation.name.startsWith(start)

function usd(amount: number): string {
  return amount.toFixed(2)
}

function whole(count: number): string {
  return Math.round(count).toLocaleString('en')
}

function each(sum: number, count: number): string {
  return (sum / count).toFixed(2)
}
