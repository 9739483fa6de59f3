import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openStack, type StackApi } from '../support/api.ts'
import { startMeddler } from '../support/meddler.ts'
import { openTerminal } from '../support/terminal.ts'

/** The command before the other edge of API Gateway. */

const PLAN_KEY = 'a-key-of-the-usage-plan'

const terminal = openTerminal()
const folder = mkdtempSync(join(tmpdir(), 'strongbox-smoke-'))
const tokenFile = join(folder, 'admin.auth')
const keyFile = join(folder, 'key.json')
let api: StackApi

beforeAll(async () => {
  api = await openStack({ edge: 'rest' })
  const { adminToken, hmac } = api.credentials
  writeFileSync(tokenFile, adminToken)
  writeFileSync(keyFile, JSON.stringify({ id: hmac.keyId, secret: hmac.secret }))
})

afterEach(async () => {
  await terminal.close()
})

afterAll(async () => {
  await api.stop()
  rmSync(folder, { recursive: true })
})

function smoke(words: readonly string[], environment = {}) {
  const command = ['--import', './local/preflight.mjs', 'local/smoke.ts', ...words]
  return terminal.run([process.execPath, ...command], environment).exited
}

test.each([
  { what: 'a token', words: () => ['--token-file', tokenFile] },
  { what: 'a key, which signs the stage of the URL, too', words: () => ['--key-file', keyFile] },
])('a REST API is found to work with $what', async ({ words }) => {
  const { code, stdout, complaints } = await smoke(['--url', api.url, ...words()])

  expect(new URL(api.url).pathname).not.toBe('/')
  expect(stdout).toContain('All 18 steps are as they have to be')
  expect([code, complaints]).toEqual([0, []])
})

test.each([
  { what: 'a token', words: () => ['--token-file', tokenFile] },
  { what: 'a key', words: () => ['--key-file', keyFile] },
])('one with a usage plan is, with a key of that beside $what', async ({ words }) => {
  const { pathname, origin } = new URL(api.url)
  const door = await startMeddler(origin, async ({ request, pass }) => {
    const isPublic = request.target.startsWith(`${pathname}/health`)
    if (isPublic || request.headers['x-api-key'] === PLAN_KEY) return pass()
    return { status: 403, headers: {}, text: '{"message":"Forbidden"}' }
  })
  const given = ['--url', `${door.url}${pathname}`, ...words()]

  const without = await smoke(given)
  const withKey = await smoke(given, { STRONGBOX_USAGE_PLAN_KEY: PLAN_KEY })

  await door.stop()
  expect(without.stdout).toMatch(/FAILED +\d+ ms {2}asset\n.*\n +seen: +403, /)
  expect(withKey.stdout).toContain('All 18 steps are as they have to be')
  expect([without.code, withKey.code]).toEqual([1, 0])
})
