import { execFile } from 'node:child_process'
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, inject, test } from 'vitest'
import { post } from '../../lib/ledger/post.ts'
import { verifyChain } from '../../lib/ledger/verify.ts'
import { toAttributes } from '../../lib/store/attributes.ts'
import type { Item } from '../../lib/store/items.ts'
import { LOCAL_AWS_ENVIRONMENT } from '../../local/dynamodb.ts'
import {
  ALICE,
  GOLD,
  openTestLedger,
  origin,
  posting,
  scanItems,
  type TestLedger,
} from '../support/ledger.ts'

let ledger: TestLedger

beforeEach(async () => {
  ledger = await openTestLedger()
  for (const [type, from, to, amount] of [
    ['TOPUP', '@treasury', 'alice', 100],
    ['SPEND', 'alice', '@treasury', 30],
    ['TRANSFER', 'alice', 'bob', 20],
  ] as const) {
    await post(ledger, { type, postings: [posting(from, to, GOLD, amount)] }, origin())
  }
})

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The command as an operator runs it. */
function runVerify(
  from = ['--endpoint', inject('dynamoDbEndpoint')],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const args = ['--import', './local/preflight.mjs', 'local/verify.ts', ...from]
  const target = ['--table', ledger.tableName]
  const env = { ...process.env, ...environment }
  return new Promise((resolve) => {
    execFile(process.execPath, [...args, ...target], { env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}

async function find(matches: (item: Item) => boolean): Promise<Item> {
  const items = await scanItems(ledger.client, ledger.tableName)
  const found = items.find(matches)
  if (!found) throw new Error('no such item')
  return found
}

/** Somebody with a console and no scruples. */
async function edit({ pk, sk }: Item, name: string, value: unknown): Promise<void> {
  await ledger.client.send(
    new UpdateItemCommand({
      TableName: ledger.tableName,
      Key: toAttributes({ pk, sk }),
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: toAttributes({ ':value': value }),
    }),
  )
}

async function remove({ pk, sk }: Item): Promise<void> {
  await ledger.client.send(
    new DeleteItemCommand({ TableName: ledger.tableName, Key: toAttributes({ pk, sk }) }),
  )
}

async function put(item: Item): Promise<void> {
  await ledger.client.send(
    new PutItemCommand({ TableName: ledger.tableName, Item: toAttributes(item) }),
  )
}

const isAliceBalance = ({ pk, sk }: Item) => pk === 'W#alice' && sk === `B#${GOLD}`
const isAliceEntry =
  (seq: number) =>
  ({ pk, sk, seq: number }: Item) =>
    pk === 'W#alice' && String(sk).startsWith('E#') && number === seq
const isRecord =
  (type: string) =>
  ({ t }: Item) =>
    t === type

test('a ledger that nobody touched is found whole, and the command ends with 0', async () => {
  const { code, stdout } = await runVerify()

  expect(stdout).toBe('2 wallets, 2 balances, 3 transactions, 4 entries.\nAll invariants hold.\n')
  expect(code).toBe(0)
})

describe('a table that somebody edited is found out, with the row that is wrong', () => {
  test.each<[string, () => Promise<void>, RegExp]>([
    [
      'a balance',
      async () => edit(await find(isAliceBalance), 'available', 1_000_000),
      /invariant 4: alice#GOLD_COINS the balance is not the sum of the entries, at 3/,
    ],
    [
      "an entry's amount",
      async () => edit(await find(isAliceEntry(2)), 'availableDelta', -3),
      /invariant 4: alice#GOLD_COINS the contents of the entry do not give its hash, at 2/,
    ],
    [
      'an entry that is gone',
      async () => remove(await find(isAliceEntry(2))),
      /invariant 4: alice#GOLD_COINS the entry is missing, at 2/,
    ],
    [
      'an entry moved to another time',
      async () => {
        const entry = await find(isAliceEntry(2))
        await remove(entry)
        await put({ ...entry, sk: String(entry['sk']).replace(/#\d{13}#/, '#0000000000007#') })
      },
      /invariant 4: W#alice E#GOLD_COINS#0000000000007#000000000002 stands under a key/,
    ],
    [
      'a record that names another account',
      async () => {
        const record = await find(isRecord('SPEND'))
        await edit(record, 'p', [['alice', '@external', GOLD, 30]])
      },
      /invariant 1: txn_\w+ its entries are not what it says/,
    ],
    [
      'a record that is gone',
      async () => remove(await find(isRecord('TRANSFER'))),
      /invariant 1: (alice|bob)#GOLD_COINS entry \d has no transaction/,
    ],
    [
      'money held that no hold explains',
      async () => edit(await find(isAliceBalance), 'held', 5),
      /invariant 2: alice#GOLD_COINS holds 5, its open holds 0/,
    ],
    [
      'a balance that is no number',
      async () => edit(await find(isAliceBalance), 'available', 'plenty'),
      /W#alice B#GOLD_COINS the table holds a whole number here/,
    ],
    [
      'a balance frozen by hand',
      async () => edit(await find(isAliceBalance), 'status', 'FROZEN'),
      /invariant 2: alice#GOLD_COINS is FROZEN, its wallet is not/,
    ],
  ])('%s', async (_, tamper, finding) => {
    await tamper()

    const { code, stdout, stderr } = await runVerify()

    expect(stdout).toMatch(finding)
    expect(code).toBe(1)
    expect(stderr).toBe('')
  })
})

test('one wallet is verified from its first entry to its head', async () => {
  const id = { walletId: ALICE, asset: GOLD }
  const whole = await verifyChain(ledger, id)

  await edit(await find(isAliceEntry(2)), 'reference', 'nothing to see')

  expect(whole).toMatchObject({ entries: 3, firstBreak: undefined })
  expect(await verifyChain(ledger, id)).toMatchObject({ firstBreak: { seq: 2 } })
})

describe('a table in an account of AWS', () => {
  const nobody = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' }

  test('is found by the region and the credentials that all tools of AWS go by', async () => {
    const account = { ...LOCAL_AWS_ENVIRONMENT, AWS_ENDPOINT_URL: inject('dynamoDbEndpoint') }

    const { code, stdout } = await runVerify([], { ...nobody, ...account })

    expect(stdout).toMatch(/^2 wallets, 2 balances, 3 transactions, 4 entries\.\nAll/)
    expect(code).toBe(0)
  })

  test('without a region is one line, and the command ends with 1', async () => {
    const { code, stderr } = await runVerify([], { ...nobody, AWS_REGION: undefined })

    expect(stderr).toMatch(/^The table Ledger-[\w-]+ cannot be read: Region is missing\n$/)
    expect(code).toBe(1)
  })
})

test('a table that is not there is one line, and the command ends with 1', async () => {
  ledger = { ...ledger, tableName: 'Nothing' }

  const { code, stderr } = await runVerify()

  expect(stderr).toMatch(/^The table Nothing cannot be read: .*\n$/)
  expect(code).toBe(1)
})
