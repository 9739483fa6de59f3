import { expect, test } from 'vitest'
import { liveLines, type Moment, plainLine } from './live.ts'
import { createMeter } from './meter.ts'
import { paintNothing } from './paint.ts'

const reply = (status: number, code?: string) =>
  ({ kind: 'answer', status, headers: new Headers(), text: '', json: { code } }) as const

function moment(some: Partial<Moment> = {}): Moment {
  const meter = createMeter()
  for (const one of [reply(201), reply(201), reply(402, 'INSUFFICIENT_FUNDS'), reply(429)]) {
    meter.sent()
    meter.answered(one, 20, 'spend')
  }
  meter.triedAgain('429')
  meter.sent()
  return {
    ...{ done: 250, requests: 1_000, elapsedMs: 2_000, forMs: undefined, meter },
    ...{ unexpected: 0, isStopping: false, ...some },
  }
}

test('a terminal shows how far it is, how fast, and what was answered', () => {
  expect(liveLines(moment(), paintNothing)).toEqual([
    `  ${'█'.repeat(10)}${'░'.repeat(30)}  250 of 1,000  0:02`,
    '  125/s · p50 20 ms · p99 20 ms · 1 in flight',
    '  ✓ 2 done · 1 declined · ↻ 1 sent again · ✗ 0 unexpected',
  ])
})

test('by the clock, the time is what is done', () => {
  const [first] = liveLines(moment({ requests: undefined, forMs: 8_000 }), paintNothing)

  expect(first).toBe(`  ${'█'.repeat(10)}${'░'.repeat(30)}  250  0:02 of 0:08`)
})

test('it says that it is stopping', () => {
  const lines = liveLines(moment({ isStopping: true }), paintNothing)

  expect(lines[1]).toMatch(/ · stopping: waiting for what is under way$/)
})

test('a file gets the same in a line', () => {
  expect(plainLine(moment())).toBe(
    '0:02  250 of 1,000, 125/s, p50 20 ms, p99 20 ms, 1 in flight, 2 done, 1 declined, 1 sent again, 0 unexpected',
  )
})
