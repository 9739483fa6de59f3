import { parentPort, workerData } from 'node:worker_threads'
import type { Counts } from './tally.ts'
import type { Storm } from './world/weather.ts'

/** One of several threads that run seeds side by side; a mutant is planted before anything of ours is loaded. */

export interface Assignment {
  readonly seed: number
  readonly steps: number
  readonly without: readonly Storm[]
}

export interface Report {
  readonly seed: number
  readonly breaches: readonly { readonly check: string; readonly text: string }[]
  readonly calls: number
  readonly cpuMs: number
  readonly counts: Counts
}

if (!parentPort) throw new Error('this is run by simulate.ts and mutants.ts, as a worker')
const port = parentPort

if (workerData?.mutant) {
  const { plant } = await import('./mutants/plant.ts')
  plant(workerData.mutant)
}
const { run } = await import('./run.ts')
const { createTally } = await import('./tally.ts')

port.on('message', async ({ seed, steps, without }: Assignment) => {
  const tally = createTally()
  const before = process.threadCpuUsage()
  const { breaches, calls } = await run({ seed, steps, tally, without: new Set(without) })
  const { user, system } = process.threadCpuUsage(before)
  const report: Report = {
    ...{ seed, calls, counts: tally.counts() },
    cpuMs: (user + system) / 1_000,
    breaches: breaches.map(({ check, text }) => ({ check, text })),
  }
  port.postMessage(report)
})
