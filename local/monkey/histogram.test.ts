import { expect, test } from 'vitest'
import { bucketOf, bucketStart } from './buckets.ts'
import { drawHistogram } from './histogram.ts'
import { createMeter } from './meter.ts'
import { paintNothing } from './paint.ts'

const ANSWER = { kind: 'answer', status: 201, headers: new Headers(), text: '', json: {} } as const

function meterOf(times: readonly number[]) {
  const meter = createMeter()
  for (const ms of times) {
    meter.sent()
    meter.answered(ANSWER, ms, 'spend')
  }
  return meter
}

test.each([
  [0.2, 0],
  [1, 1],
  [1.49, 1],
  [1.5, 1.5],
  [9.99, 7],
  [10, 10],
  [150, 150],
  [199.9, 150],
  [1_000, 1_000],
  [12_345, 10_000],
])('%d ms are in the bucket that begins at %d', (ms, start) => {
  expect(bucketStart(bucketOf(ms))).toBe(start)
})

test('a row for each bucket, the empty ones in between too, and marks where percentiles are', () => {
  const times = [...Array(80).fill(12), ...Array(15).fill(25), ...Array(5).fill(110)]
  const meter = meterOf(times)

  const rows = drawHistogram(meter.buckets(), meter.latency(), paintNothing)

  expect(rows.map((row) => row.replaceAll(/ +/g, ' '))).toEqual([
    ` 10 ms │${'█'.repeat(40)} 80 ◂ p50 12 ms`,
    ' 15 ms │',
    ' 20 ms │███████▌ 15 ◂ p90 25 ms',
    ' 30 ms │',
    ' 50 ms │',
    ' 70 ms │',
    ' 100 ms │██▌ 5 ◂ p99 110 ms ◂ p99.9 110 ms',
  ])
})

test('nine of ten are green, and the slowest of a hundred red', () => {
  const meter = meterOf([...Array(900).fill(12), ...Array(95).fill(25), ...Array(5).fill(110)])
  const colours: string[] = []

  drawHistogram(meter.buckets(), meter.latency(), (style, text) => {
    if (text.startsWith('█') || text === '▎') colours.push([style].flat().join())
    return text
  })

  expect(colours).toEqual(['green', 'yellow', 'red'])
})

test('of nothing there is nothing to draw', () => {
  const meter = createMeter()

  expect(drawHistogram(meter.buckets(), meter.latency(), paintNothing)).toEqual([])
})

test('percentiles are those of the answers, and silence is none', () => {
  const meter = meterOf(Array.from({ length: 1_000 }, (_, index) => index + 1))
  meter.sent()
  meter.answered({ kind: 'silence', reason: 'no answer' }, 9_999, 'spend')

  const { count, p50, p90, p99, max } = meter.latency()

  expect(count).toBe(1_000)
  // Three figures are kept.
  for (const [found, wanted] of [
    [p50, 500],
    [p90, 900],
    [p99, 990],
    [max, 1_000],
  ] as const)
    expect(Math.abs(found - wanted)).toBeLessThan(2)
  expect(meter.outcomes().get('no answer')).toBe(1)
  expect(meter.inFlight()).toBe(0)
})
