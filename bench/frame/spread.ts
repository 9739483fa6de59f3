import { numberText } from './number.ts'

/** Of many samples: the one in the middle, and those that half of all are between. */
export interface Spread {
  readonly lower: number
  readonly median: number
  readonly upper: number
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b)
  return { lower: at(sorted, 0.25), median: at(sorted, 0.5), upper: at(sorted, 0.75) }
}

/** As in `1.21 (1.18–1.26)`. */
export function spreadText({ lower, median, upper }: Spread): string {
  return `${numberText(median)} (${numberText(lower)}–${numberText(upper)})`
}

/** Between two samples, in proportion. */
function at(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  if (below === undefined || above === undefined) throw new Error('there are no samples')
  return below + (above - below) * (place % 1)
}
