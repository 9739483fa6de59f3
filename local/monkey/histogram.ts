import { bar } from './bar.ts'
import { bucketOf, bucketStart } from './buckets.ts'
import type { Latency } from './meter.ts'
import type { Paint, Style } from './paint.ts'
import { duration, grouped } from './words.ts'

const BAR_WIDTH = 40
const NAME_WIDTH = 8
const COUNT_WIDTH = 9

/** How long answers took: a row for each bucket, from the fastest to the slowest, with none left out. */
export function drawHistogram(
  buckets: ReadonlyMap<number, number>,
  latency: Latency,
  paint: Paint,
): string[] {
  const counts = Array.from(buckets.values())
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return []
  const [first, last] = [Math.min(...buckets.keys()), Math.max(...buckets.keys())]
  const most = Math.max(...counts)
  const marks = marksOf(latency)
  let before = 0
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const bucket = first + index
    const count = buckets.get(bucket) ?? 0
    const drawn = bar(count / most, BAR_WIDTH)
    const row = [
      paint('dim', shortTime(bucketStart(bucket)).padStart(NAME_WIDTH)),
      paint('dim', '│') +
        paint(colourOf(before / total), drawn) +
        ' '.repeat(BAR_WIDTH - drawn.length),
      (count === 0 ? '' : grouped(count)).padStart(COUNT_WIDTH),
      ...(marks.get(bucket) ?? []).map((mark) => paint('bold', mark)),
    ]
    before += count
    return row.join(' ').trimEnd()
  })
}

/** Nine of ten are green; the slowest of a hundred is red. */
function colourOf(shareBefore: number): Style {
  if (shareBefore < 0.9) return 'green'
  return shareBefore < 0.99 ? 'yellow' : 'red'
}

function marksOf({ p50, p90, p99, p999 }: Latency): Map<number, string[]> {
  const marks = new Map<number, string[]>()
  for (const [name, ms] of Object.entries({ p50, p90, p99, 'p99.9': p999 })) {
    const bucket = bucketOf(ms)
    marks.set(bucket, [...(marks.get(bucket) ?? []), `◂ ${name} ${duration(ms)}`])
  }
  return marks
}

/** 150 ms, 1.5 s: where a bucket begins is a round number. */
function shortTime(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`
}
