import { openAuditTable } from '../../../lib/audit/table/audit-table.ts'
import type { Api, Reply, StackApi } from '../api.ts'

/** What there is to talk about: with names that are made up, every answer would be 404. */
export interface World {
  readonly assets: readonly string[]
  /** Rich, so that what they are asked for can happen. */
  readonly wallets: readonly string[]
  /** Frozen and released again and again. */
  readonly icyWallets: readonly string[]
  /** Empty, so that they can be closed. */
  readonly emptyWallets: readonly string[]
  readonly holds: readonly HoldName[]
  readonly transactions: readonly string[]
  readonly flags: readonly string[]
  /** About nobody, so that replaying them does not take them away. */
  readonly deadLetters: readonly string[]
}

export interface HoldName {
  readonly walletId: string
  readonly holdId: string
}

const ASSETS = ['GOLD_COINS', 'DIAMONDS', 'LOYALTY_POINTS']
const RICHES = 1_000_000_000
const SOME = 1_000
const HOLDS_EACH = 6
const TOPUPS_EACH = 6
const FLAGS = 5
const LETTERS = 5

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`)

export async function makeWorld(api: StackApi): Promise<World> {
  // Alice and bob are there to be players.
  const wallets = ['alice', 'bob', ...numbered('rich', 12)]
  const icyWallets = numbered('icy', 4)
  const emptyWallets = numbered('empty', 40)
  const made = await Promise.all(wallets.map((wallet) => furnish(api, wallet)))
  await Promise.all([
    ...icyWallets.map((wallet) => topUp(api, wallet, 'GOLD_COINS', RICHES, 'riches')),
    ...emptyWallets.map((wallet) => fillAndEmpty(api, wallet)),
  ])
  return {
    assets: ASSETS,
    wallets,
    icyWallets,
    emptyWallets,
    holds: made.flatMap(({ holds }) => holds),
    transactions: made.flatMap(({ transactions }) => transactions),
    flags: await raiseFlags(api),
    deadLetters: await parkLetters(api),
  }
}

/** One for each large withdrawal, when the audit has seen it. */
async function raiseFlags(api: StackApi): Promise<string[]> {
  for (const occasion of numbered('large', FLAGS)) {
    const large = { asset: 'GOLD_COINS', amount: 10_000 }
    done(await api.post('/v1/wallets/alice/withdraw', large, `world-${occasion}`))
  }
  await api.stack.stream.idle()
  const { body } = await api.get('/v1/ops/fraud-flags?walletId=alice&rule=LARGE_WITHDRAWAL')
  return [body['items']].flat().map((flag) => String(Object(flag)['id']))
}

async function parkLetters({ stack }: StackApi): Promise<string[]> {
  const { client } = stack.dynamoDb
  const table = openAuditTable({ client, tableName: stack.auditTableName })
  const ids = Array.from({ length: LETTERS }, (_, index) => String(index).padStart(26, '0'))
  for (const id of ids) {
    const nobody = { walletId: undefined, asset: undefined }
    await table.park({
      id,
      ...nobody,
      reason: 'made up',
      attempts: 3,
      firstFailedAt: 1,
      record: {},
    })
  }
  return ids
}

async function furnish(api: Api, wallet: string) {
  for (const asset of ASSETS) await topUp(api, wallet, asset, RICHES, 'riches')
  const transactions: string[] = []
  for (let index = 0; index < TOPUPS_EACH; index += 1) {
    const asset = ASSETS[index % ASSETS.length] ?? ''
    transactions.push(await topUp(api, wallet, asset, SOME, String(index)))
  }
  const holds: HoldName[] = []
  for (let index = 0; index < HOLDS_EACH; index += 1) {
    const asset = ASSETS[index % ASSETS.length] ?? ''
    const body = { asset, amount: RICHES / 100 }
    const reply = await api.post(
      `/v1/wallets/${wallet}/holds`,
      body,
      `world-${wallet}-hold-${index}`,
    )
    holds.push({ walletId: wallet, holdId: String(done(reply)['holdId']) })
  }
  return { transactions, holds }
}

/** A wallet comes to life with its first credit, and stays when that is gone. */
async function fillAndEmpty(api: Api, wallet: string): Promise<void> {
  await topUp(api, wallet, 'GOLD_COINS', SOME, 'some')
  const all = { asset: 'GOLD_COINS', amount: SOME }
  done(await api.post(`/v1/wallets/${wallet}/spend`, all, `world-${wallet}-all`))
}

async function topUp(
  api: Api,
  wallet: string,
  asset: string,
  amount: number,
  occasion: string,
): Promise<string> {
  const key = `world-${wallet}-${asset}-${occasion}`
  return String(done(await api.post(`/v1/wallets/${wallet}/topup`, { asset, amount }, key))['id'])
}

function done({ status, text, body }: Reply): Reply['body'] {
  if (status !== 201) throw new Error(`the world cannot be made: ${text}`)
  return body
}
