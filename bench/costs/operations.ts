import { randomUUID } from 'node:crypto'
import type { DoorRequest } from '../../lib/smoke/door.ts'
import type { Body, Workbench } from './workbench.ts'

/** An operation, as a studio would use it: ids, references and amounts of a usual length. */
export interface Operation {
  readonly name: string
  /** Makes what it needs, and says what to send. */
  readonly prepare: (bench: Prepared) => Promise<DoorRequest>
}

export interface Prepared {
  readonly send: Workbench['send']
  /** A wallet that has had its share of transactions. */
  readonly openWallet: () => Promise<string>
  /** With a history that is longer than a page, the same for all who read. */
  readonly historic: string
}

export const GOLD = 'GOLD_COINS'
export const GEMS = 'DIAMONDS'

export function post(path: string, body: Body): DoorRequest {
  return { method: 'POST', path: `/v1${path}`, body, key: randomUUID() }
}

function get(path: string): DoorRequest {
  return { method: 'GET', path: `/v1${path}` }
}

const money = { asset: GOLD, amount: 250, reference: 'order-48151623' }

export const spend = (walletId: string) => post(`/wallets/${walletId}/spend`, money)

const onWallet =
  (path: string, body: Body) =>
  async ({ openWallet }: Prepared) =>
    post(`/wallets/${await openWallet()}${path}`, body)

async function openHold({ send, openWallet }: Prepared) {
  const walletId = await openWallet()
  const { holdId } = await send(post(`/wallets/${walletId}/holds`, { asset: GOLD, amount: 250 }))
  return `/wallets/${walletId}/holds/${holdId}`
}

/** From the house to so many wallets. */
async function postTo({ openWallet }: Prepared, wallets: number): Promise<DoorRequest> {
  const postings: Body[] = []
  for (let count = 0; count < wallets; count += 1) {
    postings.push({ from: '@season-7', to: await openWallet(), asset: GOLD, amount: 250 })
  }
  return post('/transactions', { postings, reference: 'season-7-prizes' })
}

let strangers = 0

function newWallet(): string {
  strangers += 1
  return `newcomer-${1000 + strangers}`
}

export const WRITES: readonly Operation[] = [
  ...['topup', 'bonus', 'spend', 'deposit', 'withdraw'].map((verb) => ({
    name: verb,
    prepare: onWallet(`/${verb}`, money),
  })),
  {
    name: 'topup that opens a wallet',
    prepare: async () => post(`/wallets/${newWallet()}/topup`, money),
  },
  {
    name: 'topup of a second asset',
    prepare: onWallet('/topup', { ...money, asset: GEMS }),
  },
  {
    name: 'transfer',
    prepare: async ({ openWallet }) => {
      const [from, to] = [await openWallet(), await openWallet()]
      return post(`/wallets/${from}/transfer`, { ...money, to })
    },
  },
  {
    name: 'exchange',
    prepare: async ({ send, openWallet }) => {
      const walletId = await openWallet()
      await send(post(`/wallets/${walletId}/topup`, { ...money, asset: GEMS }))
      const assets = { from: { asset: GOLD, amount: 100 }, to: { asset: GEMS, amount: 1 } }
      return post(`/wallets/${walletId}/exchange`, { ...assets, reference: money.reference })
    },
  },
  { name: 'hold', prepare: onWallet('/holds', { asset: GOLD, amount: 250 }) },
  { name: 'capture', prepare: async (bench) => post(`${await openHold(bench)}/capture`, {}) },
  { name: 'void', prepare: async (bench) => post(`${await openHold(bench)}/void`, {}) },
  {
    name: 'reverse',
    prepare: async ({ send, openWallet }) => {
      const { id } = await send(spend(await openWallet()))
      return post(`/transactions/${id}/reverse`, {})
    },
  },
  ...[2, 10, 40].map((wallets) => ({
    name: `post, ${wallets} postings to ${wallets} wallets`,
    prepare: (bench: Prepared) => postTo(bench, wallets),
  })),
  { name: 'freeze', prepare: onWallet('/freeze', { reason: 'looks like fraud' }) },
  {
    name: 'unfreeze',
    prepare: async ({ send, openWallet }) => {
      const walletId = await openWallet()
      await send(post(`/wallets/${walletId}/freeze`, {}))
      return post(`/wallets/${walletId}/unfreeze`, {})
    },
  },
  {
    name: 'spend again, with its key',
    prepare: async ({ send, openWallet }) => {
      const request = spend(await openWallet())
      await send(request)
      return request
    },
  },
  {
    name: 'spend, declined',
    prepare: onWallet('/spend', { ...money, amount: 1_000_000 }),
  },
]

const wallet = ({ historic }: Prepared) => `/wallets/${historic}`

export const READS: readonly Operation[] = [
  { name: 'balance', prepare: async (bench) => get(`${wallet(bench)}/balances/${GOLD}`) },
  {
    name: 'balance, consistent',
    prepare: async (bench) => get(`${wallet(bench)}/balances/${GOLD}?consistent=true`),
  },
  {
    name: 'balance at a time',
    prepare: async (bench) => {
      const at = encodeURIComponent(new Date().toISOString())
      return get(`${wallet(bench)}/balances/${GOLD}?at=${at}`)
    },
  },
  { name: 'wallet with 2 balances', prepare: async (bench) => get(wallet(bench)) },
  {
    name: 'transaction',
    prepare: async ({ send, openWallet }) => {
      const { id } = await send(spend(await openWallet()))
      return get(`/transactions/${id}`)
    },
  },
  ...[10, 50].map((limit) => ({
    name: `history, ${limit} transactions of one asset`,
    prepare: async (bench: Prepared) =>
      get(`${wallet(bench)}/transactions?asset=${GOLD}&limit=${limit}`),
  })),
  {
    name: 'ledger, 50 entries of one asset',
    prepare: async (bench) => get(`${wallet(bench)}/ledger?asset=${GOLD}&limit=50`),
  },
  { name: 'holds, 10', prepare: async (bench) => get(`${wallet(bench)}/holds?limit=10`) },
  { name: 'stats', prepare: async (bench) => get(`${wallet(bench)}/stats`) },
  { name: 'supply', prepare: async () => get(`/assets/${GOLD}/supply`) },
  {
    name: 'statement, 50 lines',
    prepare: async () => get(`/accounts/@treasury/ledger?asset=${GOLD}&limit=50`),
  },
  { name: 'assets, 2', prepare: async () => get('/assets') },
  { name: 'metrics, 2 assets', prepare: async () => ({ method: 'GET', path: '/metrics' }) },
]
