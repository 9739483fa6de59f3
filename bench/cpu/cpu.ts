import { numberText } from '../frame/number.ts'
import type { Answer, OnProgress, Question, Table } from '../frame/question.ts'
import { type Spread, spreadOf, spreadText } from '../frame/spread.ts'
import { atMost } from '../frame/target.ts'
import type { Sent } from '../stub/event.ts'
import type { Asked } from '../stub/stub.ts'
import type { World } from '../stub/world.ts'
import type { TriedClient } from './clients.ts'
import { startRunner } from './process.ts'
import type { Block } from './runner.ts'

export const cpu: Question = {
  name: 'cpu',
  question: 'What does a request cost in CPU, beyond what it asks of DynamoDB?',
  run: measure,
}

const TIMES_OF_BARE = 1.25
const BLOCKS = 40
const CALLS_OF_BLOCK = 100
const PROFILED_CALLS = 3_000

interface Case {
  readonly name: string
  readonly of: 'write' | 'read'
  readonly sent: Sent
}

const money = { asset: 'GOLD_COINS', amount: 250, reference: 'order-48151623' }
const spend = { method: 'POST', path: '/v1/wallets/alice/spend', body: money } as const
const balance = { method: 'GET', path: '/v1/wallets/alice/balances/GOLD_COINS' } as const

const CASES: readonly Case[] = [
  { name: 'spend, signed', of: 'write', sent: { ...spend, by: 'server' } },
  { name: 'spend, with a token', of: 'write', sent: { ...spend, by: 'player' } },
  { name: 'spend, with a new token', of: 'write', sent: { ...spend, by: 'stranger' } },
  { name: 'balance, signed', of: 'read', sent: { ...balance, by: 'server' } },
  { name: 'balance, with a token', of: 'read', sent: { ...balance, by: 'player' } },
]

const REMARKS = [
  "Ours is the function as it is deployed, with its log and its metrics. The bare handler sends the very requests that ours was seen to send, in their final form, with a client of the SDK that is as it comes; it checks nobody's credentials and no body, plans nothing and logs nothing. Both are bundled alike and run in one process, in turns of some hundred calls. What answers them, at once, is another process. It speaks plain HTTP: encryption would be the same for both, and would bring them closer.",
  'The last table is of so little that what differs by less than a tenth or so may be nothing.',
  'A new token is one that the function has not seen for a minute. What Node itself does is counted for whoever had it done; what nobody can be found for is in a line of its own.',
]

interface Result {
  readonly name: string
  readonly asked: readonly Asked[]
  readonly requests: readonly string[]
  readonly ours: Spreads
  readonly bare: Spreads
  readonly cpuTimes: Spread
  readonly wallTimes: Spread
  readonly shares: Readonly<Record<string, number>>
}

type Spreads = Readonly<Record<keyof Block, Spread>>

async function measure(onProgress: OnProgress): Promise<Answer> {
  const [{ openWorld }, { bundle, entryOf }] = await Promise.all([
    import('../stub/world.ts'),
    import('../bundles/bundle.ts'),
  ])
  const bundles = bundle({
    write: entryOf('write'),
    read: entryOf('read'),
    bare: 'bench/baselines/bare-handler.ts',
  })
  const world = await openWorld()
  try {
    const results: Result[] = []
    let tried: readonly TriedClient[] = []
    for (const [index, one] of CASES.entries()) {
      const folders = { ours: bundles.of(one.of).folder, bare: bundles.of('bare').folder }
      const onBlock = (done: number) => onProgress(index * BLOCKS + done, CASES.length * BLOCKS)
      const result = await measureCase(world, one, folders, onBlock)
      results.push(result)
      if (index === 0) tried = await tryWith(world, result.asked)
    }
    return answerOf(results, tried)
  } finally {
    await world.close()
    bundles.remove()
  }
}

async function measureCase(
  { stub, environment, callers }: World,
  { name, sent }: Case,
  folders: { readonly ours: string; readonly bare: string },
  onBlock: (done: number) => void,
): Promise<Result> {
  const runner = startRunner(environment)
  try {
    await runner.ask({ kind: 'load', bundle: folders.ours, sent, callers }, 'ready')
    await stub.take()
    await runner.ask({ kind: 'call' }, 'ready')
    const requests = (await stub.take()).map(withoutToken)
    await runner.ask({ kind: 'load-bare', bundle: folders.bare, requests }, 'ready')
    const blocks: { ours: Block; bare: Block }[] = []
    for (let block = 0; block < BLOCKS; block += 1) {
      blocks.push(await runner.ask({ kind: 'measure', calls: CALLS_OF_BLOCK }, 'measured'))
      onBlock(block + 1)
    }
    const { shares } = await runner.ask({ kind: 'profile', calls: PROFILED_CALLS }, 'profiled')
    return {
      name,
      asked: requests,
      requests: requests.map(({ operation }) => operation),
      ours: spreadsOf(blocks.map(({ ours }) => ours)),
      bare: spreadsOf(blocks.map(({ bare }) => bare)),
      cpuTimes: spreadOf(blocks.map(({ ours, bare }) => ours.cpuUs / bare.cpuUs)),
      wallTimes: spreadOf(blocks.map(({ ours, bare }) => ours.wallUs / bare.wallUs)),
      shares,
    }
  } finally {
    await runner.stop()
  }
}

async function tryWith(
  { environment }: World,
  requests: readonly Asked[],
): Promise<readonly TriedClient[]> {
  const runner = startRunner(environment)
  try {
    const { clients } = await runner.ask({ kind: 'try-clients', requests }, 'tried')
    return clients
  } finally {
    await runner.stop()
  }
}

/** The SDK makes one for each request, for both. */
function withoutToken({ operation, input }: Asked): Asked {
  return { operation, input: { ...Object(input), ClientRequestToken: undefined } }
}

function spreadsOf(blocks: readonly Block[]): Spreads {
  return {
    cpuUs: spreadOf(blocks.map(({ cpuUs }) => cpuUs)),
    wallUs: spreadOf(blocks.map(({ wallUs }) => wallUs)),
  }
}

function answerOf(results: readonly Result[], tried: readonly TriedClient[]): Answer {
  return {
    targets: results.map(({ name, cpuTimes }) =>
      atMost({
        what: `CPU of ${name}, in times of the bare handler's`,
        limit: TIMES_OF_BARE,
        measured: cpuTimes.median,
      }),
    ),
    tables: [timesTable(results), sharesTable(results), triedTable(tried)],
    remarks: REMARKS,
  }
}

function timesTable(results: readonly Result[]): Table {
  return {
    title:
      'Microseconds of a request: the median block, and those that half of all blocks are between',
    headers: ['', 'asks for', 'CPU', 'CPU, bare', 'times', 'wall', 'wall, bare', 'times'],
    rows: results.map(({ name, requests, ours, bare, cpuTimes, wallTimes }) => [
      ...[name, requests.join(', ')],
      ...[ours.cpuUs, bare.cpuUs, cpuTimes].map(spreadText),
      ...[ours.wallUs, bare.wallUs, wallTimes].map(spreadText),
    ]),
  }
}

function sharesTable(results: readonly Result[]): Table {
  const [first] = results
  const parts = Array.from(new Set(results.flatMap(({ shares }) => Object.keys(shares)))).sort(
    (a, b) => (first?.shares[b] ?? 0) - (first?.shares[a] ?? 0),
  )
  return {
    title: 'Whose CPU it is, in percent',
    headers: ['', ...results.map(({ name }) => name)],
    rows: parts.map((part) => [
      part,
      ...results.map(({ shares }) => numberText(Math.round((shares[part] ?? 0) * 1000) / 10)),
    ]),
  }
}

function triedTable(tried: readonly TriedClient[]): Table {
  return {
    title: 'Tried: CPU of a spend’s request to DynamoDB alone, by what the client of the SDK does',
    headers: ['a client that', 'times the one as it comes'],
    rows: tried.map(({ name, times }) => [name, spreadText(spreadOf(times))]),
  }
}
