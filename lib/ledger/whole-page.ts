import type { EntryPage, EntryRange, LedgerStore } from '../store/ledger-store.ts'
import { readUntilWhole } from '../store/read-until-whole.ts'

/** A part of one balance's history, and the numbers just outside of it, where they are known. */
export interface WholeRange extends EntryRange {
  /** The number before the oldest: 0 where the range has the beginning of the history. */
  readonly below: number | undefined
  /** The number after the newest. */
  readonly above: number | undefined
}

interface CheckedPage extends EntryPage {
  /** The first number that should be on the page and is not. */
  readonly missing: number | undefined
}

/**
 * A page without holes. An entry can be seen later than the one after it: whoever builds on a transaction that is
 * decided and not yet visible in all its parts may be visible first. But the numbers of one balance are gapless, so a
 * hole shows, and is read again. One that stays is nobody's delay: the entry is gone.
 */
export function readWholePage(
  store: Pick<LedgerStore, 'readEntries' | 'sleep'>,
  range: WholeRange,
): Promise<CheckedPage> {
  return readUntilWhole(
    store,
    range.consistent,
    async (consistent) => {
      const page = await store.readEntries({ ...range, consistent })
      return { ...page, missing: missingNumber(page, range) }
    },
    ({ missing }) => missing === undefined,
  )
}

/** Undefined where no hole shows. */
export function missingNumber(
  { entries, scannedTo }: EntryPage,
  { order, below, above }: Pick<WholeRange, 'order' | 'below' | 'above'>,
): number | undefined {
  const isRead = scannedTo === undefined
  const numbers = entries.map(({ seq }) => seq)
  if (order === 'desc') numbers.reverse()
  // A page that is full ends somewhere in the range, and begins at its end.
  if (below !== undefined && (isRead || order === 'asc')) numbers.unshift(below)
  if (above !== undefined && (isRead || order === 'desc')) numbers.push(above)
  const last = numbers.find((seq, index) => {
    const next = numbers[index + 1]
    return next !== undefined && next !== seq + 1
  })
  return last === undefined ? undefined : last + 1
}
