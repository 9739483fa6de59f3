import * as z from 'zod'
import type { Client } from './client.ts'
import type { Finding } from './finding.ts'
import { ask } from './read-back.ts'

const PAGE = 100
const MOST_PAGES = 20
/** The clock of the other side may be another. */
const CLOCKS_DIFFER_MS = 60_000

const page = z.object({
  items: z.array(z.object({ id: z.string(), walletId: z.nullable(z.string()) })),
  nextCursor: z.nullable(z.string()),
})

/** What the audit could not process, and what it cannot explain, of these wallets since then. */
export async function findComplaints(
  client: Client,
  wallets: ReadonlySet<string>,
  sinceMs: number,
): Promise<Finding[]> {
  const from = encodeURIComponent(new Date(sinceMs - CLOCKS_DIFFER_MS).toISOString())
  const [letters, flags] = await Promise.all([
    list(client, '/v1/ops/dead-letters', `from=${from}&limit=${PAGE}`),
    list(client, '/v1/ops/fraud-flags', `from=${from}&limit=${PAGE}&rule=UNEXPLAINED_CHANGE`),
  ])
  const named = [
    ...letters.map((item) => ({ ...item, what: 'a dead letter' })),
    ...flags.map((item) => ({ ...item, what: 'the flag UNEXPLAINED_CHANGE' })),
  ]
  return named
    .filter(({ walletId }) => walletId !== null && wallets.has(walletId))
    .map(({ id, walletId, what }) => ({
      where: walletId ?? '',
      expected: 'nothing to complain of',
      found: `${what}, ${id}`,
    }))
}

async function list(client: Client, path: string, query: string) {
  const items: z.output<typeof page>['items'] = []
  let cursor: string | null = null
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    // In the order of the alphabet, as a REST API may give it to who checks a signature.
    const at: string = cursor === null ? query : `cursor=${encodeURIComponent(cursor)}&${query}`
    const found = await ask(client, `${path}?${at}`, ({ json }) => page.safeParse(json).data)
    items.push(...found.items)
    cursor = found.nextCursor
    if (cursor === null) break
  }
  return items
}
