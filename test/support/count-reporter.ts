import type { Reporter, TestModule } from 'vitest/node'

/** Ends the run with one line that a person or a script can read: how many passed, how many did not. */
export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) =>
      Array.from(module.children.allTests(), (test) => test.result().state),
    )
    const count = (wanted: string) => states.filter((state) => state === wanted).length
    const broken = modules.filter((module) => module.errors().length > 0).length
    const skipped = count('skipped')
    process.stdout.write(
      `${count('passed')} passed, ${count('failed') + broken} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
    )
  }
}
