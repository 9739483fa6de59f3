import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

/** Where nothing was ever deployed from. */
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongbox-localstack-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test.each(['up', 'deploy', 'test', 'down'])('%s says what it is for', (command) => {
  const { status, stdout } = run(command, ['--help'])

  expect(status).toBe(0)
  expect(stdout).toContain(`npm run localstack:${command}`)
})

test.each(['up', 'down'])('%s asks for Docker where there is none', (command) => {
  const { status, stderr } = run(command)

  expect(status).toBe(1)
  expect(stderr).toBe(
    'LocalStack needs Docker, and there is none: https://docs.docker.com/get-docker\n',
  )
})

test('up asks for a token where the image will, before it is fetched', () => {
  const { status, stderr } = run('up', [], { LOCALSTACK_IMAGE: 'localstack/localstack:2026.09.0' })

  expect(status).toBe(1)
  expect(stderr).toContain('set LOCALSTACK_AUTH_TOKEN, or leave LOCALSTACK_IMAGE out')
})

test('test asks for a deployment where there was none', () => {
  const { status, stderr } = run('test')

  expect(status).toBe(1)
  expect(stderr).toBe('Nothing was deployed yet: npm run localstack:deploy\n')
})

function run(command: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const file = join(import.meta.dirname, `${command}.ts`)
  return spawnSync(process.execPath, [file, ...args], {
    cwd: folder,
    // Nothing is found there, and Docker neither.
    env: { PATH: folder, ...env },
    encoding: 'utf8',
  })
}
