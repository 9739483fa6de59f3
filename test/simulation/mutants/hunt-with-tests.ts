import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { TestedMutant } from './tested.ts'

const ROOT = join(import.meta.dirname, '../../..')
const LONGEST_RUN_MS = 300_000
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/** Runs the tests of each mutant against the mutated code: at least one of them has to fail. */
export async function huntWithTests(
  mutants: readonly TestedMutant[],
  atOnce: number,
  onHunted: (mutant: TestedMutant, isFound: boolean) => void,
): Promise<void> {
  const waiting = mutants.values()
  const hunter = async () => {
    for (const mutant of waiting) {
      onHunted(mutant, (await countFailures(mutant.tests, mutant.name)) > 0)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, hunter))
}

/** How many tests of these files fail. */
export async function countFailures(tests: readonly string[], mutant?: string): Promise<number> {
  const vitest = ['--import', './local/preflight.mjs', 'node_modules/vitest/vitest.mjs', 'run']
  const env = { ...process.env, STRONGBOX_MUTANT: mutant }
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [...vitest, ...tests, '--maxWorkers=1'],
      { cwd: ROOT, env, timeout: LONGEST_RUN_MS, maxBuffer: MAX_OUTPUT_BYTES },
      (_, stdout, stderr) => resolve(`${stdout}\n${stderr}`),
    )
  })
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? []
  if (failed === undefined || Number(passed) + Number(failed) === 0) {
    throw new Error(`the tests ${tests.join(', ')} did not run:\n${output.slice(-2_000)}`)
  }
  return Number(failed)
}
