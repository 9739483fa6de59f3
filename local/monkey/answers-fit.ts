import { type Account, accountName, type Move, type ToldShort } from './books.ts'
import type { Finding } from './finding.ts'

/** What is told of a balance, oldest first. */
interface State {
  readonly available: number
  readonly held: number
  readonly version: number
  readonly sentAt: number
  readonly receivedAt: number
}

const UNOPENED: State = { available: 0, held: 0, version: 0, sentAt: 0, receivedAt: 0 }

/**
 * Answers name the balance that they leave. In the order of its versions, each has to be the one before it and what
 * was asked for, with no version missing and none there twice, whatever happened at the same time.
 */
export function findMisfit(account: Account): Finding | undefined {
  const where = accountName(account.walletId, account.asset)
  let last = UNOPENED
  for (const move of inOrder(account)) {
    const expected = {
      available: last.available + move.availableDelta,
      held: last.held + move.heldDelta,
      version: last.version + 1,
    }
    const { after } = move
    if (!after || !isSame(after, expected)) {
      const who = `the answer to errand ${move.errand}, ${move.kind}: `
      const found = after ? inWords(after) : 'nothing of this balance'
      return { where, expected: `${who}${inWords(expected)}`, found }
    }
    last = { ...expected, sentAt: move.sentAt, receivedAt: move.receivedAt }
  }
  return undefined
}

/**
 * Whether there was too little at some moment between question and answer, and as little as the answer says. For an
 * account whose answers fit.
 */
export function findWrongDecline(account: Account, told: ToldShort): Finding | undefined {
  const states = [UNOPENED, ...inOrder(account).flatMap(toState)]
  const oldest = states.findLastIndex(({ receivedAt }) => receivedAt < told.sentAt)
  const newest = states.findLastIndex(({ sentAt }) => sentAt < told.receivedAt)
  const possible = states.slice(Math.max(0, oldest), newest + 1)
  const { available: said, required } = told
  const isTrue = possible.some(({ available }) => {
    return available < required && (said === undefined || available === said)
  })
  if (isTrue) return undefined
  const had = Array.from(new Set(possible.map(({ available }) => available)))
  return {
    where: told.account,
    expected: `errand ${told.errand} to be declined only if there are less than ${required}: then there were ${had.join(' or ')}`,
    found: `declined, because there are ${said ?? 'too few'}`,
  }
}

function inOrder({ moves }: Account): Move[] {
  return moves.toSorted((a, b) => (a.after?.version ?? 0) - (b.after?.version ?? 0))
}

function toState({ after, sentAt, receivedAt }: Move): State[] {
  return after ? [{ ...after, sentAt, receivedAt }] : []
}

type Told = Pick<State, 'available' | 'held' | 'version'>

function isSame(a: Told, b: Told): boolean {
  return a.available === b.available && a.held === b.held && a.version === b.version
}

function inWords({ available, held, version }: Told): string {
  return `${available} available, ${held} held, version ${version}`
}
