import { beforeEach, describe, expect, test } from 'vitest'
import { type Check, createReadiness } from './ready.ts'

const TIMEOUT_MS = 50

let nowMs = 0
let asked = 0

beforeEach(() => {
  nowMs = Date.parse('2026-11-21T06:00:00Z')
  asked = 0
})

function readiness(checks: Record<string, Check>) {
  return createReadiness({ checks, timeoutMs: TIMEOUT_MS, now: () => nowMs })
}

const good: Check = async () => {
  asked += 1
}
const bad: Check = async () => {
  asked += 1
  throw new Error('the table is called Ledger-prod, and it is gone')
}
const silent: Check = () => new Promise(() => {})

function notReady(checks: object) {
  return expect.objectContaining({
    code: 'NOT_READY',
    status: 503,
    extras: { members: { checks }, headers: { 'retry-after': '1' } },
  })
}

const passed = { ok: true, durationMs: expect.any(Number) }
const failed = { ok: false, durationMs: expect.any(Number) }

test('the service is ready when all that it needs answers', async () => {
  const ask = readiness({ ledger: good, stream: good })

  const checks = await ask()

  expect(checks).toEqual({ ledger: passed, stream: passed })
})

test('what fails is named, and what does not is told apart', async () => {
  const ask = readiness({ ledger: bad, stream: good, letters: bad })

  const refused = ask()

  await expect(refused).rejects.toThrow('No answer from: ledger, letters.')
  await expect(refused).rejects.toEqual(
    notReady({ ledger: failed, stream: passed, letters: failed }),
  )
})

test('why it fails is for us to know', async () => {
  const ask = readiness({ ledger: bad })

  const problem = await ask().catch((error) => error)

  expect(JSON.stringify(problem.body('request-1'))).not.toContain('Ledger-prod')
})

test('what does not answer in time has failed, and nobody waits longer for it', async () => {
  const ask = readiness({ ledger: silent, stream: good })
  const startedAt = performance.now()

  const refused = ask()

  await expect(refused).rejects.toEqual(notReady({ ledger: failed, stream: passed }))
  expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + 500)
})

test('checks run side by side, so that two slow ones take no longer than one', async () => {
  const ask = readiness({ ledger: silent, stream: silent, letters: silent })
  const startedAt = performance.now()

  await ask().catch(() => {})

  expect(performance.now() - startedAt).toBeLessThan(2 * TIMEOUT_MS)
})

test('a check that fails before it waits for anything has failed like any other', async () => {
  const thrown: Check = () => {
    throw new Error('there is no client')
  }
  const ask = readiness({ ledger: thrown, stream: good })

  const refused = ask()

  await expect(refused).rejects.toEqual(notReady({ ledger: failed, stream: passed }))
})

describe('one answer is good for a second', () => {
  test('for everybody who asks at once', async () => {
    const ask = readiness({ ledger: good })

    const answers = await Promise.all(Array.from({ length: 1_000 }, ask))

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(asked).toBe(1)
  })

  test('for everybody who asks within it, and not longer', async () => {
    const ask = readiness({ ledger: good })
    await ask()
    nowMs += 999
    await ask()
    const withinIt = asked
    nowMs += 1

    await ask()

    expect([withinIt, asked]).toEqual([1, 2])
  })

  test('also when it is a bad one', async () => {
    const ask = readiness({ ledger: bad })

    const refused = await Promise.allSettled(Array.from({ length: 100 }, ask))

    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(asked).toBe(1)
  })

  test('so that a service that is well again is ready a second later', async () => {
    let isUp = false
    const ask = readiness({ ledger: () => (isUp ? good() : bad()) })
    await ask().catch(() => {})
    isUp = true
    nowMs += 1_000

    const checks = await ask()

    expect(checks).toEqual({ ledger: passed })
  })

  test('and not for as long as a clock went backwards', async () => {
    const ask = readiness({ ledger: good })
    await ask()
    nowMs -= 3_600_000
    await ask()
    nowMs += 2_000

    await ask()

    expect(asked).toBeGreaterThan(1)
  })
})
