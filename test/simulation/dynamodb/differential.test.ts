import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { seededRandom } from '../random.ts'
import { differenceOf, KNOWN_DIFFERENCES } from './differential/known-differences.ts'
import { openPair, type Pair } from './differential/pair.ts'
import { randomCommand } from './differential/random-commands.ts'

/** More of them, and others: `DIFFERENTIAL_COMMANDS=20000 DIFFERENTIAL_SEED=7 npm run vitest -- differential`. */
const COMMANDS = Number(process.env['DIFFERENTIAL_COMMANDS'] ?? 1_200)
const SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? 1)
/** DynamoDB Local answers some at the same time faster than one after the other. */
const LANES = 4

test.concurrent.each(Array.from({ length: LANES }, (_, lane) => SEED * LANES + lane))(
  'the simulated DynamoDB answers as DynamoDB Local does, and holds the same afterwards (seed %i)',
  async (seed) => {
    const pair = await openPair(seed)
    const random = seededRandom(seed)
    const explained = new Map<string, number>()

    for (let count = 0; count < COMMANDS / LANES; count += 1) {
      const command = randomCommand(random, pair.tableName)
      const answers = await pair.ask(command)
      const difference = differenceOf(answers)
      if (difference === 'unknown') {
        expect(answers.simulated, inspect(command)).toEqual(answers.local)
      }
      const name = typeof difference === 'object' ? difference.name : 'none'
      explained.set(name, (explained.get(name) ?? 0) + 1)
    }
    const { local, simulated } = await everything(pair)
    await pair.close()

    expect(simulated).toEqual(local)
    // What is told apart but never comes up would be no knowledge.
    expect(explained.get('none')).toBeGreaterThan(COMMANDS / LANES / 2)
  },
)

test('every known difference has a reason', () => {
  expect(KNOWN_DIFFERENCES.filter(({ why }) => why === '')).toEqual([])
})

function everything(pair: Pair) {
  const scan = new ScanCommand({ TableName: pair.tableName, ConsistentRead: true })
  return pair.ask({ send: (client) => client.send(scan), isOrdered: false })
}

function inspect({ name, input }: { name: string; input: object }): string {
  return `${name} ${JSON.stringify(input)}`
}
