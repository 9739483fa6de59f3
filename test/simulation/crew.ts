import { Worker } from 'node:worker_threads'
import type { Assignment, Report } from './worker.ts'

/** Threads that take one assignment after the other. */
export interface Crew {
  /** Goes through the assignments; stops early when somebody says so, and what is begun is ended. */
  readonly work: (
    assignments: Iterable<Assignment>,
    onReport: (report: Report) => 'go on' | 'stop',
  ) => Promise<void>
  readonly dismiss: () => Promise<void>
}

export interface CrewOptions {
  readonly size: number
  /** The name of a mistake that is planted into the code under test. */
  readonly mutant?: string
}

const YOUNG_MB = 96

export function openCrew({ size, mutant }: CrewOptions): Crew {
  const workers = Array.from({ length: size }, () => {
    return new Worker(new URL('worker.ts', import.meta.url), {
      workerData: { mutant },
      // Nearly all that a simulation makes is forgotten at once.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    })
  })
  return {
    async work(assignments, onReport) {
      const waiting = assignments[Symbol.iterator]()
      let isOver = false
      const take = async (worker: Worker) => {
        while (!isOver) {
          const { value, done } = waiting.next()
          if (done) return
          const report = await ask(worker, value)
          if (onReport(report) === 'stop') isOver = true
        }
      }
      await Promise.all(workers.map(take))
    },
    async dismiss() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

function ask(worker: Worker, assignment: Assignment): Promise<Report> {
  const { promise, resolve, reject } = Promise.withResolvers<Report>()
  worker.once('message', resolve)
  worker.once('error', reject)
  worker.postMessage(assignment)
  return promise.finally(() => {
    worker.off('message', resolve)
    worker.off('error', reject)
  })
}
