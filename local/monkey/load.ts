import type { Errand } from './errand.ts'
import { type Errands, inTurns } from './errands.ts'
import type { Finding } from './finding.ts'
import type { Meter } from './meter.ts'
import { planErrands } from './plan.ts'
import type { Load } from './report.ts'
import type { RunOptions } from './run.ts'

export interface LoadOptions extends RunOptions {
  readonly errands: Errands
  readonly surprises: readonly Finding[]
  readonly meter: Meter
}

/** Who meets so many goes on no longer: what could be learned is learned. */
const MOST_SURPRISES = 1_000
/** And nobody answers who has not answered so many, with all patience: at least, and of a crowd all of it. */
const LEAST_UNANSWERED = 10
const DRAW_EVERY_MS = 100

/** One errand after the other, so many at a time, until all are done, the time is over, or there is no use in it. */
export async function letLoose(options: LoadOptions): Promise<Load> {
  const { errands, surprises, meter, requests, forMs, atOnce, onMoment, isStopping } = options
  const startedAt = performance.now()
  const elapsedMs = () => performance.now() - startedAt
  const mostUnanswered = Math.max(LEAST_UNANSWERED, atOnce)
  let done = 0
  const why = (): string | undefined => {
    if (isStopping()) return 'Stopped.'
    if (surprises.length >= MOST_SURPRISES) return 'Given up: too much is not as it has to be.'
    if (errands.notes.unanswered() >= mostUnanswered) return 'Given up: nobody answers any more.'
    return undefined
  }
  const isOver = () => why() !== undefined || (forMs !== undefined && elapsedMs() >= forMs)
  const show = () =>
    onMoment({
      ...{ done, requests, forMs, elapsedMs: elapsedMs(), meter },
      ...{ unexpected: surprises.length, isStopping: isStopping() },
    })
  const drawing = setInterval(show, DRAW_EVERY_MS)
  try {
    await inTurns(atOnce, upTo(planErrands(options), requests, isOver), async (errand) => {
      await errands.run(errand)
      done += 1
    })
  } finally {
    clearInterval(drawing)
  }
  show()
  const isShort = requests === undefined ? elapsedMs() < (forMs ?? 0) : done < requests
  return { meter, errands: done, ms: elapsedMs(), stopped: isShort ? why() : undefined }
}

function* upTo(
  plan: Generator<Errand, never>,
  requests = Number.POSITIVE_INFINITY,
  isOver: () => boolean,
): Generator<Errand> {
  for (let number = 0; number < requests && !isOver(); number += 1) yield plan.next().value
}
