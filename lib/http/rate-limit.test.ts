import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Caller } from './caller.ts'
import { Problem } from './problem.ts'
import { createRateLimit, type TakeToken } from './rate-limit.ts'
import { CALLER_RATES, type CallerKind, type RateClass } from './rates.ts'

const KINDS: readonly CallerKind[] = ['player', 'operator', 'server']
const CLASSES: readonly RateClass[] = ['write', 'read', 'costly']

let nowMs = 0
let takeToken: TakeToken

beforeEach(() => {
  nowMs = Date.parse('2026-11-21T06:00:00Z')
  takeToken = createRateLimit({ now: () => nowMs, factor: 1 })
})

function caller(kind: CallerKind = 'player', name = 'alice'): Caller {
  return { kind, client: `${kind}:${name}`, scopes: new Set() }
}

const alice = caller()

/** How many of so many tries were let through. */
function takeMany(tries: number, by = alice, rateClass: RateClass = 'write', take = takeToken) {
  let taken = 0
  for (let index = 0; index < tries; index += 1) {
    try {
      take(by, rateClass)
      taken += 1
    } catch (error) {
      if (!isLimited(error)) throw error
    }
  }
  return taken
}

function isLimited(error: unknown): error is Problem {
  return error instanceof Problem && error.code === 'RATE_LIMITED' && error.status === 429
}

function refusalOf(by = alice, rateClass: RateClass = 'write', take = takeToken) {
  try {
    take(by, rateClass)
  } catch (error) {
    if (isLimited(error)) return error.extras.headers ?? {}
    throw error
  }
  throw new Error('it was not refused')
}

const cells = KINDS.flatMap((kind) => CLASSES.map((rateClass) => ({ kind, rateClass })))

describe.each(cells)('a $kind that sends what is $rateClass', ({ kind, rateClass }) => {
  const { burst, perSecond } = CALLER_RATES[kind][rateClass]

  test('may send a burst at once, and no more', () => {
    const taken = takeMany(burst + 20, caller(kind), rateClass)

    expect(taken).toBe(burst)
  })

  test('may send so many a second after that', () => {
    takeMany(burst, caller(kind), rateClass)
    nowMs += 10_000

    const taken = takeMany(burst + 20, caller(kind), rateClass)

    expect(taken).toBe(Math.min(burst, Math.floor(10 * perSecond)))
  })

  test('has a whole burst again after a long time, and not more', () => {
    takeMany(burst, caller(kind), rateClass)
    nowMs += 365 * 86_400_000

    const taken = takeMany(2 * burst, caller(kind), rateClass)

    expect(taken).toBe(burst)
  })
})

test('in the long run nobody sends more than the rate, however it is spread', () => {
  const { burst, perSecond } = CALLER_RATES.player.write
  let taken = 0

  for (let second = 0; second < 60; second += 0.05) {
    nowMs += 50
    taken += takeMany(3)
  }

  expect(taken).toBeLessThanOrEqual(burst + 60 * perSecond)
  expect(taken).toBeGreaterThanOrEqual(burst + 60 * perSecond - 1)
})

test('a try that is refused costs nothing', () => {
  const { burst } = CALLER_RATES.player.write
  takeMany(burst + 1_000)
  nowMs += 100

  const taken = takeMany(2)

  expect(taken).toBe(1)
})

test('each class has a limit of its own', () => {
  takeMany(1_000, alice, 'costly')

  const taken = [takeMany(1, alice, 'read'), takeMany(1, alice, 'write')]

  expect(taken).toEqual([1, 1])
})

test('each caller has a limit of its own, whatever the name is like', () => {
  takeMany(1_000, alice)
  const others = [
    caller('player', 'bob'),
    caller('player', 'alice2'),
    caller('player', 'Alice'),
    caller('operator', 'alice'),
    caller('server', 'alice'),
  ]

  const taken = others.map((other) => takeMany(1, other))

  expect(taken).toEqual([1, 1, 1, 1, 1])
})

test('a name that has the name of a class in it is no way to another’s limit', () => {
  const takers = [caller('player', 'x'), { ...caller(), client: 'write player:x' }]
  takeMany(1_000, takers[0])

  const taken = takeMany(1, takers[1])

  expect(taken).toBe(1)
})

test('one process that stands for many has so many times the limit', () => {
  const { burst, perSecond } = CALLER_RATES.player.write
  const take = createRateLimit({ now: () => nowMs, factor: 20 })

  const atOnce = takeMany(20 * burst + 5, alice, 'write', take)
  nowMs += 1_000
  const afterASecond = takeMany(20 * burst, alice, 'write', take)

  expect([atOnce, afterASecond]).toEqual([20 * burst, 20 * perSecond])
})

describe('the headers', () => {
  test('say what is left, and when all of it is back', () => {
    const headers = [takeToken(alice, 'write'), takeToken(alice, 'write')]

    expect(headers).toEqual([
      { ratelimit: '"write";r=49;t=1', 'ratelimit-policy': '"write";q=50;w=5' },
      { ratelimit: '"write";r=48;t=1', 'ratelimit-policy': '"write";q=50;w=5' },
    ])
  })

  test('say that nothing is left, and when to come again', () => {
    takeMany(CALLER_RATES.player.costly.burst, alice, 'costly')

    const headers = refusalOf(alice, 'costly')

    expect(headers).toEqual({
      ratelimit: '"costly";r=0;t=25',
      'ratelimit-policy': '"costly";q=5;w=25',
      'retry-after': '5',
    })
  })

  test('are whole numbers, at any time and with any factor', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...cells),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 30 }),
        ({ kind, rateClass }, factor, steps) => {
          let at = 0
          const take = createRateLimit({ now: () => at, factor })
          for (const step of steps) {
            at += step
            const headers = headersOf(() => take(caller(kind), rateClass))
            expect(headers['ratelimit']).toMatch(/^"\w+";r=\d+;t=\d+$/)
            expect(headers['ratelimit-policy']).toMatch(/^"\w+";q=[1-9]\d*;w=[1-9]\d*$/)
            expect(headers['retry-after'] ?? '1').toMatch(/^[1-9]\d*$/)
          }
        },
      ),
    )
  })

  test('say a time to come again after which there is something left, to the millisecond', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...cells),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 20 }),
        fc.integer({ min: 0, max: 2 ** 41 }),
        ({ kind, rateClass }, factor, steps, startMs) => {
          let at = startMs
          const take = createRateLimit({ now: () => at, factor })
          for (const step of steps) {
            at += step
            takeMany(CALLER_RATES[kind][rateClass].burst * factor, caller(kind), rateClass, take)
            const { 'retry-after': retryAfter } = refusalOf(caller(kind), rateClass, take)
            at += Number(retryAfter) * 1000
            expect(() => take(caller(kind), rateClass)).not.toThrow()
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('do not send anybody away for much longer than it takes', () => {
    takeMany(CALLER_RATES.player.write.burst)

    const { 'retry-after': retryAfter } = refusalOf()

    expect(retryAfter).toBe('1')
  })
})

function headersOf(take: () => Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return take()
  } catch (error) {
    if (isLimited(error)) return error.extras.headers ?? {}
    throw error
  }
}

describe('of callers, 10,000 are remembered', () => {
  const MOST = 10_000
  const visit = (from: number, to: number) => {
    for (let index = from; index < to; index += 1) takeToken(caller('player', `p${index}`), 'write')
  }

  test('and one who is among them has no new burst', () => {
    takeMany(1_000)
    visit(0, MOST - 1)

    const taken = takeMany(1)

    expect(taken).toBe(0)
  })

  test('and the one who was not seen for longest is forgotten for the next', () => {
    takeMany(1_000)
    visit(0, MOST)

    const taken = takeMany(1)

    expect(taken).toBe(1)
  })

  test('and who comes again and again is not forgotten', () => {
    takeMany(1_000)
    visit(0, MOST - 1)
    takeMany(1)
    visit(MOST, 2 * MOST - 1)

    const taken = takeMany(1)

    expect(taken).toBe(0)
  })

  test('and the memory of the others is given back', () => {
    visit(0, MOST)
    const before = heapAfterCollection()

    visit(MOST, 21 * MOST)

    // 200,000 more would take 20 MB and more.
    expect(heapAfterCollection() - before).toBeLessThan(8_000_000)
  })
})

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

describe('a clock that goes backwards', () => {
  test('gives nobody more', () => {
    takeMany(1_000)
    nowMs -= 3_600_000

    const taken = takeMany(1)

    expect(taken).toBe(0)
  })

  test('locks nobody out until it has caught up', () => {
    takeMany(1_000)
    nowMs -= 3_600_000
    takeMany(1)
    nowMs += 1_000

    const taken = takeMany(1_000)

    expect(taken).toBe(CALLER_RATES.player.write.perSecond)
  })

  test('and forwards again gives nobody more than one new burst', () => {
    takeMany(1_000)
    nowMs -= 3_600_000
    takeMany(1)
    nowMs += 3_600_000

    const taken = takeMany(1_000)

    expect(taken).toBeLessThanOrEqual(CALLER_RATES.player.write.burst)
  })
})
