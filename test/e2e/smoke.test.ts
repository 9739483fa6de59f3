import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../local/dynamodb.ts'
import { type Api, openApi } from '../support/api.ts'
import {
  type Meddle,
  type Meddler,
  type Passed,
  type Passing,
  startMeddler,
} from '../support/meddler.ts'
import { type Exit, openTerminal } from '../support/terminal.ts'

/** The command as somebody types it, before a Strongbox that works, and before some that do not. */

const STEPS = [
  ...['health', 'readiness', 'asset', 'balance before', 'topup', 'the same topup again'],
  ...['its key with another body', 'no credentials', 'spend', 'overspend', 'hold', 'capture'],
  ...['void', 'reverse', 'empty', 'history', 'chain', 'close'],
]

/** Longer than any answer takes on a slow machine. */
const PATIENCE_SECONDS = '4'

const terminal = openTerminal()
const folder = mkdtempSync(join(tmpdir(), 'strongbox-smoke-'))
const credentials = join(folder, 'dev-credentials.json')
const tokenFile = join(folder, 'admin.auth')
const keyFile = join(folder, 'key.json')
let api: Api
let front: Meddler | undefined

beforeAll(async () => {
  api = await openApi()
  const { adminToken, hmac } = api.credentials
  writeFileSync(credentials, JSON.stringify({ ...api.credentials, baseUrl: api.url }))
  writeFileSync(tokenFile, `Authorization: Bearer ${adminToken}\n`)
  writeFileSync(keyFile, JSON.stringify({ id: hmac.keyId, secret: hmac.secret }))
})

afterEach(async () => {
  await front?.stop()
  front = undefined
  await terminal.close()
})

afterAll(async () => {
  await api.stop()
  rmSync(folder, { recursive: true })
})

/** A shortcut past npm, for what says nothing about npm. */
function smoke(words: readonly string[], environment = {}): Promise<Exit> {
  const command = ['--import', './local/preflight.mjs', 'local/smoke.ts', ...words]
  return terminal.run([process.execPath, ...command], environment).exited
}

async function smokeBehind(meddle: Meddle, ...words: string[]): Promise<Exit> {
  front = await startMeddler(api.url, meddle)
  return smoke(['--url', front.url, '--token-file', tokenFile, ...words])
}

/** The names of the steps that ended so, in their order. */
function stepsIn({ stdout }: Exit, outcome: 'ok' | 'FAILED' | 'not tried'): string[] {
  const pattern = new RegExp(`^${outcome} +(?:\\d+ ms  )?(\\S.*)$`, 'gm')
  return Array.from(stdout.matchAll(pattern), ([, name = '']) => name)
}

function walletIn({ stdout }: Exit): string {
  return /wallet (smoke-[\w-]+)/.exec(stdout)?.[1] ?? ''
}

function seenIn({ stdout }: Exit): string {
  return Array.from(stdout.matchAll(/seen: +(.*)$/gm), ([, seen]) => seen).join('\n')
}

describe('a Strongbox that works', () => {
  test('is found to, with the credentials that npm start writes', async () => {
    const command = ['npm', 'run', '--silent', 'smoke', '--', '--credentials', credentials]

    const exit = await terminal.run(command).exited

    expect(stepsIn(exit, 'ok')).toEqual(STEPS)
    expect(exit.stdout).toMatch(/\nAll 18 steps are as they have to be, in \d+ ms\.\n$/)
    expect([exit.code, exit.complaints]).toEqual([0, []])
  })

  test.each([
    { what: 'a token', words: () => ['--token-file', tokenFile], environment: () => ({}) },
    { what: 'a key in a file', words: () => ['--key-file', keyFile], environment: () => ({}) },
    {
      what: 'a key whose secret is in the environment',
      words: () => ['--key-id', api.credentials.hmac.keyId],
      environment: () => ({ STRONGBOX_KEY_SECRET: api.credentials.hmac.secret }),
    },
  ])('is found to with $what, by its URL', async ({ words, environment }) => {
    const exit = await smoke(['--url', `${api.url}/`, ...words()], environment())

    expect(stepsIn(exit, 'ok')).toEqual(STEPS)
    expect([exit.code, exit.complaints]).toEqual([0, []])
  })

  test('keeps a wallet that is empty and closed, and the asset that was named', async () => {
    const exit = await smoke(['--credentials', credentials, '--asset', 'SMOKE_2'])

    const { body } = await api.get(`/v1/wallets/${walletIn(exit)}?consistent=true`)
    expect(body).toMatchObject({
      status: 'CLOSED',
      balances: [{ asset: 'SMOKE_2', available: 0, held: 0, version: 7 }],
    })
  })
})

const SOME_PROBLEM: Passed = {
  status: 500,
  headers: { 'content-type': 'application/problem+json', 'x-request-id': 'request-7' },
  text: JSON.stringify({ code: 'INTERNAL_ERROR', detail: 'It is logged under the request id.' }),
}
const page = (status: number): Passed => ({
  status,
  headers: { 'content-type': 'text/html' },
  text: '<!doctype html><title>Down for maintenance</title>',
})

function edited(passed: Passed, edit: (body: Record<string, unknown>) => unknown): Passed {
  return { ...passed, text: JSON.stringify(edit(JSON.parse(passed.text))) }
}

/** The same once more, under a key that is another's. */
function pay({ request, pass }: Passing, changes = {}): Promise<Passed> {
  const key = `${String(request.headers['idempotency-key'])}-once-more`
  return pass({ headers: { 'idempotency-key': key }, ...changes })
}

/** Passes everything on but one request: the first one to this path, or the second, or the third. */
function at(path: RegExp, meddle: Meddle, nth = 1): Meddle {
  let times = 0
  return async (passing) => {
    if (path.test(passing.request.target)) times += 1
    else return passing.pass()
    return times === nth ? meddle(passing) : passing.pass()
  }
}

const [TOPUP, SPEND, HOLDS, CAPTURE] = [/\/topup$/, /\/spend$/, /\/holds$/, /\/capture$/]
const [VOID, REVERSE, ENTRIES, VERIFY, CLOSE] = [
  ...[/\/void$/, /\/reverse$/, /\/ledger\?/, /\/verify\?/, /\/close$/],
] as const

interface Fault {
  readonly fault: string
  readonly meddle: Meddle
  readonly step: string
  readonly seen: RegExp
}

/** Each happens once, so that what is left can be tidied up. */
const FAULTS: readonly Fault[] = [
  {
    fault: 'pays a topup twice',
    meddle: at(TOPUP, async (passing) => {
      await pay(passing)
      return passing.pass()
    }),
    step: 'topup',
    seen: /^201, type TOPUP, available 200, held 0, version 2 \(request [\w-]+\)$/m,
  },
  {
    fault: 'pays a topup twice, and says once',
    meddle: at(TOPUP, async (passing) => {
      const passed = await passing.pass()
      await pay(passing)
      return passed
    }),
    step: 'topup',
    seen: /^balance: 200, available 200, held 0, version 2 \(request [\w-]+\)$/m,
  },
  {
    fault: 'pays again when it is asked again',
    meddle: at(TOPUP, (passing) => pay(passing), 2),
    step: 'the same topup again',
    seen: /^201, replayed false, the same bytes false/m,
  },
  {
    fault: 'pays again when it is asked again, and answers as before',
    meddle: at(
      TOPUP,
      async (passing) => {
        await pay(passing)
        return passing.pass()
      },
      2,
    ),
    step: 'the same topup again',
    seen: /^balance: 200, available 200/m,
  },
  {
    fault: 'does not say that an answer is the one from before',
    meddle: at(
      TOPUP,
      async ({ pass }) => {
        const { headers, ...rest } = await pass()
        const { 'idempotency-replayed': _, ...others } = headers
        return { ...rest, headers: others }
      },
      2,
    ),
    step: 'the same topup again',
    seen: /^201, replayed false, the same bytes true/m,
  },
  {
    fault: 'gives the answer from before in other bytes',
    meddle: at(
      TOPUP,
      async ({ pass }) => edited(await pass(), (body) => ({ ...body, metadata: { a: '1' } })),
      2,
    ),
    step: 'the same topup again',
    seen: /^201, replayed true, the same bytes false/m,
  },
  {
    fault: 'takes a key for another request',
    meddle: at(TOPUP, (passing) => pay(passing), 3),
    step: 'its key with another body',
    seen: /^201, application\/json/m,
  },
  {
    fault: 'lets in who brings nothing',
    meddle: at(
      TOPUP,
      ({ pass }) => pass({ headers: { authorization: `Bearer ${api.credentials.adminToken}` } }),
      4,
    ),
    step: 'no credentials',
    seen: /^201, application\/json/m,
  },
  {
    fault: 'refuses who brings nothing, and does as they say',
    meddle: at(
      TOPUP,
      async (passing) => {
        const authorization = `Bearer ${api.credentials.adminToken}`
        await passing.pass({ headers: { authorization } })
        return passing.pass({ headers: { 'idempotency-key': 'nobody-1' } })
      },
      4,
    ),
    step: 'no credentials',
    seen: /^balance: 200, available 200/m,
  },
  {
    fault: 'refuses what is too much, and takes some of it',
    meddle: at(
      SPEND,
      async (passing) => {
        const passed = await passing.pass()
        await pay(passing, { body: JSON.stringify({ asset: 'SMOKE', amount: 1 }) })
        return passed
      },
      2,
    ),
    step: 'overspend',
    seen: /^balance: 200, available 69, held 0, version 3/m,
  },
  {
    fault: 'captures all of a hold',
    meddle: at(CAPTURE, ({ pass }) => pass({ body: '{}' })),
    step: 'capture',
    seen: /^201, type CAPTURE, available 30, held 0, version 4/m,
  },
  {
    fault: 'fails',
    meddle: at(REVERSE, async () => SOME_PROBLEM),
    step: 'reverse',
    seen: /^500 INTERNAL_ERROR: It is logged under the request id\. \(request request-7\)$/m,
  },
  {
    fault: 'is down for maintenance',
    meddle: at(HOLDS, async () => page(503)),
    step: 'hold',
    seen: /^503, text\/html and no JSON$/m,
  },
  {
    fault: 'answers with a page',
    meddle: at(SPEND, async () => page(201)),
    step: 'spend',
    seen: /^201, text\/html and no JSON, of another form$/m,
  },
  {
    fault: 'sends its clients elsewhere',
    meddle: at(SPEND, async () => {
      return { status: 307, headers: { location: `${api.url}/v1/wallets/alice/spend` }, text: '' }
    }),
    step: 'spend',
    seen: /^307, something without a type and no JSON$/m,
  },
  {
    fault: 'says nothing',
    meddle: at(VOID, async () => undefined),
    step: 'void',
    seen: /^no answer within 4000 ms$/m,
  },
  {
    fault: 'stops in the middle of an answer',
    meddle: at(SPEND, async ({ response }) => {
      response.writeHead(201, { 'content-type': 'application/json' }).write('{"id":')
      return undefined
    }),
    step: 'spend',
    seen: /^no answer within 4000 ms$/m,
  },
  {
    fault: 'hangs up',
    meddle: at(SPEND, async ({ response }) => {
      response.destroy()
      return undefined
    }),
    step: 'spend',
    seen: /^no answer: (?:UND_ERR_SOCKET|ECONNRESET)$/m,
  },
  {
    fault: 'talks without end',
    meddle: at(ENTRIES, async ({ response }) => {
      const talk = () => {
        while (!response.destroyed && response.write('[0,0,0,0,0,0,0,0,0,0]'.repeat(1_000)));
      }
      response.on('drain', talk)
      talk()
      return undefined
    }),
    step: 'history',
    seen: /^an answer of more than 1000000 bytes$/m,
  },
  {
    fault: 'forgets an entry',
    meddle: at(ENTRIES, async ({ pass }) =>
      edited(await pass(), ({ items }) => ({ items: [items].flat().slice(1) })),
    ),
    step: 'history',
    seen: /^200, entries 6 REVERSE 30 0 txn_/m,
  },
  {
    fault: 'has a chain that is broken',
    meddle: at(VERIFY, async ({ pass }) =>
      edited(await pass(), (body) => ({ ...body, ok: false })),
    ),
    step: 'chain',
    seen: /^200, ok false, entries 7/m,
  },
  {
    fault: 'says that a wallet is closed, and it is not',
    meddle: at(CLOSE, async ({ pass, request }) =>
      pass({ target: request.target.replace('close', 'freeze'), method: 'POST' }),
    ),
    step: 'close',
    seen: /^200, status FROZEN/m,
  },
]

describe('a Strongbox that works but for one thing', () => {
  test.each(FAULTS)('$fault: that is found, and what is left is tidied up', async (row) => {
    const exit = await smokeBehind(row.meddle, '--timeout', PATIENCE_SECONDS)

    const failed = STEPS.indexOf(row.step)
    expect(stepsIn(exit, 'FAILED')).toEqual([row.step])
    expect(stepsIn(exit, 'ok')).toEqual([...STEPS.slice(0, failed), 'tidying up'])
    expect(stepsIn(exit, 'not tried')).toEqual(STEPS.slice(failed + 1))
    expect(seenIn(exit)).toMatch(row.seen)
    expect(exit.stdout).toContain(`The wallet is ${walletIn(exit)}.\n`)
    expect([exit.code, exit.complaints]).toEqual([1, []])
    const { body } = await api.get(`/v1/wallets/${walletIn(exit)}?consistent=true`)
    expect(body).toMatchObject({ status: 'CLOSED', balances: [{ available: 0, held: 0 }] })
  })

  test('one that is not ready says so, and all else is tried all the same', async () => {
    const exit = await smokeBehind(at(/\/health\/ready$/, async () => page(503)))

    expect(stepsIn(exit, 'FAILED')).toEqual(['readiness'])
    expect(stepsIn(exit, 'ok')).toEqual(STEPS.filter((name) => name !== 'readiness'))
    expect(exit.code).toBe(1)
  })

  test('one whose fault stays keeps what is left, and says how much', async () => {
    const exit = await smokeBehind(async ({ request, pass }) =>
      SPEND.test(request.target) ? SOME_PROBLEM : pass(),
    )

    expect(stepsIn(exit, 'FAILED')).toEqual(['spend', 'tidying up'])
    expect(seenIn(exit)).toMatch(/^200, available 100, held 0, version 1 \(request [\w-]+\)$/m)
    expect(exit.code).toBe(1)
  })
})

describe('no Strongbox at all', () => {
  test.each([
    { what: 'a page for everything', meddle: async () => page(200), seen: /^200, text\/html/ },
    { what: 'no answer', meddle: async () => undefined, seen: /^no answer within 500 ms$/ },
  ])('$what: nothing more is tried than its health', async ({ meddle, seen }) => {
    const exit = await smokeBehind(meddle, '--timeout', '0.5')

    expect(stepsIn(exit, 'FAILED')).toEqual(['health'])
    expect(stepsIn(exit, 'not tried')).toEqual(STEPS.slice(1))
    expect(seenIn(exit)).toMatch(seen)
    expect([exit.code, exit.complaints]).toEqual([1, []])
  })

  test('nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}`

    const exit = await smoke(['--url', url, '--token-file', tokenFile])

    expect(seenIn(exit)).toBe('no answer: ECONNREFUSED')
    expect(exit.code).toBe(1)
  })
})

describe('who calls', () => {
  test('a key that is not known is refused at the first door that asks', async () => {
    const words = ['--url', api.url, '--key-id', 'nobody']

    const exit = await smoke(words, { STRONGBOX_KEY_SECRET: api.credentials.hmac.secret })

    expect(stepsIn(exit, 'FAILED')).toEqual(['asset'])
    expect(seenIn(exit)).toMatch(/^401 SIGNATURE_INVALID: .* \(request [\w-]+\)$/)
    expect(exit.code).toBe(1)
  })

  test.each([
    { words: ['--wat'], says: "Unknown option '--wat'" },
    { words: ['--asset', 'gold'], says: '"gold" cannot be an asset.' },
    { words: ['--timeout', '0'], says: '"0" is no number of seconds, up to 30.' },
    { words: ['--token-file', 'a', '--key-id', 'b'], says: 'Say one of --token-file, --key-id.' },
    { words: ['--key-id', 'shop'], says: 'Where is it? Say --url.' },
    { words: ['--credentials', 'nowhere.json'], says: 'nowhere.json cannot be read.' },
    {
      words: ['--url', 'localhost:3000', '--token-file', tokenFile],
      says: '"localhost:3000" is no URL such as https://wallet.example.com.',
    },
    {
      words: ['--url', 'https://wallet.example.com', '--key-id', 'shop'],
      says: 'There is no key in STRONGBOX_KEY_SECRET: ',
    },
  ])('$words: $says', async ({ words, says }) => {
    const { code, complaints, stdout } = await smoke(words)

    expect(complaints[0]).toContain(says)
    expect(complaints.join('\n')).not.toMatch(/^\s+at /m)
    expect([code, stdout]).toEqual([1, ''])
  })

  test('--help says what it does, and does nothing', async () => {
    const { code, complaints, stdout } = await smoke(['--help'])

    for (const option of ['--url', '--token-file', '--key-file', '--key-id', '--asset'])
      expect(stdout).toContain(option)
    expect([code, complaints]).toEqual([0, []])
  })
})
