import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, openApi } from '../support/api.ts'

let api: Api
const folder = mkdtempSync(join(tmpdir(), 'strongbox-examples-'))

beforeAll(async () => {
  api = await openApi()
})

afterAll(async () => {
  await api.stop()
  rmSync(folder, { recursive: true })
})

async function run(...args: string[]): Promise<string> {
  const script = 'docs/examples/signed-request.mjs'
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args])
  return stdout
}

test('the example of a signed request, which shares no code with us, is understood', async () => {
  const credentials = join(folder, 'dev-credentials.json')
  writeFileSync(credentials, JSON.stringify({ ...api.credentials, baseUrl: api.url }))

  const stdout = await run('--credentials', credentials)

  expect(stdout).toMatch(/^201 \{"id":"txn_[a-z0-9]{26}","type":"BONUS"/)
})

test('it sends any other request, too, to any Strongbox, with a key that stands in a file', async () => {
  const { keyId, secret } = api.credentials.hmac
  const keyFile = join(folder, 'shop.json')
  writeFileSync(keyFile, JSON.stringify({ id: keyId, secret }))
  const asked = ['--url', api.url, '--key-file', keyFile]

  const made = await run(...asked, 'PUT', '/v1/assets/EMERALDS', '{"name":"Emeralds","scale":0}')
  const read = await run(...asked, 'GET', '/v1/assets?limit=1')

  expect(made).toBe('200 {"code":"EMERALDS","name":"Emeralds","scale":0,"active":true}\n')
  expect(read).toMatch(/^200 \{"items":\[\{/)
})
