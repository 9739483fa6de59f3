import type { DynamoDBRecord } from 'aws-lambda'
import type { Entry } from '../money/balance.ts'
import { type BalanceId, balanceName } from '../money/posting.ts'
import { StoreUnavailable } from '../store/failures.ts'
import { type Flag, raiseFlag, UNEXPLAINED_CHANGE } from './flag.ts'
import { catchUp, EntryMissing, type Projector } from './projector.ts'
import { balanceOf, changedAt, recordId, toChange } from './stream-record.ts'
import type { Generations } from './table/audit-table.ts'
import { type Generation, shardOf } from './table/keys.ts'
import { unexplained } from './unexplained.ts'

/** What became of some records of the stream. */
export interface Audited {
  /** The sequence numbers of those that should come again: the database could not be reached, or does not show all yet. */
  readonly failed: readonly string[]
  /** How many entries were projected. */
  readonly projected: number
  readonly parked: number
  /** Changes that no entry explains. */
  readonly unexplained: readonly Flag[]
}

export interface AuditOptions {
  readonly projector: Projector
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** Told why a record was parked. */
  readonly onParked: (error: unknown) => void
}

/** Balances are worked on side by side, each of them in order. */
const MAX_PARALLEL = 16
/** Before a record is parked: what fails once may succeed the next time. */
const MAX_ATTEMPTS = 3
const PAUSE_MS = 50
/** How long after the change an entry may still be on its way: far longer than any transaction takes. */
const ARRIVES_WITHIN_MS = 60_000

const NOTHING: Audited = { failed: [], projected: 0, parked: 0, unexplained: [] }

/** Everything that follows from some records of the ledger's stream. */
export async function auditRecords(
  options: AuditOptions,
  records: readonly DynamoDBRecord[],
): Promise<Audited> {
  const { table } = options.projector
  // After the records came: a rebuild that began before them is seen here, and one that begins later sees them.
  const generations = await table.readGenerations()
  const balances = Map.groupBy(records, (record) => {
    const id = balanceOf(record)
    return id ? balanceName(id) : recordId(record)
  })
  const lanes = Map.groupBy(balances.values(), ([first]) => laneOf(first))
  const results = await sideBySide(Array.from(lanes.values()), async (lane) => {
    let audited = NOTHING
    for (const ofOne of lane) {
      audited = together(audited, await auditBalance(options, generations, ofOne))
    }
    return audited
  })
  const audited = results.reduce(together, NOTHING)
  if (audited.failed.length === 0) {
    const newest = Math.max(...records.map(changedAt))
    await table.writeProgress({ changedAt: newest, projectedAt: options.now() })
  }
  return audited
}

/** What adds to the same sums would only stand in its own way side by side. */
function laneOf(record: DynamoDBRecord | undefined): string {
  const id = record && balanceOf(record)
  return id ? `${id.asset}#${shardOf(id.walletId)}` : ''
}

/** All records of one balance at once, and if that fails, one by one: then it shows which of them is poison. */
async function auditBalance(
  options: AuditOptions,
  generations: Generations,
  records: readonly DynamoDBRecord[],
): Promise<Audited> {
  try {
    return await auditTogether(options, generations, records)
  } catch (error) {
    if (error instanceof StoreUnavailable) return comeAgain(records)
  }
  let audited = NOTHING
  for (const [index, record] of records.entries()) {
    const result = await auditOne(options, generations, record)
    audited = together(audited, result)
    // What comes after it must not overtake it.
    if (result.failed.length > 0) return together(audited, comeAgain(records.slice(index + 1)))
  }
  return audited
}

async function auditOne(
  options: AuditOptions,
  generations: Generations,
  record: DynamoDBRecord,
): Promise<Audited> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await auditTogether(options, generations, [record])
    } catch (error) {
      if (error instanceof StoreUnavailable) return comeAgain([record])
      if (attempt === MAX_ATTEMPTS) {
        return isOnItsWay(options, record, error)
          ? comeAgain([record])
          : park(options, record, error)
      }
      await options.sleep(PAUSE_MS * attempt)
    }
  }
}

function isOnItsWay({ now }: AuditOptions, record: DynamoDBRecord, error: unknown): boolean {
  return error instanceof EntryMissing && now() - changedAt(record) < ARRIVES_WITHIN_MS
}

async function auditTogether(
  { projector }: AuditOptions,
  { current, building }: Generations,
  records: readonly DynamoDBRecord[],
): Promise<Audited> {
  const [first] = records
  const id = first && balanceOf(first)
  if (!id) {
    for (const record of records) await projector.tellOfWallet(record)
    return NOTHING
  }
  const { flags, brought, unreadable } = sift(id, records)
  if (flags.length > 0) await projector.tell({ flags }, [])
  for (const flag of flags) await projector.table.raise(flag)
  if (unreadable) throw unreadable

  const upTo = Math.max(0, ...brought.map(({ seq }) => seq))
  const projected = await catchUp(projector, current, id, { brought, upTo })
  if (building !== undefined) await keepUp(projector, building, id, { brought, upTo })
  return { ...NOTHING, projected, unexplained: flags }
}

/** What the records bring that can be believed, and a flag for each change that cannot. */
function sift(id: BalanceId, records: readonly DynamoDBRecord[]) {
  const flags: Flag[] = []
  const brought: Entry[] = []
  let unreadable: Unreadable | undefined
  for (const record of records) {
    try {
      const change = toChange(record)
      const reason = unexplained(change)
      if (reason) flags.push(unexplainedFlag(id, record, reason))
      else if (change.after) brought.push(change.after.last)
    } catch (error) {
      const flag = unexplainedFlag(id, record, 'the balance cannot be read')
      flags.push(flag)
      unreadable = new Unreadable(flag, { cause: error })
    }
  }
  return { flags, brought, unreadable }
}

/** Nothing of ours writes such an item. */
class Unreadable extends Error {
  override name = 'Unreadable'
  readonly flag: Flag

  constructor(flag: Flag, { cause }: { readonly cause: unknown }) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.flag = flag
  }
}

/** Further behind than this, it is for the rebuild to bring it here, which looks again when it has. */
const MAX_BEHIND = 500

async function keepUp(
  projector: Projector,
  building: Generation,
  id: BalanceId,
  { brought, upTo }: { readonly brought: readonly Entry[]; readonly upTo: number },
): Promise<void> {
  const built = await projector.table.readProjection(building, id)
  if (upTo - (built?.seq ?? 0) > MAX_BEHIND) return
  await catchUp({ ...projector, tell: nobody }, building, id, { brought, upTo })
}

/** What is built anew was told when it happened. */
const nobody: Projector['tell'] = async () => {}

function unexplainedFlag(id: BalanceId, record: DynamoDBRecord, reason: string): Flag {
  const at = Math.round(changedAt(record))
  const facts = { rule: UNEXPLAINED_CHANGE, ...id, transactionIds: [], reason, at }
  return raiseFlag(facts, ['record', recordId(record)])
}

/** Puts a record aside, whole, so that its shard goes on. */
async function park(
  { projector, now, onParked }: AuditOptions,
  record: DynamoDBRecord,
  error: unknown,
): Promise<Audited> {
  const id = balanceOf(record)
  try {
    await projector.table.park({
      id: recordId(record),
      walletId: id?.walletId,
      asset: id?.asset,
      reason: error instanceof Error ? error.message : String(error),
      attempts: MAX_ATTEMPTS,
      firstFailedAt: now(),
      record,
    })
  } catch {
    return comeAgain([record])
  }
  onParked(error)
  return { ...NOTHING, parked: 1, unexplained: error instanceof Unreadable ? [error.flag] : [] }
}

function comeAgain(records: readonly DynamoDBRecord[]): Audited {
  return { ...NOTHING, failed: records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '') }
}

function together(a: Audited, b: Audited): Audited {
  return {
    failed: [...a.failed, ...b.failed],
    projected: a.projected + b.projected,
    parked: a.parked + b.parked,
    unexplained: [...a.unexplained, ...b.unexplained],
  }
}

async function sideBySide<Thing, Result>(
  things: readonly Thing[],
  work: (thing: Thing) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const waiting = things.entries()
  const worker = async () => {
    for (const [index, thing] of waiting) results[index] = await work(thing)
  }
  await Promise.all(Array.from({ length: MAX_PARALLEL }, worker))
  return results
}
