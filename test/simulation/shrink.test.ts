import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Fails, type ShrinkOptions, shrink } from './shrink.ts'

const PLENTY = 1_000_000

const OPTIONS: ShrinkOptions<number> = {
  keyOf: String,
  budgetTries: PLENTY,
  budgetMs: PLENTY,
  now: () => 0,
}

function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

function includesAll(needed: readonly number[]): Fails<number> {
  return async (parts) => needed.every((number) => parts.includes(number))
}

test('of a thousand steps the three that matter are left, in order, after a few tries', async () => {
  const fails = includesAll([17, 400, 401])

  const shrunk = await shrink(numbersTo(1_000), fails, OPTIONS)

  expect(shrunk).toMatchObject({ parts: [17, 400, 401], isMinimal: true })
  expect(shrunk.tries).toBeLessThan(100)
})

test('what fails with no step at all is shrunk to none', async () => {
  const shrunk = await shrink(numbersTo(5), async () => true, OPTIONS)

  expect(shrunk).toMatchObject({ parts: [], isMinimal: true })
})

test('what does not fail is refused', async () => {
  const fails = includesAll([5])

  await expect(shrink(numbersTo(5), fails, OPTIONS)).rejects.toThrow('it does not fail as it is')
})

test('parts that can be left out only after others are', async () => {
  // Each needs the one after it.
  const fails: Fails<number> = async (parts) => parts.every((number, place) => number === place)

  const shrunk = await shrink(numbersTo(10), fails, OPTIONS)

  expect(shrunk).toMatchObject({ parts: [], isMinimal: true })
})

test('a part is made as simple as it can be, and what that makes needless is left out', async () => {
  const fails: Fails<number> = async (parts) =>
    parts.includes(3) || (parts.length === 2 && parts.every((number) => number > 3))

  const shrunk = await shrink([9, 7], fails, {
    ...OPTIONS,
    simpler: (number) => (number > 0 ? [number - 1] : []),
  })

  expect(shrunk).toMatchObject({ parts: [3], isMinimal: true })
})

test('simplifications that go in a circle come to an end', async () => {
  const simpler = (number: number) => [(number + 1) % 3]

  const shrunk = await shrink([0], async (parts) => parts.length > 0, { ...OPTIONS, simpler })

  expect(shrunk).toEqual({ parts: [2], tries: 4, isMinimal: true })
})

test('when the tries are spent, the smallest so far is the answer, and is said to be no more', async () => {
  const shrunk = await shrink(numbersTo(1_000), includesAll([0, 999]), {
    ...OPTIONS,
    budgetTries: 10,
  })

  expect(shrunk).toMatchObject({ tries: 10, isMinimal: false })
  expect(shrunk.parts.length).toBeLessThan(1_000)
})

test('when the time is over, nothing more is tried', async () => {
  let nowMs = 5
  const needed = includesAll([0, 999])
  const fails: Fails<number> = async (parts) => {
    nowMs += 10
    return needed(parts)
  }

  const shrunk = await shrink(numbersTo(1_000), fails, {
    ...OPTIONS,
    budgetMs: 95,
    now: () => nowMs,
  })

  expect(shrunk).toMatchObject({ tries: 10, isMinimal: false })
})

test('it tells of each list that fails still, down to the one that it returns', async () => {
  const told: (readonly number[])[] = []

  const { parts } = await shrink(numbersTo(50), includesAll([3, 30]), {
    ...OPTIONS,
    onProgress: (found) => told.push(found),
  })

  expect(told[0]).toEqual(numbersTo(50))
  expect(told.at(-1)).toEqual(parts)
  expect(told.map(({ length }) => length)).toEqual(
    told.map(({ length }) => length).toSorted((one, other) => other - one),
  )
})

/** Fails or does not, for no reason that anybody could see, but the same each time; the whole list does. */
function moody(whole: readonly number[], mood: number): Fails<number> {
  return async (parts) =>
    parts === whole ||
    parts.reduce((hash, number) => Math.imul(hash ^ number, 0x01000193) >>> 1, mood) % 3 === 0
}

test('whatever makes it fail, the result fails, cannot be shorter, and no list was tried twice', async () => {
  const sizes = new Set<number>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 6 }), { maxLength: 24 }),
      fc.nat(),
      fc.array(fc.nat({ max: 23 }), { maxLength: 5 }),
      fc.boolean(),
      fc.oneof(fc.constant(PLENTY), fc.integer({ min: 1, max: 60 })),
      async (whole, mood, places, isMoody, budgetTries) => {
        const needed = places.flatMap((place) => whole.slice(place, place + 1))
        const fails = isMoody ? moody(whole, mood) : includesAll(needed)
        const lists: string[] = []
        const counted: Fails<number> = async (parts) => {
          lists.push(JSON.stringify(parts))
          return fails(parts)
        }

        const shrunk = await shrink(whole, counted, { ...OPTIONS, budgetTries })

        const { parts } = shrunk
        sizes.add(parts.length)
        expect(await fails(parts)).toBe(true)
        expect(isWithin(parts, whole)).toBe(true)
        expect(new Set(lists).size).toBe(lists.length)
        expect(shrunk.tries).toBe(lists.length)
        expect(shrunk.tries).toBeLessThanOrEqual(budgetTries)
        if (budgetTries === PLENTY) expect(shrunk.isMinimal).toBe(true)
        if (shrunk.isMinimal) {
          const shorter = parts.map((_, place) => fails(parts.toSpliced(place, 1)))
          expect(await Promise.all(shorter)).not.toContain(true)
          if (!isMoody) expect(new Set(parts)).toEqual(new Set(needed))
        }
      },
    ),
    { numRuns: 500 },
  )
  expect(sizes.size).toBeGreaterThan(4)
})

test('the same list is shrunk in the same way each time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 6 }), { maxLength: 24 }),
      fc.nat(),
      async (whole, mood) => {
        const tries = async () => {
          const lists: (readonly number[])[] = []
          const fails = moody(whole, mood)
          await shrink(
            whole,
            async (parts) => {
              lists.push(parts)
              return fails(parts)
            },
            { ...OPTIONS, simpler: (number) => numbersTo(number) },
          )
          return lists
        }

        expect(await tries()).toEqual(await tries())
      },
    ),
  )
})

/** What is left of the whole list, in its order. */
function isWithin(parts: readonly number[], whole: readonly number[]): boolean {
  const rest = whole.values()
  return parts.every((part) => rest.some((other) => other === part))
}
