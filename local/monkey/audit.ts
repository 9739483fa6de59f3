import { findMisfit, findWrongDecline } from './answers-fit.ts'
import { type Account, accountName, type Books } from './books.ts'
import type { Client } from './client.ts'
import { findComplaints } from './complaints.ts'
import { type Errands, inTurns } from './errands.ts'
import { type Check, checked, type Finding, notChecked } from './finding.ts'
import { checkChain, compareBalance, compareHistory, type ReadBack } from './history.ts'
import { readBack, Unreadable } from './read-back.ts'
import type { Rights } from './rights.ts'
import { checkSupply, expectedSupply } from './supply.ts'
import { inNumber } from './words.ts'
import type { World } from './world.ts'

export interface AuditOptions {
  readonly world: World
  readonly client: Client
  readonly books: Books
  readonly errands: Errands
  readonly surprises: readonly Finding[]
  readonly rights: Rights
  readonly startedAtMs: number
  /** For what was not answered, and then for the audit, which is a moment behind. */
  readonly waitMs: number
  readonly onProgress: (what: string, done?: number, of?: number) => void
}

const READERS = 20
const NEEDS_READ = 'needs wallet:read'

/** Looks at everything that can be looked at, after the last answer. */
export async function auditAll(options: AuditOptions): Promise<Check[]> {
  const { books, surprises } = options
  const settled = await settle(options)
  const first = [checked('answers', 'each is one that such a request may have', surprises), settled]
  if (settled.outcome === 'wrong' && !(await isThere(options))) {
    return [...first, ...LATER.map((name) => notChecked(name, 'nobody answers any more'))]
  }
  const replays = await repeat(options)
  const histories = await readHistories(options)
  return [
    ...[...first, replays, ...checkAnswers(options), ...histories],
    await lookAtSupply(options),
    await lookAtComplaints(options),
    checked('keys', 'one transaction for each, and for no other', books.contradictions),
  ]
}

/** All that comes after the last word on every request. */
const LATER = [
  ...['replays', 'order', 'declines', 'balances', 'histories', 'chains', 'supply', 'audit', 'keys'],
]

async function isThere({ client, onProgress }: AuditOptions): Promise<boolean> {
  onProgress('looking whether anybody is still there')
  const { reply } = await client.send({ method: 'GET', path: '/health' }, 'health')
  return reply.kind === 'answer'
}

/** What nobody knows of is asked for again, under the same key, until somebody does. */
async function settle({ errands, waitMs, onProgress }: AuditOptions): Promise<Check> {
  const deadline = performance.now() + waitMs
  const unknown = errands.notes.open().length
  let left = unknown
  while (left > 0 && performance.now() < deadline) {
    onProgress('asking again for what was not answered', unknown - left, unknown)
    left = await errands.settle()
  }
  const again = unknown === 0 ? '' : `; ${inNumber(unknown, 'request')} had to be sent again for it`
  const words = `every request has its last word${again}`
  return checked(
    'unanswered',
    words,
    errands.notes.open().map(({ name, kind }) => ({
      where: `errand ${name}, ${kind}`,
      expected: 'an answer in the end',
      found: 'none: nobody knows what became of it',
    })),
  )
}

async function repeat({ errands: { notes, repeat: again }, onProgress }: AuditOptions) {
  const of = notes.toRepeat()
  let done = 0
  onProgress('asking once more for what was done', done, of)
  await again(() => {
    done += 1
    onProgress('asking once more for what was done', done, of)
  })
  const words = `${inNumber(notes.replayed, 'request')} sent twice, at once or later: done once, and the same bytes`
  return checked('replays', words, notes.replays)
}

function checkAnswers({ books: { accounts, shortfalls, transactions }, rights }: AuditOptions) {
  // Who may not read a wallet is not told, either, what is left in it.
  if (!rights.mayRead) return ['order', 'declines'].map((name) => notChecked(name, NEEDS_READ))
  const misfits = new Map<string, Finding>()
  for (const [name, account] of accounts) {
    const misfit = findMisfit(account)
    if (misfit) misfits.set(name, misfit)
  }
  const judged = shortfalls.filter(({ account }) => !misfits.has(account))
  const wrong = judged.flatMap((told) => {
    const account = accounts.get(told.account)
    return (account && findWrongDecline(account, told)) ?? []
  })
  return [
    checked(
      'order',
      `${inNumber(transactions(), 'answer')} fit together, version by version`,
      Array.from(misfits.values()),
    ),
    checked(
      'declines',
      `${inNumber(judged.length, 'decline')} when there was too little, and as little as it said`,
      wrong,
    ),
  ]
}

async function readHistories(options: AuditOptions): Promise<Check[]> {
  const { client, books, rights, onProgress } = options
  const names = ['balances', 'histories', 'chains']
  if (!rights.mayRead) return names.map((name) => notChecked(name, NEEDS_READ))
  const accounts = Array.from(books.accounts.values())
  const [balances, histories, chains]: [Finding[], Finding[], Finding[]] = [[], [], []]
  let [done, entries] = [0, 0]
  await inTurns(READERS, accounts.values(), async (account) => {
    const found = await tryToRead(client, account)
    if (found instanceof Unreadable) {
      const where = accountName(account.walletId, account.asset)
      balances.push({ where, expected: 'a balance and its history', found: found.message })
    } else {
      entries += found.entries.length
      balances.push(...compareBalance(account, found))
      histories.push(...compareHistory(account, found, toldBy(options)))
      chains.push(...checkChain(account, found))
    }
    done += 1
    onProgress('reading back every balance and its history', done, accounts.length)
  })
  return [
    checked('balances', `${inNumber(accounts.length, 'balance')} as the answers add up`, balances),
    checked(
      'histories',
      `${inNumber(books.transactions(), 'transaction')} in them, each once, and nothing else`,
      histories,
    ),
    checked('chains', `${inNumber(entries, 'entry', 'entries')}, hashed again: no break`, chains),
  ]
}

async function tryToRead(client: Client, account: Account): Promise<ReadBack | Unreadable> {
  try {
    return await readBack(client, account)
  } catch (error) {
    if (error instanceof Unreadable) return error
    throw error
  }
}

/** Whose a transaction is that the answers know nothing of: references say which errand it was for. */
function toldBy({ world, books }: AuditOptions) {
  const prefix = `monkey-${world.run}-`
  return (reference: string | undefined): string => {
    if (!reference?.startsWith(prefix)) return 'nobody asked for it'
    const errand = reference.slice(prefix.length)
    const refusal = books.refusals.get(errand)
    return refusal === undefined
      ? `made for errand ${errand}, which has another`
      : `made for errand ${errand}, which was answered ${refusal}`
  }
}

async function lookAtSupply(options: AuditOptions): Promise<Check> {
  const { world, client, books, waitMs, onProgress } = options
  onProgress('waiting for the audit to have seen it all')
  const words = 'what wallets and the house have adds up to 0, and is what was issued'
  const findings = await Promise.all(
    [world.coins, world.gems].map(async (asset) => {
      const expected = expectedSupply(books, asset)
      return unlessUnreadable(asset, () => checkSupply(client, asset, expected, waitMs))
    }),
  )
  return checked('supply', words, findings.flat())
}

async function lookAtComplaints(options: AuditOptions): Promise<Check> {
  const { world, client, rights, startedAtMs } = options
  if (!rights.mayOperate) return notChecked('audit', 'needs ops')
  const findings = await unlessUnreadable('the audit', () =>
    findComplaints(client, new Set(world.wallets), startedAtMs),
  )
  return checked('audit', 'it has parked nothing, and can explain every change', findings)
}

async function unlessUnreadable(where: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return [{ where, expected: 'an answer', found: error.message }]
  }
}
