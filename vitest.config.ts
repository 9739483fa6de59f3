import { configDefaults, defineConfig } from 'vitest/config'
import { plantingPlugin } from './test/simulation/mutants/plant.ts'
import { CountReporter } from './test/support/count-reporter.ts'
import { LongestFirst } from './test/support/longest-first.ts'

/** The name of a mutant: see `npm run mutants`. */
const mutant = process.env['STRONGBOX_MUTANT']

export default defineConfig({
  plugins: mutant === undefined ? [] : [plantingPlugin(mutant)],
  test: {
    // The cache is keyed by file, and a mutant is in no file.
    fsModuleCache: mutant === undefined,
    include: ['lib/**/*.test.ts', 'local/**/*.test.ts', 'test/**/*.test.ts'],
    // By URL only: of a stack of its own, access.test.ts asks the same, and much more.
    exclude: [...configDefaults.exclude, 'test/e2e/callers.test.ts'],
    globalSetup: ['test/support/global-logs.ts', 'test/support/global-dynamodb.ts'],
    setupFiles: 'test/support/capture-logs.ts',
    pool: 'forks',
    // Two wait for the database side by side, also where there are two cores only.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    // Limits for a slow machine. Nothing waits that long when it works.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    reporters: ['default', new CountReporter()],
    // Everything is logged, and at the end searched for secrets.
    env: { POWERTOOLS_DEV: 'false', POWERTOOLS_LOG_LEVEL: 'DEBUG' },
  },
})
