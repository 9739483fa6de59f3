import { expect, test, vi } from 'vitest'
import * as z from 'zod/mini'

// It does what it always does, and is watched.
vi.mock('zod/mini', { spy: true })

/** The names of what was called, of all that makes a schema or a part of one. */
function calledOfZod(): string[] {
  return Object.entries({ ...z, ...z.iso })
    .filter(([, member]) => vi.isMockFunction(member) && member.mock.calls.length > 0)
    .map(([name]) => name)
}

/** docs/adr/0017-a-bundle-holds-what-it-uses.md */
test('a function of the API makes no schema before it is asked for one', async () => {
  for (const name of ['LEDGER_TABLE', 'AUDIT_TABLE', 'CURSOR_SECRET']) vi.stubEnv(name, 'Any')

  // Loaded in here: what was called before a test is not remembered in it.
  const { ROUTES } = await import('../lib/http/routes.ts')
  for (const { function: name } of Object.values(ROUTES)) {
    await import(`../functions/${name}/handler.ts`)
  }
  const whenLoaded = calledOfZod()
  ROUTES.health.params()

  expect(whenLoaded).toEqual([])
  expect(calledOfZod()).toEqual(['strictObject'])
})
