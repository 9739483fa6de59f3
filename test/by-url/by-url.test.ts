import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../local/dynamodb.ts'
import { type Command, openTerminal, until } from '../support/terminal.ts'
import { BY_URL, NEED_THE_INSIDE } from './files.ts'

/** `npm run test:url` as somebody types it, who has a Strongbox in another terminal. */

const TIME_LIMIT_MS = 300_000
const SHOWN_CHARACTERS = 5_000

const terminal = openTerminal()
let folder: string
let credentials: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strongbox-by-url-'))
  credentials = join(folder, 'dev-credentials.json')
})

afterEach(async () => {
  await terminal.close()
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

function npmTestUrl(environment: Record<string, string>): Command {
  const { CHROMIUM_PATH } = process.env
  return terminal.run(['npm', 'run', '--silent', 'test:url'], {
    ...(CHROMIUM_PATH !== undefined && { CHROMIUM_PATH }),
    ...environment,
  })
}

/** A stack in a process of its own, and where it says that it is. */
async function startBehindRest(): Promise<{ readonly stack: Command; readonly url: string }> {
  const options = ['--memory', '--port', '0', '--edge', 'rest', '--folder', folder]
  const command = [process.execPath, '--import', './local/preflight.mjs', 'local/start.ts']
  const stack = terminal.run([...command, ...options])
  await until(() => /transactions -H/.test(stack.stdout()) || !stack.isRunning(), 'it comes up')
  const url = /Strongbox is up at (\S+)/.exec(stack.stdout())?.[1]
  if (url === undefined) throw new Error(`it ended instead: ${stack.complaints().join('\n')}`)
  return { stack, url }
}

test(
  'the tests pass by URL alone, through the events of a REST API',
  async () => {
    const { stack, url } = await startBehindRest()
    const startedAt = performance.now()

    const { code, stdout, complaints } = await npmTestUrl({
      STRONGBOX_URL: url,
      STRONGBOX_CREDENTIALS: credentials,
    }).exited

    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const [counts = 'nothing was counted'] = stdout.match(/^\d+ passed, .*$/m) ?? []
    process.stdout.write(`By URL, at ${url}, in ${seconds} s: ${counts}\n`)
    stack.pressCtrlC()
    await stack.exited
    expect(url).toMatch(/^http:\/\/localhost:\d+\/dev$/)
    expect(code, [...complaints, stdout.slice(-SHOWN_CHARACTERS)].join('\n')).toBe(0)
    expect(counts).toMatch(/^\d{3,} passed, 0 failed$/)
    expect(stdout).toContain(`${BY_URL.length} files ran by URL.`)
    for (const reason of Object.values(NEED_THE_INSIDE)) expect(stdout).toContain(reason)
  },
  TIME_LIMIT_MS,
)

describe('it is said in a sentence', () => {
  const COMPLETE = { adminToken: 'x', players: { alice: 'x', bob: 'x' }, hmac: {} }

  test.each([
    { missing: 'STRONGBOX_URL', environment: {} },
    { missing: 'STRONGBOX_CREDENTIALS', environment: { STRONGBOX_URL: 'http://localhost:1' } },
  ])('that $missing is not set', async ({ missing, environment }) => {
    const { code, complaints } = await npmTestUrl(environment).exited

    expect([code, complaints[0]]).toEqual([1, `The environment variable ${missing} is not set.`])
  })

  test('that there are no credentials', async () => {
    const nowhere = join(folder, 'nowhere.json')

    const { code, complaints } = await npmTestUrl({
      STRONGBOX_URL: 'http://localhost:1',
      STRONGBOX_CREDENTIALS: nowhere,
    }).exited

    expect(complaints).toEqual([
      `There is no file ${nowhere}, which is what STRONGBOX_CREDENTIALS says.`,
    ])
    expect(code).toBe(1)
  })

  test('that nothing answers', async () => {
    const url = `http://localhost:${await freePort()}`
    const file = join(folder, 'complete.json')
    await writeFile(file, JSON.stringify(COMPLETE))

    const { code, complaints } = await npmTestUrl({
      STRONGBOX_URL: url,
      STRONGBOX_CREDENTIALS: file,
    }).exited

    expect(complaints).toEqual([`Nothing answers at ${url}. Start one with \`npm start\`.`])
    expect(code).toBe(1)
  })
})
