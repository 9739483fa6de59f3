import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { readDeployed } from '../../bench/costs/deployed.ts'
import { documentsOf } from '../../bench/costs/document.ts'
import { measureAll } from '../../bench/costs/measure.ts'
import { type OfRun, pathOf, readCosts } from '../../bench/costs/record.ts'

const ADVICE = 'run `npm run costs -- --write`'
/** Times and latencies have more digits at one time than at another. */
const MOST_BYTES_OFF = 0.03

const kept = readCosts()

describe('what is kept is what is measured now', () => {
  let now: Awaited<ReturnType<typeof measureAll>>

  beforeAll(async () => {
    now = await measureAll(inject('stacksEndpoint'))
  }, 300_000)

  test('all operations are there, and no other', () => {
    const names = now.operations.map(({ name }) => name)

    expect(
      kept.operations.map(({ name }) => name),
      ADVICE,
    ).toEqual(names)
  })

  test.each(kept.operations)('$name', ({ name, request, audit }) => {
    const measured = now.operations.find((operation) => operation.name === name)

    expect(countsOf(measured?.request), ADVICE).toEqual(countsOf(request))
    expect(countsOf(measured?.audit), ADVICE).toEqual(countsOf(audit))
    expect(bytesOff(measured?.request, request), ADVICE).toEqual([])
    expect(bytesOff(measured?.audit, audit), ADVICE).toEqual([])
  })

  test.each(kept.batches)('the audit, after $name', ({ name, ...batch }) => {
    const measured = now.batches.find((other) => other.name === name)

    expect(countsOf(measured), ADVICE).toMatchObject(countsOf(batch))
  })

  test.each(Object.entries(kept.runs))('a run of %s, while all is well', (name, run) => {
    expect(countsOf(now.runs[name]), ADVICE).toEqual(countsOf(run))
  })
})

test('what runs on a schedule is measured', () => {
  const scheduled = new Set(Object.keys(kept.deployed.runsMonthly))

  expect(new Set(Object.keys(kept.runs))).toEqual(scheduled)
})

test('what a deployment has is what the templates say now', () => {
  expect(readDeployed(), ADVICE).toEqual(kept.deployed)
})

test.each(documentsOf(kept))('the tables in $path are made of what is kept', ({ path, text }) => {
  const isUpToDate = readFileSync(pathOf(path), 'utf8') === text

  expect(isUpToDate, `${path} is out of date: ${ADVICE}`).toBe(true)
})

type Figures = Readonly<Partial<Record<string, unknown>>> & Partial<OfRun>

const isOfBytes = (name: string) => name.endsWith('Bytes')

function countsOf(figures: Figures | undefined) {
  return Object.fromEntries(Object.entries(figures ?? {}).filter(([name]) => !isOfBytes(name)))
}

/** The names of what is not nearly the same. */
function bytesOff(now: Figures | undefined, then: Figures | undefined): string[] {
  return Object.keys(then ?? {})
    .filter(isOfBytes)
    .filter((name) => {
      const [is, was] = [Number(now?.[name]), Number(then?.[name])]
      return !(Math.abs(is - was) <= Math.max(4, MOST_BYTES_OFF * was))
    })
}
