import { expect, test } from 'vitest'
import { type Retried, retryOnConflict } from './retry.ts'

const GIVE_UP_AT = 8_000

/** A clock that only stands still while nothing is waited for. */
function openClock() {
  let nowMs = 0
  const pass = async (ms: number) => {
    nowMs += ms
  }
  return { pass, effects: { now: () => nowMs, sleep: pass, random: () => 0.5 } }
}

function raceOf(load: Retried<object, { kind: 'won' }>['load']) {
  const attempts: object[] = []
  const race: Retried<object, { kind: 'won' }> = {
    deadline: GIVE_UP_AT,
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

  const result = await retryOnConflict(effects, race)

  expect(result).toEqual({ kind: 'won' })
  expect(attempts).toHaveLength(1)
})

test('nothing is written for a caller who waits no more, because reading took so long', async () => {
  const { pass, effects } = openClock()
  const { race, attempts } = raceOf(() => pass(GIVE_UP_AT).then(() => ({})))

  const result = await retryOnConflict(effects, race)

  expect(result).toBeUndefined()
  expect(attempts).toEqual([])
})

const TRY_MS = 10

/** Every try loses, each after 10 ms, and each wait is that part of the longest which `random` says. */
async function loseAll(random: number) {
  const { pass, effects } = openClock()
  const waits: { readonly ms: number; readonly leftMs: number }[] = []
  const sleep = async (ms: number) => {
    waits.push({ ms, leftMs: GIVE_UP_AT - effects.now() })
    await pass(ms)
  }
  let attempts = 0
  const result = await retryOnConflict<object, { kind: 'won' }>(
    { ...effects, sleep, random: () => random },
    {
      deadline: GIVE_UP_AT,
      load: async () => ({}),
      attempt: async () => {
        attempts += 1
        await pass(TRY_MS)
        return { kind: 'conflict' }
      },
    },
  )
  return { result, waits, attempts, endedAt: effects.now() }
}

test('waits grow with each loss, and never beyond half of what is left, or a second', async () => {
  const { waits } = await loseAll(1)

  expect(waits.slice(0, 3).map(({ ms }) => ms)).toEqual([TRY_MS, TRY_MS * 8, TRY_MS * 64])
  for (const { ms, leftMs } of waits) expect(ms).toBeLessThanOrEqual(Math.max(leftMs / 2, 1_000))
  expect(waits.at(-1)?.ms).toBeLessThan(Math.max(...waits.map(({ ms }) => ms)))
})

test.each([0.1, 0.5, 1])(
  'it is tried until the time is nearly over, but not often (%f)',
  async (random) => {
    const { result, attempts, endedAt } = await loseAll(random)

    expect(result).toBeUndefined()
    expect(endedAt).toBeGreaterThan(GIVE_UP_AT - 1_000 - TRY_MS)
    expect(endedAt).toBeLessThan(GIVE_UP_AT + TRY_MS)
    expect(attempts).toBeLessThanOrEqual(5 + 7 / random)
  },
)
