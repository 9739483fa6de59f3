import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { readSupply } from '../../lib/audit/books.ts'
import type { LedgerContents } from '../../lib/audit/invariants.ts'
import { imbalance } from '../../lib/audit/supply.ts'
import type { AuditTable } from '../../lib/audit/table/audit-table.ts'
import { balanceName } from '../../lib/money/posting.ts'
import { recount } from '../support/recount.ts'

const POLL_MS = 250

/** What the audit says otherwise than the ledger does, once it has had its time to catch up. */
export async function differencesInTime(
  table: AuditTable,
  contents: LedgerContents,
  limitMs: number,
): Promise<readonly string[]> {
  const giveUpAt = Date.now() + limitMs
  for (;;) {
    const found = await differences(table, contents)
    if (found.length === 0 || Date.now() > giveUpAt) return found
    await sleep(POLL_MS)
  }
}

async function differences(table: AuditTable, contents: LedgerContents): Promise<string[]> {
  const { current } = await table.readGenerations()
  const counted = recount(contents)
  const found: string[] = []
  const compare = (what: string, projected: unknown, expected: unknown) => {
    if (isDeepStrictEqual(projected, expected)) return
    found.push(`audit: ${what} is ${show(projected)}, the ledger says ${show(expected)}`)
  }
  for (const asset of new Set(contents.balances.map((balance) => balance.asset))) {
    const supply = (await readSupply(table, asset)).supply
    compare(`${asset}, summed over all accounts,`, imbalance(supply), 0n)
    compare(`${asset} in transit`, supply.inTransit, 0n)
    compare(`${asset} in wallets`, supply.inWallets, counted.inWallets(asset))
    compare(`${asset} held`, supply.held, counted.held(asset))
    compare(`${asset} issued`, supply.issued, counted.issued(asset))
    compare(`${asset} burned`, supply.burned, counted.burned(asset))
    compare(`${asset} in system accounts`, supply.accounts, counted.accounts(asset))
  }
  const totals: Record<string, object> = {}
  for (const balance of contents.balances) {
    const projection = await table.readProjection(current, balance)
    for (const [type, { count, in: came, out }] of Object.entries(projection?.totals ?? {})) {
      totals[`${balanceName(balance)} ${type}`] = { count, in: came, out }
    }
  }
  const expected: Record<string, object> = counted.totals()
  for (const name of new Set([...Object.keys(totals), ...Object.keys(expected)])) {
    compare(name, totals[name], expected[name])
  }
  return found
}

function show(thing: unknown): string {
  return JSON.stringify(thing, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
}
