import type { LedgerStore } from './ledger-store.ts'

/** Two and a half seconds at the most, all waits together: a transaction is hardly ever seen in parts for so long. */
const MAX_WAITS = 7
const FIRST_WAIT_MS = 20

/**
 * A transaction is decided at one moment, and its items become visible one by one: a strongly consistent read, too, may
 * show some of them and not yet the others. So what is not there may be there a moment later. Answers what was read
 * last, whole or not.
 */
export async function readUntilWhole<Found>(
  { sleep }: Pick<LedgerStore, 'sleep'>,
  consistent: boolean,
  read: (consistent: boolean) => Promise<Found>,
  isWhole: (found: Found) => boolean,
): Promise<Found> {
  let found = await read(consistent)
  // What a replica has not heard of yet, the table itself mostly knows.
  if (!consistent && !isWhole(found)) found = await read(true)
  for (let waits = 0; waits < MAX_WAITS && !isWhole(found); waits += 1) {
    await sleep(FIRST_WAIT_MS * 2 ** waits)
    found = await read(true)
  }
  return found
}
