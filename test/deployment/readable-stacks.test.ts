import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import * as z from 'zod'
import { type Bundles, bundle, entryOf } from '../../bench/bundles/bundle.ts'
import type { WalletId } from '../../lib/money/account.ts'
import { toAttributes } from '../../lib/store/attributes.ts'
import { balanceKey } from '../../lib/store/keys.ts'
import { type Proxy as DynamoDbProxy, startProxy } from '../chaos/proxy.ts'
import type { Card, Weather } from '../chaos/weather.ts'
import { type Ended, type Lambda, startLambda } from '../support/lambda.ts'
import { GOLD } from '../support/ledger.ts'
import { type SigningKey, sendRaw, sign } from '../support/sign.ts'
import { type House, openHouse } from './house.ts'
import { openWorld, type World } from './world.ts'

/** docs/adr/0024-a-map-is-read-with-the-first-stack.md */

const CODE = 'index.mjs'
const MAP = 'index.mjs.map'
const TIMEOUT_MS = 20_000

let bundles: Bundles

beforeAll(() => {
  bundles = bundle({ failures: 'test/deployment/failures.ts', write: entryOf('write') })
})

afterAll(() => {
  bundles.remove()
})

describe('the stack of what fails in a bundle', () => {
  test('names places in the repository, and there is the code that failed', () => {
    const { open, spendAll, withCause, notAnError } = runFailures(readMap('failures'))

    const thrown = "new RangeError('less than nothing')"
    const spent = ['new Purse(rest)', 'emptied(this, amount)']
    const waited = ['await Promise.all([new Purse(1).spend(2)])', 'await fail()']
    const caused = ["new Error('nothing was opened', { cause }))", 'fail()']
    expect(codeAt(open)).toEqual([thrown, 'new Purse(-1)', 'fail()'])
    expect(codeAt(spendAll)).toEqual([thrown, ...spent, ...waited])
    expect(codeAt(withCause)).toEqual([...caused, thrown, 'new Purse(-1)', 'open())', 'fail()'])
    expect(codeAt(notAnError)).toEqual(['captureStackTrace(thing)', 'fail()'])
  })

  test('says all else as Node does', () => {
    const { spendAll, notAnError, ofNode, elsewhere } = runFailures(readMap('failures'))

    expect(spendAll).toMatch(/^RangeError: less than nothing\n {4}at new \w+ \(test/)
    expect(spendAll).toMatch(/\n {4}at emptied \(test.*\n {4}at spend \(test/)
    expect(spendAll).toMatch(/\n {4}at async Promise\.all \(index 0\)\n {4}at async \w+ \(test/)
    expect(notAnError).toMatch(/^Error\n {4}at /)
    expect(ofNode).toMatch(/^RangeError \[ERR_OUT_OF_RANGE\]: .*\n {4}at [\w.]+ \(node:/)
    expect(elsewhere).toMatch(/\n {4}at elsewhere:1:25\n {4}at Array\.map \(<anonymous>\)\n/)
  })

  test.each([undefined, '', '{', 'null', '{}', '{"sources":[],"mappings":"AAAA"}'])(
    'is what it would be without us where the map is %j',
    (map) => {
      const { open } = runFailures(map)

      const places = open?.replaceAll(/file:.*\/index\.mjs:\d+:\d+/g, 'PLACE')
      const inBundle = /^RangeError: less.*\n {4}at new \w+ \(PLACE\)\n.*\n {4}at PLACE\n {4}at \w/
      expect(places).toMatch(inBundle)
    },
  )
})

describe('a deployed function', () => {
  const cards: Card[] = []
  let proxy: DynamoDbProxy
  let world: World

  beforeAll(async () => {
    const weather: Weather = { next: (traffic) => (traffic === 'read' ? undefined : cards.shift()) }
    proxy = await startProxy({ behind: inject('dynamoDbEndpoint'), weather, lateMs: 0 })
    proxy.storm()
    world = await openWorld({ dynamoDbEndpoint: proxy.endpoint })
  })

  afterAll(async () => {
    await world.close()
    await proxy.stop()
  })

  test('looks at no stack while it does what it is there for, and logs where it failed', async () => {
    const [path, unreadable] = ['/v1/wallets/alice', '/v1/wallets/bob']
    await writeUnreadableBalance(world, 'bob')
    const house = await openHouse(() => start(world))
    const send = (target: string, amount: unknown, key = randomUUID()) =>
      statusOf(house, world.key, { target, body: { asset: GOLD, amount }, key })
    const key = randomUUID()
    const map = readMap('write')

    // A stack that was looked at now would be the last that looks for a map.
    rmSync(mapOf('write'))
    const done = [await send(`${path}/topup`, 250, key), await send(`${path}/topup`, 250, key)]
    cards.push({ fault: 'cancelled with TransactionConflict', lasts: false })
    done.push(await send(`${path}/spend`, 200))
    const refused = [await send(`${path}/spend`, 200), await send(`${path}/spend`, 'much')]
    writeFileSync(mapOf('write'), map)
    const failed = await send(`${unreadable}/spend`, 200)
    const { write } = await house.close()

    expect(proxy.injected).toHaveLength(1)
    expect([done, refused, failed]).toEqual([[201, 201, 201], [402, 400], 500])
    expect(failuresIn(write)).toEqual([
      expect.objectContaining({
        name: 'InvariantViolation',
        location: expect.stringMatching(/^lib\/money\/invariant\.ts:\d+$/),
        stack: expect.stringMatching(/\n {4}at \w+ \(lib\/store\/items\.ts:\d+:\d+\)\n/),
      }),
    ])
  })

  test('tells Lambda where it threw', async () => {
    const lambda = await start(world)

    const failure = lambda.invoke(null)

    await expect(failure).rejects.toThrow(/at \w+ \(lib\/http\/\w+\.ts:\d+:\d+\)/)
    await lambda.end()
  })

  test('tells Lambda where it could not start', async () => {
    const lambda = await start(world, { LEDGER_TABLE: '' })

    const failure = lambda.invoke(null)

    await expect(failure).rejects.toThrow(/at \w+ \(functions\/settings\.ts:\d+:\d+\)/)
    await lambda.end()
  })
})

type Stacks = Readonly<Record<string, string>>

/** With this map beside the code, and nothing else. */
function runFailures(map: string | undefined): Stacks {
  const folder = mkdtempSync(join(tmpdir(), 'strongbox-failures-'))
  try {
    const code = join(folder, CODE)
    copyFileSync(join(bundles.of('failures').folder, CODE), code)
    if (map !== undefined) writeFileSync(join(folder, MAP), map)
    const written = execFileSync(process.execPath, [code], { encoding: 'utf8' })
    return z.record(z.string(), z.string()).parse(JSON.parse(written))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function readMap(name: string): string {
  return readFileSync(mapOf(name), 'utf8')
}

function mapOf(name: string): string {
  return join(bundles.of(name).folder, MAP)
}

/** What the repository has at each place that a stack names: the rest of that line. */
function codeAt(stack = ''): string[] {
  const places = stack.matchAll(/ \(test\/deployment\/failures\.ts:(\d+):(\d+)\)/g)
  const lines = readFileSync('test/deployment/failures.ts', 'utf8').split('\n')
  return Array.from(places, ([, line, column]) =>
    (lines[Number(line) - 1] ?? '').slice(Number(column) - 1),
  )
}

function start(world: World, more: Readonly<Record<string, string>> = {}): Promise<Lambda> {
  const { LEDGER_TABLE = '', API_KEYS_SECRET = '' } = world.settings
  return startLambda({
    name: 'write',
    bundle: bundles.of('write').folder,
    handler: 'index.handler',
    timeoutMs: TIMEOUT_MS,
    environment: {
      AWS_ENDPOINT_URL: world.awsEndpoint,
      POWERTOOLS_SERVICE_NAME: 'strongbox-write',
      POWERTOOLS_METRICS_NAMESPACE: 'Strongbox/dev',
      ...{ LEDGER_TABLE, API_KEYS_SECRET, ...more },
    },
  })
}

/** Of a shape that no code has written yet. */
async function writeUnreadableBalance({ ledger }: World, walletId: string): Promise<void> {
  const Item = toAttributes({ ...balanceKey(walletId as WalletId, GOLD), v: 99 })
  await ledger.client.send(new PutItemCommand({ TableName: ledger.tableName, Item }))
}

interface Change {
  readonly target: string
  readonly body: object
  readonly key: string
}

async function statusOf({ urls }: House, signingKey: SigningKey, change: Change): Promise<number> {
  const { target, body, key } = change
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  const request = { method: 'POST', target, headers, body: JSON.stringify(body) }
  return (await sendRaw(urls.http, await sign(request, signingKey))).status
}

const failureLine = z.object({ message: z.literal('unexpected error'), error: z.unknown() })

/** Of its log, which has nothing else there. */
function failuresIn(ended: Ended | undefined): unknown[] {
  const lines = ended?.stderr.split('\n').filter(Boolean) ?? []
  return lines.map((line) => failureLine.parse(JSON.parse(line)).error)
}
