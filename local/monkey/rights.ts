import type { Door, DoorRequest } from '../../lib/smoke/door.ts'
import { StartFailure } from '../failure.ts'
import { answerName } from './client.ts'
import type { World } from './world.ts'

/** What the caller may do beside moving money, which it has to be allowed. */
export interface Rights {
  readonly mayRead: boolean
  readonly mayReverse: boolean
  readonly mayOperate: boolean
}

const UNAUTHENTICATED = 401
const FORBIDDEN = 403
const NOBODYS_TRANSACTION = `txn_${'0'.repeat(26)}`

/** Registers the assets of a run, and finds out what the caller may do, with requests that do nothing. */
export async function moveIn(door: Door, url: string, world: World): Promise<Rights> {
  await findHealth(door, url)
  const [wallet = ''] = world.wallets
  const key = (what: string) => `monkey-${world.run}-${what}`
  const put = (code: string, name: string): DoorRequest => {
    const body = { name, scale: 0 }
    return { method: 'PUT', path: `/v1/assets/${code}`, body, key: key(`asset-${code}`) }
  }
  const may = async (request: DoorRequest): Promise<boolean> => {
    const reply = await door.send(request)
    if (reply.kind === 'silence') throw new StartFailure(`${url}: ${reply.reason}.`)
    if (reply.status !== UNAUTHENTICATED) return reply.status !== FORBIDDEN
    throw new StartFailure(
      `${url} does not know who calls: ${answerName(reply)}${detailIn(reply.json)}`,
    )
  }
  const money = { asset: world.coins, amount: 1 }
  const path = `/v1/wallets/${wallet}`
  const mayAdmin = await may(put(world.coins, `Coins of monkey run ${world.run}`))
  // Of a wallet that is not there yet, nothing can be spent, and to nobody nothing can be given.
  const [mayDebit, mayCredit, mayRead, mayReverse, mayOperate] = await Promise.all([
    may({ method: 'POST', path: `${path}/spend`, body: money, key: key('may-debit') }),
    may({
      method: 'POST',
      path: `${path}/exchange`,
      body: exchange(world),
      key: key('may-credit'),
    }),
    may({ method: 'GET', path }),
    may({
      ...{ method: 'POST', path: `/v1/transactions/${NOBODYS_TRANSACTION}/reverse` },
      ...{ body: {}, key: key('may-reverse') },
    }),
    may({ method: 'GET', path: '/v1/ops/dead-letters?limit=1' }),
  ])
  const missing = [
    ...(mayAdmin ? [] : ['wallet:admin']),
    ...(mayDebit ? [] : ['wallet:debit']),
    ...(mayCredit ? [] : ['wallet:credit']),
  ]
  if (missing.length > 0) {
    throw new StartFailure(
      `This caller may not do what the monkey does: it needs ${missing.join(', ')}.`,
    )
  }
  await may(put(world.gems, `Gems of monkey run ${world.run}`))
  return { mayRead, mayReverse, mayOperate }
}

function exchange({ coins, gems }: World) {
  return { from: { asset: coins, amount: 1 }, to: { asset: gems, amount: 1 } }
}

async function findHealth(door: Door, url: string): Promise<void> {
  const reply = await door.send({ method: 'GET', path: '/health', isStranger: true })
  if (reply.kind === 'silence') {
    throw new StartFailure(
      `Nobody answers at ${url} (${reply.reason}). Start one with \`npm start\`, or say --url.`,
    )
  }
  if (reply.status !== 200 || JSON.stringify(reply.json) !== '{"status":"ok"}') {
    throw new StartFailure(`What answers at ${url} is no Strongbox: /health says ${reply.status}.`)
  }
}

function detailIn(json: unknown): string {
  if (typeof json !== 'object' || json === null || !('detail' in json)) return ''
  return `, ${String(json.detail)}`
}
