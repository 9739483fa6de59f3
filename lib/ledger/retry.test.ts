import { expect, test } from 'vitest'
import { type Race, untilWon } from './retry.ts'

const GIVE_UP_AT = 8_000

/** A clock that only stands still while nothing is waited for. */
function openClock() {
  let nowMs = 0
  const pass = async (ms: number) => {
    nowMs += ms
  }
  return { pass, effects: { now: () => nowMs, sleep: pass, random: () => 0.5 } }
}

function raceOf(load: Race<object, { kind: 'won' }>['load']) {
  const attempts: object[] = []
  const race: Race<object, { kind: 'won' }> = {
    giveUpAt: GIVE_UP_AT,
    load,
    attempt: async (state) => {
      attempts.push(state)
      return { kind: 'won' }
    },
  }
  return { race, attempts }
}

test('what was read in time is tried', async () => {
  const { pass, effects } = openClock()
  const { race, attempts } = raceOf(() => pass(GIVE_UP_AT - 1).then(() => ({})))

  const result = await untilWon(effects, race)

  expect(result).toEqual({ kind: 'won' })
  expect(attempts).toHaveLength(1)
})

test('nothing is written for a caller who waits no more, because reading took so long', async () => {
  const { pass, effects } = openClock()
  const { race, attempts } = raceOf(() => pass(GIVE_UP_AT).then(() => ({})))

  const result = await untilWon(effects, race)

  expect(result).toBeUndefined()
  expect(attempts).toEqual([])
})
