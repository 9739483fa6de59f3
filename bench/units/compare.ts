import { ASSUMPTIONS, type Assumptions, dollarsPerMillion } from '../costs/dollars.ts'
import type { Costs, Measured } from '../costs/record.ts'
import type { Bill } from '../meter/bill.ts'
import type { TextbookBill } from './textbook-bills.ts'

/** An operation of ours, and the same one in the textbook, where that has it. */
export interface Pair {
  readonly name: string
  readonly ours: Measured
  readonly textbook: TextbookBill | undefined
}

/** Those that touch one wallet, once, and open nothing: most of what a game does. */
export const ONE_WALLET_WRITES = ['topup', 'bonus', 'spend', 'deposit', 'withdraw']

export const MOST_UNITS = 6
export const MOST_PERCENT_OF_TEXTBOOK = 55

export function pairsOf({ operations }: Costs, bills: readonly TextbookBill[]): Pair[] {
  return operations.map((ours) => ({
    name: ours.name,
    ours,
    textbook: bills.find(({ name }) => name === ours.name),
  }))
}

/** Of the table and its indexes. */
export function writeUnits({ writeUnits: ofTable, indexUnits }: Bill): number {
  return ofTable + indexUnits
}

/** How much of the textbook's write units we need, in percent: the most of some operations. */
export function largestPercent(pairs: readonly Pair[], names: readonly string[]): number {
  const percents = names.map((name) => {
    const pair = pairs.find((one) => one.name === name)
    if (!pair?.textbook) throw new Error(`nobody measured ${name}`)
    return (100 * writeUnits(pair.ours.request)) / writeUnits(pair.textbook)
  })
  return Math.max(...percents)
}

export interface RequestDollars {
  readonly gateway: number
  readonly functions: number
  readonly database: number
  readonly total: number
}

/** A million requests. Without the audit, logs and traffic: the textbook has none, or the same. */
export function requestDollars(
  bill: Bill,
  deployed: Costs['deployed'],
  assumptions: Assumptions = ASSUMPTIONS,
): RequestDollars {
  const request = { ...bill, logBytes: 0, answerBytes: 0 }
  const { gateway, functions, ledger } = dollarsPerMillion(
    { name: '', request },
    assumptions,
    deployed,
  )
  return { gateway, functions, database: ledger, total: gateway + functions + ledger }
}
