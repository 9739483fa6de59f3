import { expect, test } from 'vitest'
import { crowd } from '../../bench/contention/crowd.ts'
import { OURS } from '../../bench/contention/policies.ts'
import { race } from '../../bench/contention/race.ts'
import { drawCurves } from '../../bench/frame/curves.ts'

test('eight writers on one wallet get done what one does, nearly, and nobody is left out', async () => {
  const alone = await race({ writers: 1, policy: OURS })
  const together = await race({ writers: 8, policy: OURS })

  expect(together.perSecond / alone.perSecond).toBeGreaterThan(0.75)
  expect(together.slowestShare).toBeGreaterThan(0.1)
  expect(together.busyPercent).toBeLessThan(1)
  // The last one of all is still on its way when time is up.
  expect(alone.attemptsPerSuccess).toBeCloseTo(1, 2)
  expect(alone.busyPercent).toBe(0)
})

test('those who queue in one function instance lose no race, and each gets the same', async () => {
  const { attemptsPerSuccess, slowestShare } = await race({
    ...{ writers: 8, policy: OURS, isOneInstance: true },
  })

  expect(attemptsPerSuccess).toBeLessThan(1.01)
  expect(slowestShare).toBeGreaterThan(0.95)
})

test('a race goes the same way each time', async () => {
  const [first, second] = [
    await race({ writers: 4, policy: OURS }),
    await race({ writers: 4, policy: OURS }),
  ]

  expect(first).toEqual(second)
})

test('a stored treasury stops where a projected one goes on', async () => {
  const ours = await crowd({ users: 300, design: 'ours' })
  const textbook = await crowd({ users: 300, design: 'textbook' })

  expect(ours.perSecond).toBeGreaterThan(297)
  expect(textbook.perSecond).toBeLessThan(150)
  expect(textbook.medianMs).toBeGreaterThan(2 * ours.medianMs)
})

test('a picture has its curves and their names, and is the same each time', () => {
  const curves = {
    ...{ title: 'of a test', xLabel: 'users', yLabel: 'a second' },
    curves: [
      { name: 'first', points: [1, 2, 3].map((x) => ({ x, y: x })) },
      { name: 'second', points: [1, 2, 3].map((x) => ({ x, y: 2 * x })) },
    ],
  }

  const svg = drawCurves(curves)

  expect(svg).toMatch(/^<svg /)
  expect(svg).toContain('xmlns="http://www.w3.org/2000/svg"')
  for (const text of ['of a test', 'users', 'a second', 'first', 'second']) {
    expect(svg).toContain(text)
  }
  expect(svg.match(/stroke="#/g)).toHaveLength(2)
  expect(drawCurves(curves)).toBe(svg)
})
