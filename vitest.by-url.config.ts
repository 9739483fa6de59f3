import { defineConfig } from 'vitest/config'
import { BY_URL } from './test/by-url/files.ts'
import { LeftOutReporter } from './test/by-url/left-out-reporter.ts'
import { CountReporter } from './test/support/count-reporter.ts'
import config from './vitest.config.ts'

/** The end-to-end tests against a Strongbox that runs already: `npm run test:url`. */
export default defineConfig({
  test: {
    ...config.test,
    exclude: [],
    include: BY_URL.map((file) => `test/e2e/${file}.test.ts`),
    globalSetup: 'test/support/global-logs.ts',
    // The service may share this machine, and start another one for each request that comes at the same time.
    maxWorkers: 1,
    // And be slow once, for reasons that are not its own. What passes at its second try is told of as such.
    retry: 1,
    reporters: ['default', new LeftOutReporter(), new CountReporter()],
  },
})
