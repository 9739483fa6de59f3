import { expect, test } from 'vitest'
import { createStreamFunction, firstFailureIn } from './event-source-function.ts'

const RECORDS = ['11', '12', '13'].map((SequenceNumber) => ({ dynamodb: { SequenceNumber } }))
const report = (...identifiers: unknown[]) => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
})

test.each([
  ['nothing', undefined],
  ['null', null],
  ['an empty object', {}],
  ['no list', { batchItemFailures: null }],
  ['an empty list', report()],
])('a function that answers %s has taken the whole batch', (_, answer) => {
  expect(firstFailureIn(answer, RECORDS)).toBeUndefined()
})

test.each([
  ['one record', 2, report('13')],
  ['records in any order', 1, report('13', '12')],
  ['the first', 0, report('11')],
])('a function that names %s has taken what is before it', (_, place, answer) => {
  expect(firstFailureIn(answer, RECORDS)).toBe(place)
})

test.each([
  ['a record of another batch', report('13', '99')],
  ['an empty number', report('')],
  ['no number', report(null)],
  ['it by another name', { batchItemFailures: [{ sequenceNumber: '13' }] }],
  ['nothing in its list', { batchItemFailures: [null] }],
  ['no list, where there should be one', { batchItemFailures: '13' }],
])('a function that names %s has taken nothing', (_, answer) => {
  expect(firstFailureIn(answer, RECORDS)).toBe(0)
})

test('where reports are not asked for, they are not read', async () => {
  const { invoke } = createStreamFunction({
    name: 'audit',
    handler: async () => report('11'),
    timeoutMs: 1_000,
    reportBatchItemFailures: false,
  })

  expect(await invoke(RECORDS)).toMatchObject({ firstFailure: undefined })
})
