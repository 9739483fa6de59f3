import { isDeepStrictEqual } from 'node:util'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { readSupply } from '../../../lib/audit/books.ts'
import { createContentsReader } from '../../../lib/audit/contents.ts'
import { findViolations, type LedgerContents } from '../../../lib/audit/invariants.ts'
import { imbalance, NO_CHANGE, type SupplyChange } from '../../../lib/audit/supply.ts'
import { recount } from '../../support/recount.ts'
import { ASSETS } from '../world/plan.ts'
import { auditTableOf, type World } from '../world/world.ts'
import type { Breach } from './breach.ts'

/** All that is in a table of the ledger, and what is wrong with it by itself. */
export function readBooks(
  { database }: Pick<World, 'database'>,
  table = 'Ledger',
): { readonly contents: LedgerContents; readonly breaches: readonly Breach[] } {
  const reader = createContentsReader()
  reader.add(database.items(table).map((item) => unmarshall({ ...item })))
  const { contents, unreadable } = reader
  const breaches = [...unreadable, ...findViolations(contents)].map(
    ({ invariant, where, reason }) => ({
      ...{ check: `invariant ${invariant}`, text: `${where}: ${reason}`, about: where },
    }),
  )
  return { contents, breaches }
}

/** What the audit has made of it, against a count by another way. */
export async function findWrongSums(world: World, contents: LedgerContents): Promise<Breach[]> {
  const counted = recount(contents)
  const breaches: Breach[] = []
  for (const asset of ASSETS) {
    const supply = await supplyOf(world, asset)
    const { inWallets, held, inTransit, issued, burned } = supply
    const projected = { imbalance: imbalance(supply), inWallets, held, inTransit, issued, burned }
    const expected = {
      ...{ imbalance: 0n, inWallets: counted.inWallets(asset) },
      ...{ held: counted.held(asset), inTransit: 0n },
      ...{ issued: counted.issued(asset), burned: counted.burned(asset) },
    }
    if (isDeepStrictEqual(projected, expected)) continue
    const text = `${asset}: the audit says ${show(projected)}, the ledger ${show(expected)}`
    breaches.push({ check: 'sums of the audit', text, about: asset })
  }
  for (const text of world.misjudged) breaches.push({ check: 'the audit', text })
  return breaches
}

async function supplyOf(
  { scheduler, database }: World,
  asset: (typeof ASSETS)[number],
): Promise<SupplyChange> {
  let supply = NO_CHANGE
  scheduler.spawn('reader', async (process) => {
    const table = auditTableOf(process, database)
    supply = (await readSupply(table, asset)).supply
  })
  await scheduler.run()
  return supply
}

function show(value: object): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part))
}
