import { PutItemCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPair, type Pair } from './differential/pair.ts'

/** Every range that a query can have, with every end, from both ends. */

const SORT_KEYS = ['A', 'B', 'B#', 'B#1', 'B#2', 'C', 'é', '\ufffd', '\u{1f4b0}']
const ENDS = [...SORT_KEYS, 'B#0', 'Z']
const NUMBERS = ['-100', '-10', '-9.5', '-1', '0', '0.001', '1', '9', '10', '10.5', '1e20']
let pair: Pair

beforeAll(async () => {
  pair = await openPair()
  const items = [
    ...SORT_KEYS.map((sk) => ({ pk: { S: 'P' }, sk: { S: sk } })),
    ...NUMBERS.map((N) => ({
      ...{ pk: { S: `N#${N}` }, sk: { S: 'N' } },
      ...{ kind: { S: 'K' }, at: { N }, expiryShard: { S: 'X' }, expiresAt: { N } },
    })),
  ]
  for (const Item of items) {
    const put = new PutItemCommand({ TableName: pair.tableName, Item })
    await pair.ask({ send: (client) => client.send(put), isOrdered: true })
  }
})

afterAll(() => pair.close())

async function differing(queries: readonly Partial<QueryCommandInput>[]) {
  const answers = await Promise.all(
    queries.map(async (input) => {
      const query = new QueryCommand({ TableName: pair.tableName, ...input })
      const answer = await pair.ask({ send: (client) => client.send(query), isOrdered: true })
      return { input, ...answer }
    }),
  )
  expect(answers.filter(({ simulated }) => simulated.error !== undefined)).toEqual([])
  return answers.filter(
    ({ local, simulated }) => JSON.stringify(local) !== JSON.stringify(simulated),
  )
}

const RANGES: readonly [string, (end: string) => string[]][] = [
  ['sk = :a', (end) => [end]],
  ['sk < :a', (end) => [end]],
  ['sk <= :a', (end) => [end]],
  ['sk > :a', (end) => [end]],
  ['sk >= :a', (end) => [end]],
  ['begins_with(sk, :a)', (end) => [end]],
  ['sk BETWEEN :a AND :b', (end) => [end, '\u{1f4b0}']],
  ['sk BETWEEN :a AND :b', (end) => ['A', end]],
]

test.each(RANGES)(
  '%s finds what it finds in DynamoDB Local, forwards and backwards',
  async (range, endsOf) => {
    const queries = ENDS.flatMap((end) =>
      [true, false].map((ScanIndexForward) => {
        const [a = '', b] = endsOf(end)
        const ends = { ':a': { S: a }, ...(b !== undefined && { ':b': { S: b } }) }
        return {
          KeyConditionExpression: `pk = :pk AND ${range}`,
          ExpressionAttributeValues: { ':pk': { S: 'P' }, ...ends },
          ScanIndexForward,
        }
      }),
    )

    expect(await differing(queries)).toEqual([])
  },
)

test.each([
  ['HoldExpiry', 'expiryShard', 'expiresAt', 'X'],
  ['ByKind', 'kind', 'at', 'K'],
])(
  'the index %s sorts by numbers, and shows of an item what it should',
  async (IndexName, key, sort, name) => {
    const queries = NUMBERS.flatMap((N) =>
      ['<', '<=', '>', '>=', '='].flatMap((operator) =>
        [true, false].map((ScanIndexForward) => ({
          IndexName,
          KeyConditionExpression: `#key = :key AND #sort ${operator} :end`,
          ExpressionAttributeNames: { '#key': key, '#sort': sort },
          ExpressionAttributeValues: { ':key': { S: name }, ':end': { N } },
          ScanIndexForward,
        })),
      ),
    )

    expect(await differing(queries)).toEqual([])
  },
)
