import * as z from 'zod'
import type { Entry } from '../../lib/money/balance.ts'
import type { Answer, Reply } from '../../lib/smoke/door.ts'
import type { Account } from './books.ts'
import { answerName, type Client } from './client.ts'
import { readEntry } from './entry.ts'
import type { ReadBack } from './history.ts'

/** Nothing can be said of what was not answered. */
export class Unreadable extends Error {
  override name = 'Unreadable'
}

const PAGE = 100
/** Ten million entries of one balance: more than any run makes. */
const MOST_PAGES = 100_000

const balanceAnswer = z.object({ available: z.int(), held: z.int(), version: z.int() })
const page = z.object({ items: z.array(z.unknown()), nextCursor: z.nullable(z.string()) })

/** What is there, by the last word of the database. */
export async function readBack(
  client: Client,
  { walletId, asset }: Pick<Account, 'walletId' | 'asset'>,
): Promise<ReadBack> {
  const wallet = `/v1/wallets/${walletId}`
  const { available, held, version } = await ask(
    client,
    `${wallet}/balances/${asset}?consistent=true`,
    (answer) => balanceAnswer.safeParse(answer.json).data,
  )
  const entries: Entry[] = []
  let cursor: string | null = null
  for (let pages = 0; pages === 0 || cursor !== null; pages += 1) {
    if (pages === MOST_PAGES) throw new Unreadable(`${wallet}: a history without end`)
    // In the order of the alphabet, as a REST API may give it to who checks a signature.
    const query: string = [
      `asset=${asset}&consistent=true`,
      ...(cursor === null ? [] : [`cursor=${encodeURIComponent(cursor)}`]),
      `limit=${PAGE}&order=asc`,
    ].join('&')
    const { items, nextCursor } = await ask(client, `${wallet}/ledger?${query}`, (answer) => {
      return page.safeParse(answer.json).data
    })
    entries.push(...items.map((item) => toEntry(walletId, item)))
    cursor = nextCursor
  }
  return { balance: { available, held, version }, entries }
}

/** A `GET` that has to be answered. */
export async function ask<Read>(
  client: Client,
  path: string,
  read: (answer: Answer) => Read | undefined,
): Promise<Read> {
  const { reply } = await client.send({ method: 'GET', path }, 'read')
  const found = reply.kind === 'answer' && reply.status === 200 ? read(reply) : undefined
  if (found === undefined) throw new Unreadable(`GET ${path}: ${whatCame(reply)}`)
  return found
}

function whatCame(reply: Reply): string {
  if (reply.kind === 'silence') return reply.reason
  return reply.status === 200 ? 'an answer of another form' : answerName(reply)
}

function toEntry(walletId: string, item: unknown): Entry {
  const entry = readEntry(walletId, item)
  if (entry) return entry
  throw new Unreadable(`the history of ${walletId}: an entry of another form`)
}
