import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Scope } from '../../lib/http/caller.ts'
import { freePort } from '../../local/dynamodb.ts'
import { operatorToken } from '../../local/issuer.ts'
import type { Errand } from '../../local/monkey/errand.ts'
import { USUAL_MIX } from '../../local/monkey/mix.ts'
import { planErrands } from '../../local/monkey/plan.ts'
import { openStack, type StackApi } from '../support/api.ts'
import {
  type Meddle,
  type Meddler,
  type Passed,
  type Passing,
  startMeddler,
} from '../support/meddler.ts'
import { type Command, type Exit, openTerminal, until } from '../support/terminal.ts'

/** The command as somebody types it, before a Strongbox that works, and before some that do not. */

const [REQUESTS, WALLETS, SEED] = [60, 4, 42]
const SMALL = [
  ...['--requests', String(REQUESTS), '--wallets', String(WALLETS), '--seed', String(SEED)],
  ...['--at-once', '6', '--wait', '2'],
]
const CHECKS = [
  ...['answers', 'unanswered', 'replays', 'order', 'declines', 'balances', 'histories', 'chains'],
  ...['supply', 'audit', 'keys'],
]

const terminal = openTerminal()
const folder = mkdtempSync(join(tmpdir(), 'strongbox-monkey-'))
const tokenFile = join(folder, 'admin.auth')
const keyFile = join(folder, 'key.json')
const credentials = join(folder, 'dev-credentials.json')
let api: StackApi
let front: Meddler | undefined

beforeAll(async () => {
  api = await openStack()
  const { adminToken, hmac } = api.credentials
  writeFileSync(tokenFile, `Authorization: Bearer ${adminToken}\n`)
  writeFileSync(keyFile, JSON.stringify({ id: hmac.keyId, secret: hmac.secret }))
  writeFileSync(credentials, JSON.stringify({ ...api.credentials, baseUrl: api.url }))
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
function start(words: readonly string[], environment = {}): Command {
  const command = ['--import', './local/preflight.mjs', 'local/monkey.ts', ...words]
  return terminal.run([process.execPath, ...command], environment)
}

function monkey(words: readonly string[]): Promise<Exit> {
  return start(words).exited
}

async function monkeyBehind(meddle: Meddle, ...words: string[]): Promise<Exit> {
  front = await startMeddler(api.url, meddle)
  return monkey(['--url', front.url, '--token-file', tokenFile, ...SMALL, ...words])
}

/** The names of the checks that ended so, in their order. */
function checksIn({ stdout }: Exit, mark: '✓' | '✗' | '–'): string[] {
  return Array.from(stdout.matchAll(new RegExp(`^  ${mark} (\\w+)`, 'gm')), ([, name = '']) => name)
}

function foundIn({ stdout }: Exit): string {
  return Array.from(stdout.matchAll(/found {5}(.*)$/gm), ([, found]) => found).join('\n')
}

describe('a Strongbox that works', () => {
  test('is found to, with the credentials that npm start writes', async () => {
    const words = ['--credentials', credentials, '--requests', '300', '--at-once', '30']
    const command = ['npm', 'run', '--silent', 'monkey', '--', ...words]

    const exit = await terminal.run(command).exited

    expect(checksIn(exit, '✓')).toEqual(CHECKS)
    expect(exit.stdout).toMatch(/^ {2}300 requests in .*: \d+\/s$/m)
    expect(exit.stdout).toMatch(/│█{40} +\d+/)
    expect(exit.stdout).toMatch(/^ {2}all +\d+ +\d.* ms|s$/m)
    expect(exit.stdout).toMatch(/^ {2}201 +\d+$/m)
    expect(exit.stdout).toMatch(/^ {2}201 \(replayed\) +\d+$/m)
    expect(exit.stdout).toMatch(/^ {2}402 INSUFFICIENT_FUNDS +\d+$/m)
    expect(exit.stdout).toMatch(/The books are right: \d+ transactions, and none lost, doubled or/)
    // No terminal, no colours, nothing that is drawn over.
    expect(exit.stdout.split('\u001b')).toHaveLength(1)
    expect([exit.code, exit.complaints]).toEqual([0, []])
  })

  test('is found to, with a key that signs', async () => {
    const exit = await monkey(['--url', api.url, '--key-file', keyFile, ...SMALL])

    expect(checksIn(exit, '✓')).toEqual(CHECKS)
    expect([exit.code, exit.complaints]).toEqual([0, []])
  })

  test('is found to by the clock, however few wallets are fought for', async () => {
    const words = ['--seconds', '2', '--wallets', '2', '--at-once', '20', '--mix', 'transfer=1']

    const exit = await monkey(['--credentials', credentials, ...words])

    expect(checksIn(exit, '✓')).toEqual(CHECKS)
    expect(exit.stdout).toMatch(/^ {2}transfer +\d+/m)
    expect(exit.stdout).not.toMatch(/^ {2}spend +\d+/m)
    expect(exit.code).toBe(0)
  })

  test('is found to behind a network that loses requests and answers', async () => {
    let passed = 0
    const exit = await monkeyBehind(async ({ request, pass, response }) => {
      if (request.method !== 'POST') return pass()
      passed += 1
      if (passed % 9 === 0) return hangUp(response)
      if (passed % 7 !== 0) return pass()
      await pass()
      return hangUp(response)
    })

    expect(checksIn(exit, '✓')).toEqual(CHECKS)
    expect(exit.stdout).toMatch(/Sent again, with the same key, after\n {2}no answer: \w+ +\d+\n/)
    expect(exit.code).toBe(0)
  })

  test('is asked again when it says so, and not before', async () => {
    const times: number[] = []
    const exit = await monkeyBehind(
      onErrand(plainSpend, async ({ pass }, nth) => {
        times.push(performance.now())
        return nth === 1 ? busy(1) : pass()
      }),
    )

    const [first = 0, second = 0] = times
    // More often, if the service was busy of itself.
    expect(times.length).toBeGreaterThanOrEqual(2)
    expect(second - first).toBeGreaterThanOrEqual(1_000)
    expect(exit.stdout).toMatch(/^ {2}503 WALLET_BUSY +\d+$/m)
    expect(exit.code).toBe(0)
  })

  test('is looked at as far as the caller may look, and the rest is named', async () => {
    const scopes: Scope[] = ['wallet:credit', 'wallet:debit', 'wallet:admin']
    const token = join(folder, 'some.auth')
    writeFileSync(token, await operatorToken(api.stack.issuer, 'some', scopes))

    const exit = await monkey(['--url', api.url, '--token-file', token, ...SMALL])

    expect(checksIn(exit, '–')).toEqual([
      ...['order', 'declines', 'balances', 'histories', 'chains', 'audit'],
    ])
    expect(exit.stdout).toContain('without reverse: that needs wallet:reverse')
    expect(exit.stdout).toMatch(/As far as this caller may look, the books are right. Not checked:/)
    expect(exit.code).toBe(0)
  })
})

/** As it is planned; whatever becomes of it, the next run with this seed plans the same. */
const PLAN = planErrands({ seed: SEED, mix: USUAL_MIX, wallets: WALLETS }).take(REQUESTS).toArray()
const isPlain = ({ isTwin, isRepeated }: Errand) => !isTwin && !isRepeated
const wasReversed = (errand: Errand) => PLAN.some(({ about }) => about === errand)

function find(what: (errand: Errand) => boolean): Errand {
  const errand = PLAN.find(what)
  if (!errand) throw new Error('the plan has none of these: take another seed')
  return errand
}

/** Early ones, so that something happens to their wallets later. */
const plainSpend = find((one) => one.kind === 'spend' && isPlain(one) && !wasReversed(one))
const plainTopup = find((one) => one.kind === 'topup' && isPlain(one))
const laterTopup = find(
  (one) => one.kind === 'topup' && isPlain(one) && Number(one.name) > REQUESTS / 2,
)
const overdraft = find((one) => one.kind === 'overdraft' && isPlain(one))
const twin = find(({ kind, isTwin }) => isTwin && kind === 'topup')
const repeated = find((one) => one.isRepeated && !one.isTwin && one.kind === 'topup')

/** Passes everything on but the requests of one errand. */
function onErrand(
  { name }: Errand,
  meddle: (passing: Passing, nth: number) => ReturnType<Meddle>,
): Meddle {
  let times = 0
  return async (passing) => {
    const key = String(passing.request.headers['idempotency-key'])
    if (!new RegExp(`^monkey-\\w+-${name}$`).test(key)) return passing.pass()
    times += 1
    return meddle(passing, times)
  }
}

/** Passes everything on but the first request to this path. */
function onFirst(path: RegExp, meddle: Meddle): Meddle {
  let isOver = false
  return async (passing) => {
    if (isOver || !path.test(passing.request.target)) return passing.pass()
    isOver = true
    return meddle(passing)
  }
}

function hangUp(response: Passing['response']): undefined {
  response.destroy()
}

function problem(status: number, code: string, members = {}, headers = {}): Passed {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    text: JSON.stringify({ status, code, detail: 'It is said so.', ...members }),
  }
}

const busy = (seconds: number) =>
  problem(503, 'WALLET_BUSY', {}, { 'retry-after': String(seconds) })

function edited(passed: Passed, edit: (body: Record<string, unknown>) => unknown): Passed {
  return { ...passed, text: JSON.stringify(edit(JSON.parse(passed.text))) }
}

/** The same once more, under a key that is another's. */
function payAgain({ request, pass }: Passing, changes = {}): Promise<Passed> {
  const key = `${String(request.headers['idempotency-key'])}-once-more`
  return pass({ headers: { 'idempotency-key': key }, ...changes })
}

const bodyOf = ({ request }: Passing) => JSON.parse(String(request.body))

/** As the answer would be, if it were done. */
async function pretend(passing: Passing): Promise<Passed> {
  const { asset, amount } = bodyOf(passing)
  const walletId = passing.request.target.split('/')[3]
  const { body } = await api.get(`/v1/wallets/${walletId}/balances/${asset}?consistent=true`)
  const [available, version] = [Number(body['available']) - amount, Number(body['version']) + 1]
  const id = `txn_${'7'.repeat(26)}`
  const balances = [{ walletId, asset, available, held: body['held'], version }]
  return {
    status: 201,
    headers: { 'content-type': 'application/json' },
    text: JSON.stringify({ id, type: 'SPEND', balances }),
  }
}

/** Somebody with a console and no scruples. */
async function giveByHand(walletId: string, asset: string): Promise<void> {
  const { dynamoDb, tableName } = api.stack
  await dynamoDb.client.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key: { pk: { S: `W#${walletId}` }, sk: { S: `B#${asset}` } },
      UpdateExpression: 'ADD available :coin',
      ExpressionAttributeValues: { ':coin': { N: '1' } },
    }),
  )
}

interface Fault {
  readonly fault: string
  readonly meddle: () => Meddle
  /** Where it is found. */
  readonly wrong: readonly string[]
  readonly mayBeWrong?: string
  readonly found: RegExp
}

/** What shows in everything that is read back. */
const MONEY = ['balances', 'histories', 'supply']
let firstAnswer: Passed | undefined

const FAULTS: readonly Fault[] = [
  {
    fault: 'loses a spend that it has acknowledged',
    meddle: () => onErrand(plainSpend, pretend),
    wrong: ['order', ...MONEY],
    found: /^nothing$/m,
  },
  {
    fault: 'does a spend twice',
    meddle: () =>
      onErrand(plainSpend, async (passing) => {
        const passed = await passing.pass()
        await payAgain(passing)
        return passed
      }),
    wrong: ['order', ...MONEY],
    found: new RegExp(
      `^SPEND −${plainSpend.amount}, txn_\\w+: made for errand ${plainSpend.name}, which has another$`,
      'm',
    ),
  },
  {
    fault: 'does a replay again, and answers with that',
    meddle: () =>
      onErrand(repeated, async (passing, nth) => (nth === 1 ? passing.pass() : payAgain(passing))),
    wrong: ['replays', ...MONEY],
    found: /^\{"id":"txn_/m,
  },
  {
    fault: 'gives another answer to the second of two',
    meddle: () =>
      onErrand(twin, async ({ pass }, nth) =>
        nth === 1 ? pass() : edited(await pass(), (body) => ({ ...body, metadata: { a: '1' } })),
      ),
    wrong: ['replays'],
    found: /"metadata":\{"a":"1"\}/,
  },
  {
    fault: 'gives another answer to who comes back',
    meddle: () =>
      onErrand(repeated, async ({ pass }, nth) =>
        nth === 1 ? pass() : edited(await pass(), (body) => ({ ...body, reference: null })),
      ),
    wrong: ['replays'],
    found: /"reference":null/,
  },
  {
    fault: 'does not say that an answer is the one from before',
    meddle: () =>
      onErrand(repeated, async ({ pass }) => {
        const { headers, ...rest } = await pass()
        const { 'idempotency-replayed': _, ...others } = headers
        return { ...rest, headers: others }
      }),
    wrong: ['replays'],
    found: /^the same, and it does not say so$/m,
  },
  {
    fault: 'gives a coin that nobody asked for',
    meddle: () =>
      onErrand(plainTopup, async (passing) => {
        const body = JSON.stringify({ ...bodyOf(passing), amount: 1, reference: 'a gift' })
        await payAgain(passing, { body })
        return passing.pass()
      }),
    wrong: ['order', ...MONEY],
    found: /^TOPUP \+1, txn_\w+: nobody asked for it$/m,
  },
  {
    fault: 'has a coin that came from nowhere',
    meddle: () =>
      onFirst(/\/balances\/\w+COINS\?/, async ({ request, pass }) => {
        const [, , , walletId = '', , asset = ''] = request.target.split(/[/?]/)
        await giveByHand(walletId, asset)
        return pass()
      }),
    wrong: ['balances', 'chains'],
    // The stream may have told of it already, and then nothing explains it.
    mayBeWrong: 'audit',
    found: /^\d+ available, \d+ held, version \d+$/m,
  },
  {
    fault: 'declines, and takes money all the same',
    meddle: () =>
      onErrand(overdraft, async (passing) => {
        const body = JSON.stringify({ ...bodyOf(passing), amount: 1 })
        const passed = await passing.pass()
        await payAgain(passing, { body })
        return passed
      }),
    wrong: ['order', ...MONEY],
    found: new RegExp(
      `^SPEND −1, txn_\\w+: made for errand ${overdraft.name}, which was answered 402 INSUFFICIENT_FUNDS$`,
      'm',
    ),
  },
  {
    fault: 'declines what can be paid',
    meddle: () =>
      onErrand(plainSpend, async () => {
        return problem(402, 'INSUFFICIENT_FUNDS', { available: 0, required: plainSpend.amount })
      }),
    wrong: ['declines'],
    found: /^declined, because there are 0$/m,
  },
  {
    fault: 'lets somebody spend what they do not have',
    meddle: () =>
      onErrand(overdraft, (passing) =>
        passing.pass({ body: JSON.stringify({ ...bodyOf(passing), amount: 1 }) }),
      ),
    wrong: ['answers', 'order', ...MONEY],
    found: /^201 \(request [\w-]+\) for what cannot be done$/m,
  },
  {
    fault: 'names a balance that is not there',
    meddle: () =>
      onErrand(plainTopup, async ({ pass }) =>
        edited(await pass(), ({ balances, ...body }) => {
          const [balance] = [balances].flat()
          return { ...body, balances: [{ ...Object(balance), available: 1 }] }
        }),
      ),
    wrong: ['order'],
    found: /^1 available, 0 held, version \d+$/m,
  },
  {
    fault: 'answers with the transaction of somebody else',
    meddle: () => {
      const [first, second] = [plainTopup, laterTopup]
      const keep = onErrand(first, async ({ pass }) => {
        firstAnswer = await pass()
        return firstAnswer
      })
      const give = onErrand(second, async ({ pass }) => {
        const passed = await pass()
        return firstAnswer ?? passed
      })
      return async (passing) => {
        const isFirst = String(passing.request.headers['idempotency-key']).endsWith(
          `-${first.name}`,
        )
        return isFirst ? keep(passing) : give(passing)
      }
    },
    wrong: ['order', ...MONEY, 'keys'],
    found: new RegExp(`^the one of errand ${plainTopup.name}$`, 'm'),
  },
  {
    fault: 'forgets an entry',
    meddle: () =>
      onFirst(/COINS&.*order=asc/, async ({ pass }) =>
        edited(await pass(), ({ items, ...page }) => ({ ...page, items: [items].flat().slice(1) })),
      ),
    wrong: ['histories', 'chains'],
    found: /^version 1: the entry is missing$/m,
  },
  {
    fault: 'has another history than it told',
    meddle: () =>
      onFirst(/COINS&.*order=asc/, async ({ pass }) =>
        edited(await pass(), ({ items, ...page }) => {
          const [first, ...others] = [items].flat()
          return { ...page, items: [{ ...Object(first), availableDelta: 501 }, ...others] }
        }),
      ),
    wrong: ['histories', 'chains'],
    found: /^TOPUP \+501, txn_\w+$/m,
  },
  {
    fault: 'has more in all wallets than in each of them',
    meddle: () => async (passing) => {
      const passed = await passing.pass()
      if (!/COINS\/supply$/.test(passing.request.target)) return passed
      return edited(passed, (body) => ({ ...body, inWallets: Number(body['inWallets']) + 1 }))
    },
    wrong: ['supply'],
    found: /^\d+ in wallets, .* 1 in all, with the house, 2 s later$/m,
  },
  {
    fault: 'fails once, and not when it is asked again',
    meddle: () =>
      onErrand(plainSpend, async ({ pass }, nth) =>
        nth === 1 ? problem(500, 'INTERNAL_ERROR', {}, { 'x-request-id': 'request-7' }) : pass(),
      ),
    wrong: ['answers'],
    found: /^500 INTERNAL_ERROR \(request request-7\)$/m,
  },
  {
    fault: 'refuses a topup',
    meddle: () => onErrand(plainTopup, async () => problem(409, 'WALLET_FROZEN')),
    wrong: ['answers'],
    found: /^409 WALLET_FROZEN$/m,
  },
  {
    fault: 'never says what became of a spend',
    meddle: () => onErrand(plainSpend, async ({ response }) => hangUp(response)),
    wrong: ['unanswered'],
    found: /^none: nobody knows what became of it$/m,
  },
]

describe('a Strongbox that works but for one thing', () => {
  test.each(FAULTS)('$fault: that is found', async ({ meddle, wrong, mayBeWrong, found }) => {
    const exit = await monkeyBehind(meddle())

    const failed = checksIn(exit, '✗')
    expect(failed.filter((name) => name !== mayBeWrong)).toEqual(wrong)
    expect(foundIn(exit)).toMatch(found)
    expect(exit.stdout).toContain(`Something is wrong: ${failed.join(', ')}.\n`)
    expect([exit.code, exit.complaints]).toEqual([1, []])
  })
})

test('who does not answer any more is given up, and nothing is called right that was not seen', async () => {
  let posts = 0
  const exit = await monkeyBehind(async ({ request, pass, response }) => {
    if (request.method === 'POST') posts += 1
    return posts > REQUESTS / 2 ? hangUp(response) : pass()
  })

  expect(exit.stdout).toContain('Given up: nobody answers any more.')
  expect(checksIn(exit, '✓')).toEqual(['answers'])
  expect(checksIn(exit, '✗')).toEqual(['unanswered'])
  expect(checksIn(exit, '–')).toEqual(CHECKS.slice(2))
  expect(exit.code).toBe(1)
})

describe('Ctrl-C', () => {
  test('stops sending, and all else is done as ever', async () => {
    const running = start(['--credentials', credentials, '--minutes', '5', '--at-once', '5'])
    await until(() => / in flight/.test(running.stdout()), 'it runs')

    running.pressCtrlC()

    const exit = await running.exited
    expect(exit.stdout).toMatch(/^ {2}\d+ requests in .*\n {2}Stopped\.$/m)
    expect(checksIn(exit, '✓')).toEqual(CHECKS)
    expect(exit.code).toBe(0)
  })

  test('twice ends it at once', async () => {
    front = await startMeddler(api.url, async ({ request, pass }) => {
      // From then on, nothing is answered.
      return /\/v1\/wallets\/.*\/spend$/.test(request.target) && /-\d+$/.test(keyIn(request))
        ? undefined
        : pass()
    })
    const url = ['--url', front.url, '--token-file', tokenFile]
    const running = start([...url, '--mix', 'spend=1', '--at-once', '2', '--timeout', '30'])
    await until(() => / 2 in flight/.test(running.stdout()), 'it waits')

    running.pressCtrlC()
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(running.isRunning()).toBe(true)
    running.pressCtrlC()

    const { code } = await running.exited
    expect(code).toBe(130)
  })
})

function keyIn({ headers }: Passing['request']): string {
  return String(headers['idempotency-key'])
}

describe('what cannot begin says why, and ends with 2', () => {
  test('nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}`

    const { code, complaints } = await monkey(['--url', url, '--token-file', tokenFile])

    expect(complaints).toEqual([
      `Nobody answers at ${url} (no answer: ECONNREFUSED). Start one with \`npm start\`, or say --url.`,
    ])
    expect(code).toBe(2)
  })

  test('the caller may not move money', async () => {
    const token = join(folder, 'reader.auth')
    writeFileSync(token, await operatorToken(api.stack.issuer, 'reader', ['wallet:read']))

    const { code, complaints } = await monkey(['--url', api.url, '--token-file', token])

    expect(complaints).toEqual([
      'This caller may not do what the monkey does: it needs wallet:admin, wallet:debit, wallet:credit.',
    ])
    expect(code).toBe(2)
  })

  test.each([
    { words: ['--wat'], says: "Unknown option '--wat'" },
    { words: ['--requests', '0'], says: '--requests: "0" is no whole number from 1 to 1,000,000.' },
    { words: ['--at-once', 'many'], says: '--at-once: "many" is no whole number from 1 to 1,000.' },
    { words: ['--wallets', '1'], says: '--wallets: "1" is no whole number from 2 to 5,000.' },
    { words: ['--minutes', '0'], says: '--minutes: "0" is no number above 0, up to 600.' },
    { words: ['--seconds', '9', '--requests', '9'], says: 'Say one of --requests, --seconds.' },
    { words: ['--mix', 'steal=1'], says: '--mix: "steal" is nothing to do.' },
    { words: ['--credentials', 'nowhere.json'], says: 'nowhere.json cannot be read.' },
    {
      words: ['--url', 'https://wallet.example.com', '--token-file', tokenFile],
      says: 'https://wallet.example.com is not on this machine.',
    },
  ])('$words: $says', async ({ words, says }) => {
    const { code, complaints, stdout } = await monkey(words)

    expect(complaints[0]).toContain(says)
    expect(complaints.join('\n')).not.toMatch(/^\s+at /m)
    expect([code, stdout]).toEqual([2, ''])
  })

  test('--help says what it does, and does nothing', async () => {
    const { code, complaints, stdout } = await monkey(['--help'])

    for (const option of ['--requests', '--at-once', '--mix', '--seed', '--url', '--key-file'])
      expect(stdout).toContain(option)
    expect([code, complaints]).toEqual([0, []])
  })
})
