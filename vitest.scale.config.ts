import { defineConfig, mergeConfig } from 'vitest/config'
import config from './vitest.config.ts'

/** What takes minutes and prints numbers: `npm run scale`. */
export default mergeConfig(
  { ...config, test: { ...config.test, include: [] } },
  defineConfig({ test: { include: ['test/scale/**/*.scale.ts'], testTimeout: 1_800_000 } }),
)
