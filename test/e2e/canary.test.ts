import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { CANARY_METRICS } from '../../lib/smoke/canary-metrics.ts'
import { openStack, type StackApi } from '../support/api.ts'
import { type Meddle, type Meddler, startMeddler } from '../support/meddler.ts'
import { runScheduled, type Scheduled } from '../support/scheduled.ts'
import { openTerminal } from '../support/terminal.ts'

/** The function itself, before a Strongbox that works, and in the end before one that does not. */

const SCOPES = 'wallet:read,wallet:credit,wallet:debit,wallet:reverse'
const ENTRIES_OF_A_WALK = 7

const terminal = openTerminal()
const folder = mkdtempSync(join(tmpdir(), 'strongbox-canary-'))
const keyFile = join(folder, 'canary-key.json')
const passOn: Meddle = ({ pass }) => pass()
let api: StackApi
let door: Meddler
let meddle = passOn
let handler: Scheduled<{ readonly isOk: boolean }>

beforeAll(async () => {
  api = await openStack()
  door = await startMeddler(api.url, (passing) => meddle(passing))
  Object.assign(process.env, {
    POWERTOOLS_SERVICE_NAME: 'strongbox-canary',
    CANARY_URL: door.url,
    CANARY_KEY_FILE: keyFile,
  })
  const canary = await import('../../functions/canary/handler.ts')
  handler = canary.handler
})

beforeEach(() => {
  meddle = passOn
})

afterAll(async () => {
  await door.stop()
  await api.stop()
  await terminal.close()
  rmSync(folder, { recursive: true })
})

const sing = () => runScheduled('canary', handler)

async function keys(...words: string[]): Promise<string> {
  const place = ['--folder', dirname(api.stack.apiKeysFile)]
  const command = ['npm', 'run', '--silent', 'keys', '--', ...words, ...place]
  const { code, stdout, complaints } = await terminal.run(command).exited
  expect([code, complaints]).toEqual([0, []])
  return stdout
}

function wallet(): string {
  return `canary-${new Date().toISOString().slice(0, 10)}`
}

async function balance(): Promise<Record<string, unknown>> {
  return (await api.get(`/v1/wallets/${wallet()}/balances/CANARY?consistent=true`)).body
}

const failing = { [CANARY_METRICS.runs]: 1, [CANARY_METRICS.failures]: 1 }
const well = {
  [CANARY_METRICS.runs]: 1,
  [CANARY_METRICS.failures]: 0,
  [CANARY_METRICS.latency]: expect.any(Number),
}

test('while it has no key, it fails and says how to make one', async () => {
  writeFileSync(keyFile, '{}')

  const { answer, metrics, lines } = await sing()

  expect(answer).toEqual({ isOk: false })
  expect(metrics).toMatchObject([{ service: 'strongbox-canary', ...failing }])
  expect(metrics[0]).not.toHaveProperty(CANARY_METRICS.latency)
  expect(lines).toMatchObject([
    {
      level: 'ERROR',
      message: expect.stringMatching(/no key yet: npm run keys -- create canary /),
    },
  ])
})

test('with a key that npm run keys puts there unseen, it says what that key may not', async () => {
  const shown = await keys('create', 'canary', '--scopes', SCOPES, '--into', keyFile)

  const { metrics, lines } = await sing()

  expect(shown).toBe(`keyid:  canary\nsecret: in ${keyFile}\n`)
  expect(metrics).toMatchObject([failing])
  expect(lines).toMatchObject([
    {
      level: 'ERROR',
      walletId: wallet(),
      failed: [
        { name: 'asset', seen: expect.stringMatching(/^403 FORBIDDEN: .* \(request .*\)$/) },
      ],
    },
  ])
})

test('with its asset, it walks, again and again on one wallet, and leaves nothing in it', async () => {
  await api.send('PUT', '/v1/assets/CANARY', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Canary', scale: 0 }),
  })

  const runs = [await sing(), await sing(), await sing()]

  expect(runs.map(({ answer }) => answer)).toEqual(runs.map(() => ({ isOk: true })))
  expect(runs.flatMap(({ metrics }) => metrics)).toMatchObject(runs.map(() => well))
  expect(await balance()).toMatchObject({
    available: 0,
    held: 0,
    version: runs.length * ENTRIES_OF_A_WALK,
  })
})

test('what a walk that broke off has left there does not confuse the next one', async () => {
  const path = `/v1/wallets/${wallet()}`
  await api.post(`${path}/topup`, { asset: 'CANARY', amount: 12 })
  const hold = await api.post(`${path}/holds`, { asset: 'CANARY', amount: 5 })

  const { answer } = await sing()

  expect(hold.status).toBe(201)
  expect(answer).toEqual({ isOk: true })
  expect(await balance()).toMatchObject({ available: 0, held: 5 })
})

test('what is not as it has to be is counted, is said in the log, and is tidied up', async () => {
  meddle = async ({ request, pass }) =>
    request.target.endsWith('/capture') ? { status: 500, headers: {}, text: '' } : pass()

  const { answer, metrics, lines } = await sing()

  expect(answer).toEqual({ isOk: false })
  expect(metrics).toMatchObject([failing])
  expect(lines).toMatchObject([
    {
      level: 'ERROR',
      walletId: wallet(),
      failed: [
        {
          name: 'capture',
          expected: expect.stringMatching(/^201, type CAPTURE, /),
          seen: expect.stringMatching(/^500, /),
        },
      ],
    },
  ])
  expect(await balance()).toMatchObject({ available: 0, held: 0 })
})

test('its key is rotated under it', async () => {
  await keys('rotate', 'canary', '--into', keyFile)
  const during = await sing()
  await keys('finish', 'canary')

  const after = await sing()

  expect([during.answer, after.answer]).toEqual([{ isOk: true }, { isOk: true }])
})

test('a key that is revoked is no key', async () => {
  await keys('revoke', 'canary')

  const { metrics, lines } = await sing()

  expect(metrics).toMatchObject([failing])
  expect(lines).toMatchObject([
    { failed: [{ name: 'asset', seen: expect.stringMatching(/^401 SIGNATURE_INVALID/) }] },
  ])
})

test('what is no key is not quoted', async () => {
  writeFileSync(keyFile, '{"id":"canary","secret":"it is a secret"}')

  const { metrics, lines } = await sing()

  expect(metrics).toMatchObject([failing])
  expect(JSON.stringify(lines)).toContain('this is no key to sign with')
  expect(JSON.stringify(lines)).not.toContain('it is a secret')
})
