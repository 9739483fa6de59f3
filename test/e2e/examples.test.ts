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

test('the example of a signed request, which shares no code with us, is understood', async () => {
  const credentials = join(folder, 'dev-credentials.json')
  writeFileSync(credentials, JSON.stringify({ ...api.credentials, baseUrl: api.url }))

  const { stdout } = await promisify(execFile)(process.execPath, [
    'docs/examples/signed-request.mjs',
    credentials,
  ])

  expect(stdout).toMatch(/^201 \{"id":"txn_[a-z0-9]{26}","type":"BONUS"/)
})
