import { isSystemAccount, type SystemAccount } from '../money/account.ts'
import type { Entry } from '../money/balance.ts'
import { continueChain, type Link, START_OF_CHAIN } from '../money/chain.ts'
import type { BalanceId } from '../money/posting.ts'
import { type Flag, raiseFlag, UNEXPLAINED_CHANGE } from './flag.ts'
import type { Rule } from './rules/rule.ts'
import { addSupply, NO_CHANGE, type SupplyChange, supplyChange } from './supply.ts'
import { addToTotals, type Totals } from './totals.ts'

/** Everything that follows from the entries of one balance, up to one of them. */
export interface Projection extends BalanceId, Link {
  readonly firstAt: number
  readonly totals: Totals
  /** What each rule remembers, by its name. */
  readonly memories: Readonly<Record<string, unknown>>
}

/** A line of the statement of a system account. */
export interface StatementLine extends BalanceId {
  readonly account: SystemAccount
  /** From the account's side: positive came in, negative went out. */
  readonly amount: number
  readonly entry: Entry
  /** Which of the entry's postings. */
  readonly index: number
}

/** What some entries add to what was known. Projecting them one by one, or all at once, gives the same. */
export interface Step {
  readonly projection: Projection
  readonly supply: SupplyChange
  readonly lines: readonly StatementLine[]
  readonly flags: readonly Flag[]
}

export function emptyProjection({ walletId, asset }: BalanceId): Projection {
  return { walletId, asset, ...START_OF_CHAIN, firstAt: 0, totals: {}, memories: {} }
}

export function project(from: Projection, entries: readonly Entry[], rules: readonly Rule[]): Step {
  const start: Step = { projection: from, supply: NO_CHANGE, lines: [], flags: [] }
  return entries.reduce((step, entry) => projectOne(step, entry, rules), start)
}

function projectOne(step: Step, entry: Entry, rules: readonly Rule[]): Step {
  const { projection } = step
  const { seq, at, available, held, hash } = entry
  const judged = judge(projection, entry, rules)
  return {
    projection: {
      ...projection,
      // What the entry says, also where it does not follow from the last: one fault, and not one for each after it.
      ...{ seq, at, available, held, head: hash },
      firstAt: projection.seq === 0 ? at : projection.firstAt,
      totals: addToTotals(projection.totals, entry),
      memories: judged.memories,
    },
    supply: addSupply(step.supply, supplyChange(entry)),
    lines: [...step.lines, ...statementLines(entry)],
    flags: [...step.flags, ...judged.flags, ...chainFlags(projection, entry)],
  }
}

function judge({ memories }: Projection, entry: Entry, rules: readonly Rule[]) {
  const judgements = rules.map((rule) => ({
    name: rule.name,
    ...rule.judge(memories[rule.name], entry),
  }))
  const remembered = judgements.flatMap(({ name, memory }) =>
    memory === undefined ? [] : [[name, memory] as const],
  )
  const { walletId, asset, at, seq } = entry
  const flags = judgements.flatMap(({ name, flagged }) => {
    if (!flagged) return []
    const facts = { rule: name, walletId, asset, transactionIds: flagged, reason: undefined, at }
    return [raiseFlag(facts, [seq])]
  })
  return { memories: Object.fromEntries(remembered), flags }
}

/** Invariant 4, entry by entry. */
function chainFlags(last: Projection, entry: Entry): Flag[] {
  const link = continueChain(last, entry)
  if (!('reason' in link)) return []
  const { walletId, asset, at, seq, transactionId } = entry
  const facts = { rule: UNEXPLAINED_CHANGE, walletId, asset, at, reason: link.reason }
  return [raiseFlag({ ...facts, transactionIds: [transactionId] }, ['entry', seq])]
}

function statementLines(entry: Entry): StatementLine[] {
  const { walletId, asset, postings } = entry
  return postings.flatMap(({ counterparty, amount }, index) =>
    isSystemAccount(counterparty)
      ? [{ walletId, asset, account: counterparty, amount: -amount, entry, index }]
      : [],
  )
}
