import { FAULTS, type Tally, WAYS } from './tally.ts'

/** What was done to the code, and what it did about it, for people to look at. */
export function showCounts(tally: Tally): string {
  return [
    '',
    'What went wrong',
    ...FAULTS.map((fault) => row(tally.of(fault), fault)),
    '',
    'What was done about it',
    ...WAYS.map((way) => row(tally.of(way), way)),
  ].join('\n')
}

export function unseen(tally: Tally): string[] {
  return [...FAULTS, ...WAYS].filter((what) => tally.of(what) === 0)
}

const WIDTH = 12

function row(count: number, what: string): string {
  return `${(count === 0 ? 'never' : count.toLocaleString('en-US')).padStart(WIDTH)}  ${what}`
}
