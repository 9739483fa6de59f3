import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { DevCredentials } from '../../local/credentials.ts'
import { freePort } from '../../local/dynamodb.ts'
import { stillRunning } from '../support/processes.ts'
import {
  type Command,
  descendantPids,
  type Exit,
  findStackProcesses,
  openTerminal,
  type Terminal,
  until,
} from '../support/terminal.ts'

const GOLD = 'GOLD_COINS'
const STACK_TRACE = /^\s+at |node_modules|\.ts:\d+/m

const terminal = openTerminal()
const folders: string[] = []

afterEach(async () => {
  await terminal.close()
})

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'strongbox-start-'))
  folders.push(folder)
  return folder
}

function npmStart(options: readonly string[], { run }: Terminal = terminal): Command {
  return run(['npm', 'start', '--', ...options])
}

/** A shortcut past npm, for what says nothing about npm. */
function nodeStart(options: readonly string[], environment = {}): Command {
  return terminal.run(
    [process.execPath, '--import', './local/preflight.mjs', 'local/start.ts', ...options],
    environment,
  )
}

/** Whether it has printed the last line of its welcome. */
function isUp(command: Command): boolean {
  return /curl .*\/transactions -H .*\n/.test(command.stdout())
}

async function untilUp(command: Command): Promise<void> {
  await until(() => isUp(command) || !command.isRunning(), 'it comes up')
  if (!isUp(command)) throw new Error(`it ended instead: ${command.complaints().join('\n')}`)
}

/** The end of a start that must fail. */
async function failureOf(command: Command): Promise<Exit> {
  await until(() => isUp(command) || !command.isRunning(), 'it ends')
  if (isUp(command)) throw new Error('it came up all the same')
  return command.exited
}

async function credentialsIn(folder: string): Promise<DevCredentials> {
  return JSON.parse(await readFile(join(folder, 'dev-credentials.json'), 'utf8'))
}

async function upOn(folder: string): Promise<Command> {
  const command = npmStart(['--folder', folder, '--port', String(await freePort())])
  await untilUp(command)
  return command
}

/** The printed lines, each as somebody copies it, with the lines that continue it. */
function curlLines(command: Command): string[] {
  return Array.from(
    command.stdout().matchAll(/^ *(curl (?:.*\\\n)*.*)$/gm),
    ([, line = '']) => line,
  )
}

async function paste(line: string): Promise<Record<string, unknown>> {
  const { stdout } = await terminal.run(['sh', '-c', line]).exited
  return JSON.parse(stdout)
}

/** As the printed line for it shows her. */
async function seeAlice(command: Command): Promise<Record<string, unknown>> {
  return paste(curlLines(command).find((line) => line.includes('/wallets/alice -H')) ?? '')
}

function gold(available: number) {
  return { balances: expect.arrayContaining([expect.objectContaining({ asset: GOLD, available })]) }
}

describe('npm start', () => {
  const ownTerminal = openTerminal()
  let folder: string
  let port: number
  let stack: Command

  beforeAll(async () => {
    folder = await newFolder()
    port = await freePort()
    stack = npmStart(['--folder', folder, '--port', String(port)], ownTerminal)
    await untilUp(stack)
  })

  afterAll(async () => {
    await ownTerminal.close()
  })

  test('says where it is and where the data is, and has nothing to complain about', () => {
    expect(stack.stdout()).toContain(`Strongbox is up at http://localhost:${port} `)
    expect(stack.stdout()).toContain(`Data is kept in ${folder}. Ctrl-C stops everything.`)
    expect(stack.complaints()).toEqual([])
  })

  test('prints curl lines that work as they stand', async () => {
    const answers: unknown[] = []

    for (const line of curlLines(stack)) answers.push(await paste(line))

    const seeded = { type: 'TOPUP', reference: 'seed' }
    const topup = { type: 'TOPUP', postings: [{ to: 'alice', asset: GOLD, amount: 250 }] }
    const spend = { type: 'SPEND', postings: [{ from: 'alice', asset: GOLD, amount: 30 }] }
    expect(answers).toMatchObject([
      topup,
      spend,
      { id: 'alice', ...gold(1220) },
      { items: [spend, topup, seeded, seeded, seeded], nextCursor: null },
    ])
  })

  test('writes credentials that nobody else on the machine can read, and that work', async () => {
    const { baseUrl, adminToken, players } = await credentialsIn(folder)
    const read = async (token: string, wallet: string) => {
      const headers = { authorization: `Bearer ${token}` }
      return (await fetch(`${baseUrl}/v1/wallets/${wallet}`, { headers })).status
    }

    const { mode } = await stat(join(folder, 'dev-credentials.json'))

    expect(mode & 0o077).toBe(0)
    expect(baseUrl).toBe(`http://localhost:${port}`)
    expect([await read(players.alice, 'alice'), await read(players.bob, 'bob')]).toEqual([200, 200])
    expect([await read(players.alice, 'bob'), await read(adminToken, 'bob')]).toEqual([403, 200])
  })

  test('makes tokens for other players, and keys for servers, at once', async () => {
    const token = await terminal.run([
      ...['npm', 'run', '--silent', 'token', '--', '--folder', folder],
      ...['--player', 'carol', '--expires', '5m'],
    ]).exited
    const keys = (...words: string[]) =>
      terminal.run(['npm', 'run', '--silent', 'keys', '--', '--folder', folder, ...words]).exited
    const made = await keys('create', 'shop', '--scopes', 'wallet:read')
    const listed = await keys('list')

    const carol = await fetch(`http://localhost:${port}/v1/wallets/carol`, {
      headers: { authorization: `Bearer ${token.stdout.trim()}` },
    })

    expect(carol.status).toBe(404)
    expect(made.stdout).toMatch(/^keyid: {2}shop\nsecret: [\w+/]{43}= /)
    expect(listed.stdout).toMatch(/^dev +live .*\nshop +live .*wallet:read\n$/)
  })

  test('keeps a record of who changed what, to be found by the transaction', async () => {
    const spend = curlLines(stack).find((line) => line.includes('/spend')) ?? ''
    const { id } = await paste(spend)

    const { stdout } = await terminal.run([
      ...['npm', 'run', '--silent', 'access', '--', '--folder', folder],
      ...['--transaction', String(id)],
    ]).exited

    expect(stdout).toMatch(/201 OK +POST \/v1\/wallets\/alice\/spend {2}by player:alice at /)
  })

  test('prints a line that can be sent twice and happens once', async () => {
    const [topup = ''] = curlLines(stack)
    const first = await paste(topup)
    const before = await seeAlice(stack)

    const second = await paste(topup)

    expect(second).toEqual(first)
    expect(await seeAlice(stack)).toEqual(before)
  })

  test('can be seeded again, and again, and nobody has more than before', async () => {
    const seed = ['npm', 'run', 'seed', '--', '--folder', folder]
    const before = await seeAlice(stack)

    const exits = [await terminal.run(seed).exited, await terminal.run(seed).exited]

    for (const { code, stdout, complaints } of exits) {
      expect(stdout).toContain('0 balances made, 6 were there already.')
      expect({ code, complaints }).toEqual({ code: 0, complaints: [] })
    }
    expect(await seeAlice(stack)).toEqual(before)
  })

  test('refuses to run twice on one folder, and says which process runs there', async () => {
    const second = npmStart(['--folder', folder, '--port', '0'])

    const { code, complaints } = await failureOf(second)

    const { main } = findStackProcesses(stack)
    expect(complaints).toEqual([
      `Strongbox is running on ${folder} already, as process ${main}. Stop that one, or use --memory.`,
    ])
    expect(code).toBe(1)
    expect(await seeAlice(stack)).toMatchObject({ id: 'alice' })
  })

  test('says that its port is taken and proposes another', async () => {
    const second = npmStart(['--memory', '--folder', await newFolder(), '--port', String(port)])

    const { code, complaints } = await failureOf(second)

    expect(complaints).toEqual([
      `Port ${port} is taken. Free it, or choose another: npm start -- --port ${port + 1}`,
    ])
    expect(code).toBe(1)
    expect(await seeAlice(stack)).toMatchObject({ id: 'alice' })
  })

  test('says that the data is damaged and what to do about it', async () => {
    const damaged = await newFolder()
    const dataDir = join(damaged, 'dynamodb')
    await cp(join(folder, 'dynamodb'), dataDir, { recursive: true })
    const files = await readdir(dataDir)
    for (const file of files) await writeFile(join(dataDir, file), 'not a database '.repeat(1000))

    const { code, complaints } = await failureOf(npmStart(['--folder', damaged, '--port', '0']))

    expect(files).toContainEqual(expect.stringMatching(/\.db$/))
    expect(complaints).toEqual([expect.stringContaining(`does not start on ${dataDir}: `)])
    expect(complaints).toEqual([
      expect.stringContaining('If the data is damaged, move that folder away and start again.'),
    ])
    expect(complaints.join('\n')).not.toMatch(STACK_TRACE)
    expect(code).toBe(1)
  })
})

describe('npm start -- --memory', () => {
  test('answers at the port that --port names, and keeps nothing', async () => {
    const folder = await newFolder()
    const port = await freePort()
    const stack = npmStart(['--memory', '--folder', folder, '--port', String(port)])

    await untilUp(stack)

    expect(stack.stdout()).toContain(`Strongbox is up at http://localhost:${port} `)
    expect(stack.stdout()).toContain('Nothing is kept.')
    expect(await credentialsIn(folder)).toMatchObject({ baseUrl: `http://localhost:${port}` })
    expect(await seeAlice(stack)).toMatchObject({ id: 'alice', ...gold(1000) })
  })
})

describe('the end of a stack', () => {
  test('Ctrl-C leaves no process, and the next start finds every balance again', async () => {
    const folder = await newFolder()
    const stack = await upOn(folder)
    const [topup = ''] = curlLines(stack)
    await paste(topup)
    const before = await seeAlice(stack)
    const pids = [stack.pid, ...descendantPids(stack)]

    stack.pressCtrlC()
    const { complaints } = await stack.exited

    await until(() => stillRunning(pids).length === 0, 'all of its processes are gone')
    expect(complaints).toEqual([])
    const next = await upOn(folder)
    expect(await seeAlice(next)).toEqual(before)
    expect(before).toMatchObject(gold(1250))
  })

  test('what it kept can be projected again, and is verified, while it does not run', async () => {
    const folder = await newFolder()
    const stack = await upOn(folder)
    stack.pressCtrlC()
    await stack.exited
    const run = (script: string, ...words: string[]) =>
      terminal.run(['npm', 'run', '--silent', script, '--', '--folder', folder, ...words]).exited

    const rebuilt = await run('rebuild', '--silent')
    const letters = await run('dead-letters', 'list')
    const verified = await run('verify')

    expect(rebuilt.stdout).toContain('6 balances were projected again, from 6 entries.')
    expect(letters.stdout).toBe('There are none.\n')
    expect(verified.stdout).toContain('All invariants hold.')
    expect([rebuilt.code, letters.code, verified.code]).toEqual([0, 0, 0])
  })

  test('Ctrl-C while it is still starting leaves no process', async () => {
    const stack = npmStart(['--memory', '--folder', await newFolder(), '--port', '0'])
    await until(() => hasStackProcesses(stack), 'DynamoDB Local is starting')
    const pids = [stack.pid, ...descendantPids(stack)]

    stack.pressCtrlC()
    const { complaints } = await stack.exited

    await until(() => stillRunning(pids).length === 0, 'all of its processes are gone')
    expect(complaints).toEqual([])
  })

  test('Ctrl-C ends it although its clients go on sending', async () => {
    const folder = await newFolder()
    const port = await freePort()
    const stack = npmStart(['--memory', '--folder', folder, '--port', String(port)])
    await untilUp(stack)
    const pids = [stack.pid, ...descendantPids(stack)]
    const { baseUrl, adminToken } = await credentialsIn(folder)
    const clients = Array.from({ length: 8 }, () => openClient(baseUrl, adminToken))
    await until(() => clients.every(({ answers }) => answers() > 0), 'all of them have answers')

    stack.pressCtrlC()

    await until(() => stillRunning(pids).length === 0, 'all of its processes are gone')
    expect(clients.map(({ answers }) => answers())).not.toContain(0)
  })

  test('SIGKILL leaves no java behind, and the folder can be used again', async () => {
    const folder = await newFolder()
    const stack = await upOn(folder)
    const before = await seeAlice(stack)
    const { main, leash, java } = findStackProcesses(stack)

    process.kill(main, 'SIGKILL')
    await stack.exited

    await until(() => stillRunning([leash, java]).length === 0, 'java is gone')
    const next = await upOn(folder)
    expect(await seeAlice(next)).toEqual(before)
  })

  test('when DynamoDB Local dies under it, it says so and ends', async () => {
    const stack = npmStart(['--memory', '--folder', await newFolder(), '--port', '0'])
    await untilUp(stack)
    const { main, leash, java } = findStackProcesses(stack)

    process.kill(java, 'SIGKILL')
    const { code, complaints } = await stack.exited

    expect(complaints).toEqual(['DynamoDB Local has ended by itself: java was ended by SIGKILL'])
    expect(code).toBe(1)
    await until(() => stillRunning([main, leash]).length === 0, 'it has ended')
  })
})

/** Sends one request after the other, on a connection that stays open for the next, until none is taken. */
function openClient(url: string, token: string) {
  let answers = 0
  const send = async (): Promise<void> => {
    const answer = await fetch(`${url}/v1/wallets/alice/topup`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify({ asset: GOLD, amount: 1 }),
    }).then(
      (response) => response.text(),
      () => undefined,
    )
    if (answer === undefined) return
    answers += 1
    await send()
  }
  send()
  return { answers: () => answers }
}

function hasStackProcesses(command: Command): boolean {
  try {
    return findStackProcesses(command).java > 0
  } catch {
    return false
  }
}

describe('what is wrong with the command or the machine', () => {
  test('--help shows the options and starts nothing', async () => {
    const { code, stdout, complaints } = await npmStart(['--help']).exited

    for (const option of ['--memory', '--port', '--folder', '--edge', '--verbose'])
      expect(stdout).toContain(option)
    expect(stdout).not.toContain('Strongbox is up')
    expect({ code, complaints }).toEqual({ code: 0, complaints: [] })
  })

  test('an option that it does not know is named, above those that it knows', async () => {
    const { code, complaints } = await failureOf(npmStart(['--wat']))

    expect(complaints[0]).toContain("Unknown option '--wat'")
    expect(complaints.join('\n')).toContain('--memory')
    expect(complaints.join('\n')).not.toMatch(STACK_TRACE)
    expect(code).toBe(1)
  })

  test.each(['abc', '-1', '1.5', '65536', ''])(
    '"%s" is no port',
    async (port) => {
      const { code, complaints } = await failureOf(
        nodeStart(['--memory', '--folder', await newFolder(), `--port=${port}`]),
      )

      expect(complaints).toEqual([`"${port}" is not a port. Choose one from 0 to 65535.`])
      expect(code).toBe(1)
    },
    10_000,
  )

  test('an edge that API Gateway does not have is named, beside those that it has', async () => {
    const { code, complaints } = await failureOf(nodeStart(['--memory', '--edge', 'soap']))

    expect(complaints).toEqual(['"soap" is no edge. Choose one of http and rest.'])
    expect(code).toBe(1)
  })

  test('without Java, it says that Java is missing and how to get it', async () => {
    const noPrograms = await newFolder()

    const { code, complaints } = await failureOf(
      nodeStart(['--memory', '--folder', await newFolder(), '--port', '0'], { PATH: noPrograms }),
    )

    expect(complaints).toEqual([
      expect.stringMatching(
        /^Java is not installed: DynamoDB Local needs Java 17 or newer\. .*apt/,
      ),
    ])
    expect(code).toBe(1)
  })

  test('on an older Node, it says which Node it needs before anything can break', async () => {
    const olderNode = `
      const versions = { ...process.versions, node: '20.11.1' }
      Object.defineProperty(process, 'versions', { value: versions })
      await import('./local/preflight.mjs')
      console.log('started all the same')`

    const { code, stdout, complaints } = await terminal.run([
      process.execPath,
      '--input-type=module',
      '--eval',
      olderNode,
    ]).exited

    expect(complaints[0]).toBe(
      'Strongbox runs on Node 24, which npm installs with it; this is Node 20.11.1.',
    )
    expect(complaints.join('\n')).not.toMatch(STACK_TRACE)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })
})

describe('npm run seed', () => {
  test('says that nothing runs there', async () => {
    const url = `http://localhost:${await freePort()}`

    const { code, complaints } = await terminal.run([
      ...['npm', 'run', 'seed', '--'],
      ...['--url', url, '--token', 'any'],
    ]).exited

    expect(complaints).toEqual([`No Strongbox answers at ${url}. Start one with \`npm start\`.`])
    expect(code).toBe(1)
  })

  test('names an option that it does not know, without a stack', async () => {
    const { code, complaints } = await terminal.run(['npm', 'run', 'seed', '--', '--wat']).exited

    expect(complaints[0]).toContain("Unknown option '--wat'")
    expect(complaints.join('\n')).not.toMatch(STACK_TRACE)
    expect(code).toBe(1)
  })
})
