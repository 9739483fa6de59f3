import type { DynamoDBRecord } from 'aws-lambda'
import type { Entry } from '../money/balance.ts'
import type { BalanceId } from '../money/posting.ts'
import { MAX_AT, MAX_SEQ } from '../store/keys.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import { emptyProjection, type Projection, project, type Step } from './project.ts'
import type { Rule } from './rules/rule.ts'
import { type AuditTable, MAX_STEP_ITEMS } from './table/audit-table.ts'
import type { Generation } from './table/keys.ts'

/** What projecting works on. */
export interface Projector {
  readonly ledger: Pick<LedgerStore, 'readEntries' | 'readBalance'>
  readonly table: AuditTable
  readonly rules: readonly Rule[]
  /** Told of each entry before its projection is committed: at least once, and in the order of the balance. */
  readonly tell: (told: Pick<Step, 'flags'>, entries: readonly Entry[]) => Promise<void>
  /** Told of each record about a wallet itself. */
  readonly tellOfWallet: (record: DynamoDBRecord) => Promise<void>
}

/**
 * The ledger does not show an entry that it must have. It may be about to: the items of a transaction become visible one
 * by one, and the balance or the next entry may be first. One that stays away is gone.
 */
export class EntryMissing extends Error {
  override name = 'EntryMissing'
}

/** Entries that one transaction projects: as many as fit, whatever their postings are. */
const MAX_ENTRIES = 50
/** How often somebody else may be first. Each time, the projection has moved on, so this ends. */
const MAX_ROUNDS = 1_000_000

/**
 * Projects a balance up to an entry, or as far as the ledger goes. The stream only wakes: entries that it brought
 * are used where they are the next ones, and everything else is read from the ledger. So what comes twice, late, in
 * another order or never is one case. Answers how many entries were projected.
 */
export async function catchUp(
  projector: Projector,
  generation: Generation,
  id: BalanceId,
  { brought = [], upTo = MAX_SEQ }: { brought?: readonly Entry[]; upTo?: number } = {},
): Promise<number> {
  const { table, rules, tell } = projector
  let projected = 0
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const from = (await table.readProjection(generation, id)) ?? emptyProjection(id)
    if (from.seq >= upTo) return projected
    const next = await nextEntries(projector, from, brought)
    const entries = fitting(
      next.filter(({ seq }) => seq <= upTo),
      rules.length,
    )
    if (entries.length === 0) {
      if (upTo === MAX_SEQ) return projected
      throw new EntryMissing(`entry ${from.seq + 1} is not in the ledger`)
    }
    const step = project(from, entries, rules)
    await tell(step, entries)
    if (await table.commitStep(generation, from, step)) projected += entries.length
  }
  throw new Error(`no end of entries after ${MAX_ROUNDS} rounds`)
}

async function nextEntries(
  { ledger }: Projector,
  from: Projection,
  brought: readonly Entry[],
): Promise<readonly Entry[]> {
  const next = following(from, brought)
  if (next.length > 0) return next
  const { entries } = await ledger.readEntries({
    walletId: from.walletId,
    asset: from.asset,
    oldest: { at: from.at, seq: from.seq + 1 },
    newest: { at: MAX_AT, seq: MAX_SEQ },
    order: 'asc',
    limit: MAX_ENTRIES,
    consistent: true,
  })
  return following(from, entries)
}

/** Those of them that come next, without a gap. */
function following(from: Projection, entries: readonly Entry[]): Entry[] {
  const bySeq = new Map(entries.map((entry) => [entry.seq, entry]))
  const next: Entry[] = []
  for (let seq = from.seq + 1; next.length < MAX_ENTRIES; seq += 1) {
    const entry = bySeq.get(seq)
    if (!entry) break
    next.push(entry)
  }
  return next
}

/** For each posting a line and perhaps an account, and for each entry a flag of each rule and of the chain. */
function fitting(entries: readonly Entry[], rules: number): Entry[] {
  let items = 0
  const fit: Entry[] = []
  for (const entry of entries) {
    items += 2 * entry.postings.length + rules + 1
    if (fit.length > 0 && items > MAX_STEP_ITEMS) break
    fit.push(entry)
  }
  return fit
}
