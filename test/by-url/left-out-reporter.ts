import type { Reporter, TestModule } from 'vitest/node'
import { NEED_THE_INSIDE } from './files.ts'

/** Ends a run by URL with what it did not run, and why not. */
export class LeftOutReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const reasons = Object.entries(NEED_THE_INSIDE)
    const width = Math.max(...reasons.map(([file]) => file.length))
    const lines = reasons.map(([file, reason]) => `  ${file.padEnd(width)}  ${reason}`)
    process.stdout.write(
      `${modules.length} files ran by URL. ${reasons.length} did not, because each of them needs more than that:\n${lines.join('\n')}\n`,
    )
  }
}
