import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, newWallet, openApi } from '../support/api.ts'

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

test('it sends a request again under the key that it is given, and the money moves once', async () => {
  const credentials = join(folder, 'dev-credentials.json')
  writeFileSync(credentials, JSON.stringify({ ...api.credentials, baseUrl: api.url }))
  const wallet = newWallet()
  const topup = ['POST', `/v1/wallets/${wallet}/topup`, '{"asset":"GOLD_COINS","amount":7}']
  const keyed = ['--credentials', credentials, '--idempotency-key', randomUUID(), ...topup]

  const answers = [await run(...keyed), await run(...keyed)]

  const { body } = await api.get(`/v1/wallets/${wallet}/balances/GOLD_COINS?consistent=true`)
  expect(answers[0]).toMatch(/^201 /)
  expect(answers[1]).toBe(answers[0])
  expect(body['available']).toBe(7)
})

test('it signs a query in any order, with what has to be escaped in it', async () => {
  const credentials = join(folder, 'dev-credentials.json')
  writeFileSync(credentials, JSON.stringify({ ...api.credentials, baseUrl: api.url }))

  const answer = await run(
    ...['--credentials', credentials],
    ...['GET', '/v1/wallets/alice/transactions?to=2026-11-21T06:00:00Z&limit=2&asset=GOLD_COINS'],
  )

  expect(answer).toMatch(/^(?:200|404) \{/)
})

test('it does not sign for elsewhere with what is for this machine', async () => {
  const running = run('--url', api.url, 'GET', '/v1/assets')

  await expect(running).rejects.toThrow('--url needs --key-file')
})
