import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { findViolations } from '../../lib/audit/invariants.ts'
import { imbalance } from '../../lib/audit/supply.ts'
import { GOLD } from '../support/ledger.ts'
import { recount } from '../support/recount.ts'
import { COMMANDS, type Story, supplyOf, tellStory } from './story.ts'

test.each([1, 2, 3, 4, 5, 20])(
  'whatever happens to them, the books are right in the end (seed %i)',
  async (seed) => {
    const story = await tellStory(seed)

    const { contents, told, unreadable, misjudged } = story
    const ids = new Set(contents.transactions.map(({ id }) => id as string))
    expect(contents.transactions.length).toBeGreaterThan(COMMANDS * 0.6)
    expect([...unreadable, ...findViolations(contents), ...misjudged]).toEqual([])
    // What was told to be done is there.
    expect(Array.from(told.values()).filter((id) => !ids.has(id))).toEqual([])
    expect(contents.holds.filter(({ state }) => state === 'OPEN')).toEqual([])

    const supply = await supplyOf(story)
    const counted = recount(contents)
    expect(imbalance(supply)).toBe(0n)
    expect(supply).toMatchObject({
      inWallets: counted.inWallets(GOLD),
      held: 0n,
      inTransit: 0n,
      issued: counted.issued(GOLD),
      burned: counted.burned(GOLD),
    })
  },
)

test('a seed tells the same story each time', async () => {
  const [first, second, other] = [await tellStory(7), await tellStory(7), await tellStory(8)].map(
    digest,
  )

  expect(first).toBe(second)
  expect(first).not.toBe(other)
})

function digest({ scheduler, database }: Story): string {
  const items = ['Ledger', 'Audit'].map((name) => database.items(name))
  const state = createHash('sha256').update(JSON.stringify(items)).digest('hex')
  return `${scheduler.trace.digest()} ${state}`
}
