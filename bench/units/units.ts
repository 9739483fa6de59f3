import { ASSUMPTIONS } from '../costs/dollars.ts'
import { type Costs, readCosts } from '../costs/record.ts'
import type { Answer, OnProgress, Question, Table } from '../frame/question.ts'
import { atMost } from '../frame/target.ts'
import type { Bill } from '../meter/bill.ts'
import {
  largestPercent,
  MOST_PERCENT_OF_TEXTBOOK,
  MOST_UNITS,
  ONE_WALLET_WRITES,
  type Pair,
  pairsOf,
  requestDollars,
  writeUnits,
} from './compare.ts'

export const units: Question = {
  name: 'units',
  question: 'What does an operation ask of DynamoDB, and what would it ask in the textbook design?',
  run: measure,
}

async function measure(onProgress: OnProgress): Promise<Answer> {
  const [{ startDynamoDb }, { billTextbook }] = await Promise.all([
    import('../../local/dynamodb.ts'),
    import('./textbook-bills.ts'),
  ])
  onProgress(0, 1)
  const dynamoDb = await startDynamoDb({})
  try {
    const costs = readCosts()
    const pairs = pairsOf(costs, await billTextbook(dynamoDb.endpoint))
    onProgress(1, 1)
    return answerOf(costs, pairs)
  } finally {
    await dynamoDb.stop()
  }
}

function answerOf(costs: Costs, pairs: readonly Pair[]): Answer {
  const { deployed, measuredOn } = costs
  const { requestMs, edge } = ASSUMPTIONS
  const ofOneWallet = pairs.filter(({ name }) => ONE_WALLET_WRITES.includes(name))
  return {
    targets: [
      atMost({
        what: 'write units of a write to one wallet',
        limit: MOST_UNITS,
        measured: Math.max(...ofOneWallet.map(({ ours }) => writeUnits(ours.request))),
      }),
      atMost({
        what: 'the same, of what the textbook takes',
        unit: '%',
        limit: MOST_PERCENT_OF_TEXTBOOK,
        measured: largestPercent(pairs, ONE_WALLET_WRITES),
      }),
    ],
    tables: [unitsTable(pairs), dollarsTable(pairs, deployed)],
    remarks: [
      `Ours are those of [What it costs](costs.md), measured on ${measuredOn} with the same meter. The textbook is bench/baselines/textbook.ts: idempotency by Powertools with a table of its own, every balance stored, the treasury's too, a debit and a credit for each movement, and a record. Its balance of the treasury is one item for everybody: what that does when many come at once is another question.`,
      `The dollars are of the request alone, with \`edge=${edge}\` and ${requestMs} ms of Lambda for both, however many requests they make of DynamoDB. The audit, logs and traffic are in [What it costs](costs.md): the textbook has no audit that could be compared.`,
    ],
  }
}

const NONE = ''

function unitsTable(pairs: readonly Pair[]): Table {
  return {
    title: 'One of each, in units; in the textbook design in the columns on the right',
    headers: [
      ...['one', 'write units', 'read units', 'requests', 'largest item', 'kept'],
      ...['write units', 'read units', 'requests', 'largest item', 'kept', '% of its write units'],
    ],
    rows: pairs.map(({ name, ours, textbook }) => [
      name,
      ...cells(ours.request),
      ...(textbook ? cells(textbook) : [NONE, NONE, NONE, NONE, NONE]),
      textbook ? percent(writeUnits(ours.request) / writeUnits(textbook)) : NONE,
    ]),
  }
}

function cells(bill: Bill): string[] {
  const { readUnits, requests, largestItemBytes, storedBytes } = bill
  return [writeUnits(bill), readUnits, requests, largestItemBytes, storedBytes].map((count) =>
    count.toLocaleString('en'),
  )
}

function dollarsTable(pairs: readonly Pair[], deployed: Costs['deployed']): Table {
  const rows = pairs.flatMap(({ name, ours, textbook }) => {
    if (!textbook) return []
    const [own, theirs] = [ours.request, textbook].map((bill) => requestDollars(bill, deployed))
    if (!own || !theirs) return []
    const amounts = [own.gateway, own.functions, own.database, own.total]
    const others = [theirs.database, theirs.total]
    return [[name, ...[...amounts, ...others].map(usd), percent(own.total / theirs.total)]]
  })
  return {
    title: 'A million of each, in dollars',
    headers: ['a million of', 'API', 'Lambda', 'DynamoDB', 'all', 'textbook: DynamoDB', 'all', '%'],
    rows,
  }
}

function usd(amount: number): string {
  return amount.toFixed(2)
}

function percent(share: number): string {
  return Math.round(share * 100).toString()
}
