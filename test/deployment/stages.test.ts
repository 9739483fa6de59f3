import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

test('a stage that does not exist is refused in one line', () => {
  const context = JSON.stringify({ stage: 'staging' })

  const { status, stderr, stdout } = spawnSync(process.execPath, ['infra/app.ts'], {
    cwd: ROOT,
    env: { CDK_CONTEXT_JSON: context },
    encoding: 'utf8',
  })

  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toBe('There is no stage "staging". Say -c stage=dev or -c stage=prod.\n')
})
