import type { Entry } from '../../../lib/money/balance.ts'
import { balanceName } from '../../../lib/money/posting.ts'
import type { Asked, Log, Walked } from '../world/log.ts'
import type { WalkAction } from '../world/step.ts'
import type { Breach } from './breach.ts'

/** Whoever follows the cursors to the end sees all that was there when they began, each once and in its order. */
export function findTornHistories(log: Log, entries: readonly Entry[]): Breach[] {
  const chains = Map.groupBy(entries, balanceName)
  const known = chronicle(log)
  return [
    ...log.walks.flatMap((asked) => tornWalk(asked, chains, known)),
    ...log.reads.flatMap((asked) => wrongPast(asked, chains, known)),
    ...log.reads.flatMap((asked) => unsettled(asked, chains)),
    ...log.wallets.flatMap((asked) => tornWallet(asked, entries)),
  ]
}

/** An answer that said it was settled equals what the finished ledger says. */
function unsettled({ number, action, heard }: Log['reads'][number], chains: Chains): Breach[] {
  if (heard?.result.kind !== 'found' || heard.result.balance.settled !== true) return []
  const { balance, asOfMs = 0 } = heard.result
  const chain = chains.get(balanceName(action)) ?? []
  const later = chain.find(({ seq, at }) => seq > balance.seq && at <= asOfMs)
  if (!later) return []
  const text = `step ${number} read ${balanceName(action)}, settled, at entry ${balance.seq}, and entry ${later.seq} came to be of the same time or before`
  return [{ check: 'histories', text, about: action.walletId }]
}

/** A wallet is read at one moment: a transaction is seen in all its balances, or in none. */
function tornWallet(
  { number, action: { walletId }, heard }: Log['wallets'][number],
  entries: readonly Entry[],
): Breach[] {
  if (!heard) return []
  const seen = new Map(heard.result?.balances.map(({ asset, seq }) => [asset, seq]))
  const own = entries.filter((entry) => entry.walletId === walletId)
  const torn = Array.from(Map.groupBy(own, ({ transactionId }) => transactionId)).find(
    ([, parts]) => new Set(parts.map(({ asset, seq }) => (seen.get(asset) ?? 0) >= seq)).size > 1,
  )
  if (!torn) return []
  const text = `step ${number} read the wallet ${walletId}, and saw a part of ${torn[0]}`
  return [{ check: 'histories', text, about: walletId }]
}

/** By transaction: when somebody had been told of it first. */
function chronicle({ posts }: Log): ReadonlyMap<string, number> {
  const told = new Map<string, number>()
  for (const { heard } of posts) {
    if (heard?.result.kind !== 'posted') continue
    const { id } = heard.result.transaction
    told.set(id, Math.min(heard.atUs, told.get(id) ?? heard.atUs))
  }
  return told
}

type Chains = ReadonlyMap<string, readonly Entry[]>

function tornWalk(
  { number, action, fromUs, heard }: Asked<WalkAction, Walked>,
  chains: Chains,
  told: ReadonlyMap<string, number>,
): Breach[] {
  if (!heard) return []
  const { walletId, what, order } = action
  const tell = (text: string) => ({
    check: 'histories',
    text: `step ${number}, ${what} of ${walletId}, ${order}: ${text}`,
    about: walletId,
  })
  const breaches: Breach[] = []
  const { entries, ids } = heard.result
  const seen = what === 'entries' ? entries.map(({ transactionId }) => transactionId) : ids
  const owned = Array.from(chains.values())
    .flat()
    .filter(({ walletId: owner, asset }) => owner === walletId && asset === (action.asset ?? asset))
  const before = owned.filter(({ transactionId, type }) => {
    const isOfKind = what !== 'holds' || type === 'HOLD'
    return isOfKind && (told.get(transactionId) ?? Number.POSITIVE_INFINITY) < fromUs
  })
  const shown = new Set<string>(seen)
  const missing = before.filter(({ transactionId }) => !shown.has(transactionId))
  if (missing.length > 0) {
    breaches.push(tell(`${missing[0]?.transactionId} was there before and is not shown`))
  }
  if (what !== 'entries') {
    if (shown.size < seen.length) breaches.push(tell('shows one twice'))
    return breaches
  }
  for (const [asset, ofAsset] of Map.groupBy(entries, (entry) => entry.asset)) {
    const numbers = ofAsset.map(({ seq }) => seq)
    if (order === 'desc') numbers.reverse()
    // Of several assets, one whose clock is behind can come too late for a cursor that goes forward.
    const isWhole = action.asset !== undefined || order === 'desc'
    const isInOrder = numbers.every((seq, index) => {
      const last = numbers[index - 1] ?? 0
      return isWhole ? seq === last + 1 : seq > last
    })
    if (!isInOrder) breaches.push(tell(`${asset} is shown as ${numbers.slice(0, 40).join(' ')}`))
  }
  return breaches
}

/** A read that need not be new shows something that was; and nobody sees a past that had been something else. */
function wrongPast(
  { number, action, fromUs, heard }: Log['reads'][number],
  chains: Chains,
  told: ReadonlyMap<string, number>,
): Breach[] {
  if (heard?.result.kind !== 'found') return []
  const { available, held, seq, at } = heard.result.balance
  const chain = chains.get(balanceName(action)) ?? []
  const entry = chain.find((candidate) => candidate.seq === seq)
  const tell = (text: string): Breach[] => [
    {
      check: 'histories',
      text: `step ${number} read ${available} and ${held} held of ${balanceName(action)}, entry ${seq}: ${text}`,
      about: action.walletId,
    },
  ]
  if (seq > 0 && (entry?.available !== available || entry.held !== held || entry.at !== at)) {
    return tell('that was never so')
  }
  // What was never opened has the time of its wallet.
  if (action.agoMs === undefined || !action.consistent || seq === 0) return []
  const later = chain.find((candidate) => {
    const isKnown = (told.get(candidate.transactionId) ?? Number.POSITIVE_INFINITY) < fromUs
    return isKnown && candidate.seq > seq && candidate.at <= at
  })
  return later ? tell(`entry ${later.seq} was there, and is of the same time or before`) : []
}
