import { readCosts } from '../costs/record.ts'
import type { Answer, Question, Table } from '../frame/question.ts'
import { atMost } from '../frame/target.ts'
import { BOUNDS, FOR_LAUNCH, inOrder, settingsByDefault } from './bounds.ts'
import { LAUNCH_TIMES } from './day.ts'
import { scalingDocument } from './document.ts'
import { momentsOf } from './moments.ts'

export const scaling: Question = {
  name: 'scaling',
  question: 'What does a day of a million players ask of AWS, and what would break first?',
  run: async () => answer(),
}

const MOST_PERCENT_OF_EVENING = 50
const MOST_PERCENT_OF_LAUNCH = 100
const PERCENT = 100
const FIRST = 6

function answer(): Answer {
  const costs = readCosts()
  const moments = momentsOf(costs)
  const settings = settingsByDefault(costs, moments)
  const prepared = { ...settings, ...FOR_LAUNCH }
  const shares = BOUNDS.map((bound) => ({
    bound,
    evening: bound.grows ? 0 : bound.asked(moments.evening, settings) / bound.limit(settings),
    launch: bound.asked(moments.launch, prepared) / bound.limit(prepared),
  }))
  const largest = (of: (share: (typeof shares)[number]) => number) =>
    PERCENT * Math.max(...shares.map(of))
  return {
    targets: [
      atMost({
        what: 'of any limit that does not grow by itself, on an evening, in an account with no quota raised',
        unit: '%',
        limit: MOST_PERCENT_OF_EVENING,
        measured: largest(({ evening }) => evening),
      }),
      atMost({
        what: `of any limit, with ${LAUNCH_TIMES} times the evening at once, prepared`,
        unit: '%',
        limit: MOST_PERCENT_OF_LAUNCH,
        measured: largest(({ launch }) => launch),
      }),
    ],
    tables: [firstTable()],
    remarks: [
      'A model on paper: nothing here was sent to AWS. What it assumes, the whole day, what to do about each limit, storage and dollars: [A million players](scaling.md).',
    ],
    documents: [scalingDocument(costs)],
  }

  function firstTable(): Table {
    const rows = inOrder(costs, settings).slice(0, FIRST)
    return {
      title: 'What is reached first, at so many times the busiest second of an evening',
      headers: ['limit', 'times', 'then'],
      rows: rows.map(({ bound: { what, beyond }, at }) => [
        what,
        at.toFixed(1),
        beyond === 'refused' ? 'requests are refused, and come again' : 'the audit is late',
      ]),
    }
  }
}
