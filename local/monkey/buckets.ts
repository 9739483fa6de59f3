/** Where one bucket ends and the next begins, in each power of ten: steps that look alike on a logarithmic scale. */
const STEPS = [1, 1.5, 2, 3, 5, 7] as const

/** The number of the bucket that a time is in; below one millisecond, all are in the first. */
export function bucketOf(ms: number): number {
  if (ms < 1) return 0
  const power = Math.floor(Math.log10(ms))
  const scaled = ms / 10 ** power
  const step = STEPS.findLastIndex((from) => from <= scaled)
  return 1 + power * STEPS.length + Math.max(0, step)
}

/** Where a bucket begins, in milliseconds. */
export function bucketStart(bucket: number): number {
  if (bucket === 0) return 0
  const index = bucket - 1
  return (STEPS[index % STEPS.length] ?? 1) * 10 ** Math.floor(index / STEPS.length)
}
