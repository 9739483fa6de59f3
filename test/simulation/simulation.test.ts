import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { run } from './run.ts'

/** Of a run with many seeds and steps, see `npm run simulate`. These are few, so that each test run has some. */
const KNOWN = [1, 2, 4, 10, 17, 20]
const NEW = Array.from({ length: 4 }, () => randomInt(1, 2 ** 31))
const STEPS = 500

test.each([...KNOWN, ...NEW])(
  'whatever happens in it, money is right in the end (npm run simulate -- --seed %i --steps 500)',
  async (seed) => {
    const { breaches, calls } = await run({ seed, steps: STEPS })

    expect(breaches).toEqual([])
    expect(calls).toBeGreaterThan(STEPS / 2)
  },
)

test('a seed tells the same story each time, also without some of its steps and faults', async () => {
  const some = { seed: 7, steps: STEPS, only: new Set([3, 5, 80, 81, 82, 200]) }

  const first = [await run({ seed: 7, steps: STEPS }), await run(some)]
  const again = [await run({ seed: 7, steps: STEPS }), await run(some)]
  const calm = await run({ ...some, without: new Set(['slow', 'answerLost']) })

  expect(again.map(({ digest }) => digest)).toEqual(first.map(({ digest }) => digest))
  expect(first[1]?.steps.map(({ number }) => number)).toEqual([3, 5, 80, 81, 82, 200])
  expect(calm.digest).not.toBe(first[1]?.digest)
})
