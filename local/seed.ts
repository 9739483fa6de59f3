import { StartFailure } from './failure.ts'

/** What a fresh wallet service has to play with. */
export const SEED_ASSETS = [
  { code: 'GOLD_COINS', name: 'Gold coins', amount: 1000 },
  { code: 'DIAMONDS', name: 'Diamonds', amount: 500 },
  { code: 'LOYALTY_POINTS', name: 'Loyalty points', amount: 5000 },
] as const

export const SEED_WALLETS = ['alice', 'bob'] as const

export interface Seeded {
  readonly topups: number
  readonly alreadyThere: number
}

const NOT_FOUND = 404

/** Through the API, like any other client. What is there is left alone, so it is safe to run at any time. */
export async function seed(baseUrl: string, token: string): Promise<Seeded> {
  const send = sendAs(token)
  for (const { code, name } of SEED_ASSETS) {
    await send(`${baseUrl}/v1/assets/${code}`, 'PUT', { name, scale: 0 })
  }
  let topups = 0
  for (const walletId of SEED_WALLETS) {
    for (const { code, amount } of SEED_ASSETS) {
      const wallet = `${baseUrl}/v1/wallets/${walletId}`
      const balance = await send(`${wallet}/balances/${code}?consistent=true`, 'GET')
      if (await hasEverMoved(balance)) continue
      const body = { asset: code, amount, reference: 'seed' }
      const answer = await send(`${wallet}/topup`, 'POST', body, `seed-${walletId}-${code}`)
      // Somebody else seeds at the same time.
      if (answer.headers.get('idempotency-replayed') !== 'true') topups += 1
    }
  }
  return { topups, alreadyThere: SEED_WALLETS.length * SEED_ASSETS.length - topups }
}

async function hasEverMoved(balance: Response): Promise<boolean> {
  return balance.ok && JSON.parse(await balance.text()).version > 0
}

function sendAs(token: string) {
  return async (url: string, method: string, body?: unknown, key?: string): Promise<Response> => {
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(key && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if ([401, 403].includes(answer.status)) {
      throw new StartFailure(`This token may not seed: ${JSON.parse(await answer.text()).detail}`)
    }
    if (!answer.ok && answer.status !== NOT_FOUND)
      throw new Error(`${method} ${url} answered ${answer.status}: ${await answer.text()}`)
    return answer
  }
}
