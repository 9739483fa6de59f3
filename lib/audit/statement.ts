import { atDigits, MAX_AT } from '../store/keys.ts'

/** Sorts after everything that a wallet id can begin with. */
const AFTER_ALL = '~'

/** The sort keys of a page of a statement: `from` is inside, `to` is not, and it goes on behind `after`. */
export function statementRange({
  from,
  to,
  order,
  after,
}: {
  readonly from: number | undefined
  readonly to: number | undefined
  readonly order: 'asc' | 'desc'
  readonly after: string | undefined
}): { readonly oldest: string; readonly newest: string } {
  const oldest = atDigits(clamped(from ?? 0))
  const newest = `${atDigits(clamped(to === undefined ? MAX_AT : to - 1))}#${AFTER_ALL}`
  if (after === undefined) return { oldest, newest }
  // No key is between a key and itself with a character more.
  return order === 'asc' ? { oldest: `${after}!`, newest } : { oldest, newest: before(after) }
}

/** A time before 1970 or after 2286 is no time of ours, and a page up to there is a page up to the end. */
function clamped(at: number): number {
  return Math.min(Math.max(at, 0), MAX_AT)
}

/** The last text that sorts before all that begin with this one. */
function before(sortKey: string): string {
  const last = sortKey.charCodeAt(sortKey.length - 1)
  return `${sortKey.slice(0, -1)}${String.fromCharCode(last - 1)}${AFTER_ALL}`
}
