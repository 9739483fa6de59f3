import { expect, test } from 'vitest'
import { knownBalances } from '../../bench/known-balances/known-balances.ts'
import { type Game, play, ROUTES } from '../../bench/known-balances/model.ts'
import { KEPT_FOR_MS, RIGHT_FOR_ONE_WRONG } from '../../lib/ledger/known-balances.ts'

const quiet: Game = {
  writesPerSecond: 0.1,
  route: 'used-last',
  keptForMs: KEPT_FOR_MS,
  rightForOneWrong: RIGHT_FOR_ONE_WRONG,
}

test('where one instance serves all, nearly every write needs no read', () => {
  const { writes, hits, misses } = play(quiet)

  expect(hits / writes).toBeGreaterThan(0.95)
  expect(misses / writes).toBeLessThan(0.001)
})

test.each(ROUTES)('where many do (%s), they soon stop trusting themselves', (route) => {
  const busy = { ...quiet, writesPerSecond: 100, route }

  const careful = play(busy)
  const careless = play({ ...busy, rightForOneWrong: 0 })

  expect(careful.mostInstances).toBeGreaterThan(3)
  expect(careful.misses / careful.writes).toBeLessThan(0.002)
  expect(careless.misses / careless.writes).toBeGreaterThan(0.3)
})

test('it pays where it should, and costs next to nothing where it cannot', async () => {
  const { targets } = await knownBalances.run(() => {})

  expect(targets.filter(({ isMet }) => !isMet)).toEqual([])
})
