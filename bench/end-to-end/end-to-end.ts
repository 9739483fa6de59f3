import { randomUUID } from 'node:crypto'
import type { DynamoDBClient, TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb'
import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import type { WalletId } from '../../lib/money/account.ts'
import type { AssetCode } from '../../lib/money/asset.ts'
import { type Door, type DoorRequest, openDoor } from '../../lib/smoke/door.ts'
import { openLedgerStore } from '../../lib/store/ledger-store.ts'
import type { Answer, OnProgress, Question } from '../frame/question.ts'
import { spreadOf, spreadText } from '../frame/spread.ts'
import { atLeast } from '../frame/target.ts'
import { planSpends } from './plan-ahead.ts'
import { type RunningStack, startStackProcess } from './stack.ts'

export const endToEnd: Question = {
  name: 'end-to-end',
  question: 'How much of what DynamoDB Local can do does the whole stack on one machine do?',
  run: measure,
}

const PLAYERS = 16
/** Of each player, in a block. */
const SPENDS = 8
const BLOCKS = 40
const ASSET = 'GOLD_COINS' as AssetCode
const TIMEOUT_MS = 30_000
const LEAST_PERCENT = 85
const PERCENT = 100
const MS_OF_SECOND = 1_000

interface Block {
  readonly perSecond: number
  readonly tookMs: readonly number[]
}

/** What one player does in a block, one thing after the other. */
type Spend = (player: number, number: number) => Promise<void>

async function measure(onProgress: OnProgress): Promise<Answer> {
  const { openLocalClient } = await import('../../local/dynamodb.ts')
  const stack = await startStackProcess()
  const client = openLocalClient(stack.endpoint)
  try {
    const ours = await openOurs(stack)
    const bare = await openBare(stack, client)
    const [through, ceiling]: [Block[], Block[]] = [[], []]
    // The first of each warms up, and does not count.
    for (let block = -1; block < BLOCKS; block += 1) {
      onProgress(block + 1, BLOCKS + 1)
      // Whatever the machine and the audit have to do besides, they have to do for the next block, too.
      const isOursFirst = block % 2 === 0
      const first = await runBlock(isOursFirst ? ours : bare, block)
      const second = await runBlock(isOursFirst ? bare : ours, block)
      if (block < 0) continue
      through.push(isOursFirst ? first : second)
      ceiling.push(isOursFirst ? second : first)
    }
    return answerOf(through, ceiling)
  } finally {
    client.destroy()
    await stack.stop()
  }
}

async function runBlock(spend: Spend, block: number): Promise<Block> {
  const tookMs: number[] = []
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: PLAYERS }, async (_, player) => {
      for (let number = 0; number < SPENDS; number += 1) {
        const sentAt = performance.now()
        await spend(player, (block + 1) * SPENDS + number)
        tookMs.push(performance.now() - sentAt)
      }
    }),
  )
  const seconds = (performance.now() - startedAt) / MS_OF_SECOND
  return { perSecond: tookMs.length / seconds, tookMs }
}

async function openOurs(stack: RunningStack): Promise<Spend> {
  const door = openStackDoor(stack)
  for (let player = 0; player < PLAYERS; player += 1) await topUp(door, nameOf('player', player))
  return async (player) => {
    await done(door, {
      method: 'POST',
      path: `/v1/wallets/${nameOf('player', player)}/spend`,
      body: { asset: ASSET, amount: 1 },
      key: randomUUID(),
    })
  }
}

/** The very transactions that the stack would send, planned before. */
async function openBare(stack: RunningStack, client: DynamoDBClient): Promise<Spend> {
  const { tableName } = stack
  const door = openStackDoor(stack)
  const store = openLedgerStore({ client, tableName })
  const planned: TransactWriteItemsCommandInput[][] = []
  for (let player = 0; player < PLAYERS; player += 1) {
    const walletId = nameOf('bare', player)
    await topUp(door, walletId)
    const balance = await store.readBalance({ walletId, asset: ASSET }, true)
    if (!balance) throw new Error('the wallet was not opened')
    planned.push(planSpends(tableName, balance, (BLOCKS + 1) * SPENDS))
  }
  return async (player, number) => {
    const input = planned[player]?.[number]
    if (!input) throw new Error('more was sent than was planned')
    await client.send(new TransactWriteItemsCommand(input))
  }
}

function openStackDoor({ url, token }: RunningStack): Door {
  return openDoor({
    url,
    credentials: { kind: 'token', token },
    timeoutMs: TIMEOUT_MS,
    deadline: new AbortController().signal,
  })
}

async function topUp(door: Door, walletId: WalletId): Promise<void> {
  const asset = {
    method: 'PUT',
    path: `/v1/assets/${ASSET}`,
    body: { name: ASSET, scale: 0 },
  } as const
  await done(door, { ...asset, key: ASSET })
  const path = `/v1/wallets/${walletId}/topup`
  await done(door, {
    method: 'POST',
    path,
    body: { asset: ASSET, amount: 1_000_000 },
    key: walletId,
  })
}

async function done(door: Door, request: DoorRequest): Promise<void> {
  const reply = await door.send(request)
  if (reply.kind === 'silence') throw new Error(`${request.path}: ${reply.reason}`)
  if (reply.status >= 400) throw new Error(`${request.path}: ${reply.text}`)
}

function nameOf(kind: string, player: number): WalletId {
  return `${kind}-${1000 + player}` as WalletId
}

function answerOf(through: readonly Block[], ceiling: readonly Block[]): Answer {
  const shares = through.map(({ perSecond }, index) => {
    return (PERCENT * perSecond) / (ceiling[index]?.perSecond ?? Number.NaN)
  })
  return {
    targets: [
      atLeast({
        what: 'spends a second through the stack, of what DynamoDB Local does when nobody is between',
        unit: '%',
        limit: LEAST_PERCENT,
        measured: spreadOf(shares).median,
      }),
    ],
    tables: [
      {
        title: `${PLAYERS} players at once, ${PLAYERS * SPENDS} spends in a block, ${BLOCKS} blocks of each in turns`,
        headers: ['', 'spends a second', 'p50, ms', 'p99, ms'],
        rows: [
          ['through HTTP, gateway and function', ...cells(through)],
          ['the same transactions, sent by the bare SDK', ...cells(ceiling)],
          ['% of that', spreadText(spreadOf(shares)), '', ''],
        ],
      },
    ],
    remarks: [
      'All on one machine: who asks, the stack, and DynamoDB Local, which keeps nothing on disk. The audit follows both kinds of blocks alike, in the stack’s own process, all the time. The transactions of the bare SDK were planned before the clock ran, so what is missing in its row is the whole of Strongbox: HTTP, the gateway’s event, the token, the schema, the plan with its hashes, and the answer.',
    ],
  }
}

function cells(blocks: readonly Block[]): string[] {
  const all = blocks.flatMap(({ tookMs }) => tookMs).toSorted((a, b) => a - b)
  const at = (share: number) => (all[Math.floor((all.length - 1) * share)] ?? 0).toFixed(0)
  return [spreadText(spreadOf(blocks.map(({ perSecond }) => perSecond))), at(0.5), at(0.99)]
}
