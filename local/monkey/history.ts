import type { Entry } from '../../lib/money/balance.ts'
import { continueChain, START_OF_CHAIN } from '../../lib/money/chain.ts'
import { type Account, accountName, type Totals, totalsOf } from './books.ts'
import type { Finding } from './finding.ts'

/** What a Strongbox says of one balance when it is asked in the end. */
export interface ReadBack {
  readonly balance: Totals
  /** Oldest first. */
  readonly entries: readonly Entry[]
}

const NOTHING = 'nothing'

/** What a wallet has, compared with what it has to have. */
export function compareBalance(account: Account, { balance }: ReadBack): Finding[] {
  const expected = inWords(totalsOf(account))
  const found = inWords(balance)
  return expected === found ? [] : [{ where: nameOf(account), expected, found }]
}

/** Each acknowledged transaction is there once and as it was told, and nothing else is. */
export function compareHistory(
  account: Account,
  { entries }: ReadBack,
  toldOf: (reference: string | undefined) => string,
): Finding[] {
  const where = nameOf(account)
  const moves = new Map(account.moves.map((move) => [move.transactionId, move]))
  const found = Map.groupBy(entries, ({ transactionId }) => transactionId as string)
  const lost = account.moves
    .filter(({ transactionId }) => !found.has(transactionId))
    .map(({ transactionId, type, errand, availableDelta, heldDelta }) => ({
      where,
      expected: `${entryWords({ type, availableDelta, heldDelta })} of errand ${errand}, ${transactionId}`,
      found: NOTHING,
    }))
  const others = Array.from(found).flatMap(([transactionId, same]): Finding[] => {
    const [entry] = same
    const move = moves.get(transactionId)
    if (!entry) return []
    const entryText = `${entryWords(entry)}, ${transactionId}`
    if (!move) {
      return [{ where, expected: NOTHING, found: `${entryText}: ${toldOf(entry.reference)}` }]
    }
    const moveText = `${entryWords(move)}, ${transactionId}`
    if (same.length > 1) return [{ where, expected: moveText, found: `it ${same.length} times` }]
    if (moveText !== entryText) return [{ where, expected: moveText, found: entryText }]
    const { after } = move
    if (!after || after.version === entry.seq) return []
    return [
      { where, expected: `${moveText} as version ${after.version}`, found: `version ${entry.seq}` },
    ]
  })
  return [...lost, ...others]
}

/** The entries by themselves: gapless, summed up, chained by their hashes, and the balance is the last of them. */
export function checkChain(account: Account, { balance, entries }: ReadBack): Finding[] {
  const where = nameOf(account)
  let last = START_OF_CHAIN
  for (const entry of entries) {
    const next = continueChain(last, entry)
    if ('reason' in next) {
      return [{ where, expected: 'a whole chain', found: `version ${next.seq}: ${next.reason}` }]
    }
    last = next
  }
  const { available, held, seq } = last
  const [expected, found] = [inWords({ available, held, version: seq }), inWords(balance)]
  return expected === found
    ? []
    : [{ where, expected: `what its history adds up to: ${expected}`, found }]
}

function nameOf({ walletId, asset }: Account): string {
  return accountName(walletId, asset)
}

function entryWords({
  type,
  availableDelta,
  heldDelta,
}: {
  readonly type: string
  readonly availableDelta: number
  readonly heldDelta: number
}): string {
  const held = heldDelta === 0 ? '' : `, ${signed(heldDelta)} held`
  return `${type} ${signed(availableDelta)}${held}`
}

function signed(amount: number): string {
  return amount < 0 ? `−${-amount}` : `+${amount}`
}

function inWords({ available, held, version }: Totals): string {
  return `${available} available, ${held} held, version ${version}`
}
