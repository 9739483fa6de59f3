import { isDeepStrictEqual } from 'node:util'
import { type PostResult, post } from '../../../lib/ledger/post.ts'
import { type Transaction, transactionId } from '../../../lib/money/transaction.ts'
import { readBooks } from '../checks/books.ts'
import type { Breach } from '../checks/breach.ts'
import type { Heard } from './fleet.ts'
import type { AskedPost } from './log.ts'
import type { World } from './world.ts'

/**
 * The table as it was at some time, and life that goes on there: clients come again with the keys that they have. What
 * was before then is answered as it was; what came later can be done again, once.
 */
export async function liveOnRestored(world: World): Promise<Breach[]> {
  const { scheduler, log } = world
  const random = scheduler.random.fork('restore')
  const table = restoreWhole(world, random.below(scheduler.nowUs()))
  if (table === undefined) return [breach('there is no second at which the table is whole')]
  const before = new Map(
    readBooks(world, table).contents.transactions.map((transaction) => [
      transaction.id,
      transaction,
    ]),
  )
  const breaches: Breach[] = []
  const told = log.posts.filter(({ heard }) => heard?.result.kind === 'posted')
  const again = Array.from({ length: Math.min(RESENT, told.length) }, () => {
    return told[random.below(told.length)]
  })
  const fleet = world.openFleet(table)
  scheduler.spawn('client of the restored table', async (process) => {
    const send = ({ action: { client, key, command } }: AskedPost) =>
      fleet.call(process, (ledger) =>
        post(ledger, command, { client, idempotencyKey: key, requestId: `again ${key}` }),
      )
    for (const asked of again) {
      if (!asked) continue
      const [first, second] = [answerIn(await send(asked)), answerIn(await send(asked))]
      const stored = before.get(transactionId(asked.action.client, asked.action.key))
      const { key } = asked.action
      if (stored && !isSame(stored, first))
        breaches.push(breach(`${key} is answered as never before`))
      if (first && !isSame(first, second)) breaches.push(breach(`${key} is answered in two ways`))
    }
  })
  await scheduler.run()
  for (const error of fleet.crashes) breaches.push(breach(String(error)))
  const { breaches: wrong } = readBooks(world, table)
  return [...breaches, ...wrong.map(({ check, text }) => ({ check: `restored, ${check}`, text }))]
}

const RESENT = 60
const SECOND_US = 1_000_000
const MOST_TRIES = 100

/** A transaction in the very moment can come back in part. Then one takes a second later, as the guide says. */
function restoreWhole(world: World, atUs: number): string | undefined {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const table = `Restored ${tries}`
    world.database.restore('Ledger', table, atUs + tries * SECOND_US)
    if (readBooks(world, table).breaches.length === 0) return table
  }
  return undefined
}

/** Undefined where it was declined, such as what spends money that is not there yet. */
function answerIn(heard: Heard<PostResult>): Transaction | undefined {
  return heard.kind === 'answer' && heard.result.kind === 'posted'
    ? heard.result.transaction
    : undefined
}

/** How much was taken back of it later can be another. */
function isSame(one: Transaction, other: Transaction | undefined): boolean {
  return isDeepStrictEqual({ ...one, reversed: 0 }, other && { ...other, reversed: 0 })
}

function breach(text: string): Breach {
  return { check: 'restored', text }
}
