import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type LocalDynamoDb, startDynamoDb } from '../../local/dynamodb.ts'
import { openTerminal, until } from '../support/terminal.ts'

/** `npm start` on a DynamoDB Local that somebody else runs, as Docker does: docker-compose.yml. */

const terminal = openTerminal()
let database: LocalDynamoDb
let folder: string

beforeAll(async () => {
  database = await startDynamoDb({})
  folder = await mkdtemp(join(tmpdir(), 'strongbox-elsewhere-'))
})

afterEach(async () => {
  await terminal.close()
})

afterAll(async () => {
  await database.stop()
  await rm(folder, { recursive: true, force: true })
})

test('the data is there, and the database goes on when the stack ends', async () => {
  const stack = start(['--dynamodb', database.endpoint])
  await until(() => stack.stdout().includes('Strongbox is up'), 'it comes up')

  await terminal.close()

  const { TableNames } = await database.client.send(new ListTablesCommand({}))
  expect(new Set(TableNames)).toEqual(new Set(['Ledger', 'Audit']))
  expect(stack.stdout()).toContain(`Data is kept in ${database.endpoint}.`)
})

test('it can be named in the environment, and what is there is still there', async () => {
  const stack = start([], { DYNAMODB_ENDPOINT: database.endpoint })

  await until(() => stack.stdout().includes('What was there is still there'), 'it comes up')

  expect(stack.complaints()).toEqual([])
})

test.each([
  {
    what: 'nobody is there',
    options: ['--dynamodb', 'http://127.0.0.1:9'],
    says: 'DynamoDB Local does not answer at http://127.0.0.1:9: nobody is there.',
  },
  {
    what: 'it is AWS',
    options: ['--dynamodb', 'https://dynamodb.eu-central-1.amazonaws.com'],
    says: '"https://dynamodb.eu-central-1.amazonaws.com" is no DynamoDB Local',
  },
  {
    what: 'nothing is to be kept',
    options: ['--dynamodb', 'http://127.0.0.1:8000', '--memory'],
    says: '--memory keeps nothing',
  },
])('where $what, it says so in a sentence', async ({ options, says }) => {
  const { code, complaints } = await start(options).exited

  expect(code).toBe(1)
  expect(complaints).toEqual([expect.stringContaining(says)])
})

function start(options: readonly string[], environment = {}) {
  const command = [process.execPath, '--import', './local/preflight.mjs', 'local/start.ts']
  const place = ['--port', '0', '--folder', folder]
  return terminal.run([...command, ...place, ...options], environment)
}
