import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { LedgerContents } from '../../lib/audit/invariants.ts'
import { isSystemAccount } from '../../lib/money/account.ts'
import { type HoldId, holdingTransaction } from '../../lib/money/hold.ts'
import { balanceName } from '../../lib/money/posting.ts'
import { isoTime } from '../../lib/money/time.ts'
import type { Transaction } from '../../lib/money/transaction.ts'
import { type Door, isAcknowledged, send, type Write } from './load.ts'

/** What the service said of a transaction, as far as it is money. */
const said = z.object({
  id: z.string(),
  type: z.string(),
  postings: z.array(
    z.object({ from: z.string(), to: z.string(), asset: z.string(), amount: z.number() }),
  ),
  balances: z.array(
    z.object({
      walletId: z.string(),
      asset: z.string(),
      available: z.number(),
      held: z.number(),
      version: z.number(),
    }),
  ),
  createdAt: z.string(),
})
type Said = z.output<typeof said>

export interface Verdict {
  /** Acknowledged, and not in the ledger. */
  readonly lost: readonly string[]
  /** Whatever else is not as it must be, each in a sentence. */
  readonly faults: readonly string[]
}

const CREATED = 201
/** Nobody can pay what they do not have. All else that clients of this load are refused is a fault. */
const NOT_ENOUGH = 402
const REPLAYS_AT_ONCE = 6

export interface Known {
  /** Transactions that no client of the load made, such as the seed. */
  readonly others: ReadonlySet<string>
  /** What the database is known to have lost: who captures such a hold is told that there is none. */
  readonly excused: ReadonlySet<string>
}

/** Holds what clients remember against what is in the ledger. */
export function judge(
  contents: LedgerContents,
  writes: readonly Write[],
  { others, excused }: Known,
): Verdict {
  const kept = new Map(
    contents.transactions.map((transaction) => [`${transaction.id}`, transaction]),
  )
  const acknowledged = writes.filter(isAcknowledged)
  const told = acknowledged.map(({ key, answer }) => ({ key, said: read(answer.text) }))
  const ids = new Map(told.map(({ key, said }) => [said.id, key]))
  const lost = told.filter(({ said }) => !kept.has(said.id)).map(({ said }) => said.id)
  return {
    lost,
    faults: [
      ...writes
        .filter(({ answer }) => answer === undefined)
        .map(({ key, sends }) => `${key}: nobody knows what became of it, after ${sends}`),
      ...writes
        .filter((write) => isUnfair(write, excused))
        .map(({ key, answer }) => `${key}: refused with ${answer?.text}`),
      ...(ids.size === told.length ? [] : ['two keys were told of one transaction']),
      ...told.flatMap(({ key, said }) => differences(key, said, kept.get(said.id))),
      ...Array.from(kept.keys())
        .filter((id) => !ids.has(id) && !others.has(id))
        .map((id) => `${id}: is in the ledger, and nobody was told of it`),
      ...(lost.length > 0 ? [] : wrongBalances(contents, told, others)),
    ],
  }
}

/** Each acknowledged key once more: the same bytes, and it says that they are no news. */
export async function replayAll(
  door: Door,
  writes: readonly Write[],
  lost: ReadonlySet<string>,
): Promise<readonly string[]> {
  const waiting = writes
    .filter(isAcknowledged)
    .filter(({ answer }) => !lost.has(read(answer.text).id))
  const faults: string[] = []
  async function work(): Promise<void> {
    for (let write = waiting.pop(); write; write = waiting.pop()) {
      const again = await send(door, write)
      if (again?.status === CREATED && again.replayed && again.text === write.answer.text) continue
      faults.push(
        `${write.key}: was ${write.answer.text}, is ${JSON.stringify(again)} when replayed`,
      )
    }
  }
  await Promise.all(Array.from({ length: REPLAYS_AT_ONCE }, work))
  return faults
}

export function idIn(text: string): string {
  return read(text).id
}

function read(text: string): Said {
  return said.parse(JSON.parse(text))
}

function isUnfair({ order, answer }: Write, excused: ReadonlySet<string>): boolean {
  if (answer === undefined || answer.status === CREATED) return false
  const holdId = /\/(hold_[^/]+)\//.exec(order.path)?.[1] ?? ''
  const isOfLostHold = excused.has(holdingTransaction(holdId as HoldId))
  return answer.status !== NOT_ENOUGH && !isOfLostHold
}

function differences(key: string, said: Said, kept: Transaction | undefined): string[] {
  if (!kept) return []
  const { id, type, postings, at } = kept
  const balances = kept.balances.map(({ walletId, asset, available, held, seq }) => {
    return { walletId, asset, available, held, version: seq }
  })
  const inLedger = { id, type, postings, balances, createdAt: isoTime(at) }
  return isDeepStrictEqual(said, inLedger)
    ? []
    : [`${key}: was told ${JSON.stringify(said)}, the ledger has ${JSON.stringify(inLedger)}`]
}

/** What everybody has, summed from nothing but what clients were told. */
function wrongBalances(
  { balances, transactions }: LedgerContents,
  told: readonly { readonly said: Said }[],
  others: ReadonlySet<string>,
): string[] {
  const sums = new Map<string, number>()
  const add = (account: string, asset: string, amount: number) => {
    if (isSystemAccount(account)) return
    const name = `${account} ${asset}`
    sums.set(name, (sums.get(name) ?? 0) + amount)
  }
  const all = [
    ...told.flatMap(({ said }) => said.postings),
    ...transactions.filter(({ id }) => others.has(id)).flatMap(({ postings }) => postings),
  ]
  for (const { from, to, asset, amount } of all) {
    add(from, asset, -amount)
    add(to, asset, amount)
  }
  return balances
    .filter(({ walletId, asset, available, held }) => {
      return sums.get(`${walletId} ${asset}`) !== available + held
    })
    .map((balance) => {
      const { walletId, asset, available, held } = balance
      const sum = sums.get(`${walletId} ${asset}`)
      return `${balanceName(balance)}: has ${available + held}, clients were told ${sum}`
    })
}
