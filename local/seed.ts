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

/** Through the API, like any other client. Its keys never change, so that it is safe to run at any time. */
export async function seed(baseUrl: string): Promise<Seeded> {
  for (const { code, name } of SEED_ASSETS) {
    await send(`${baseUrl}/v1/assets/${code}`, 'PUT', { name, scale: 0 })
  }
  let alreadyThere = 0
  for (const walletId of SEED_WALLETS) {
    for (const { code, amount } of SEED_ASSETS) {
      const body = { asset: code, amount, reference: 'seed' }
      const answer = await send(
        `${baseUrl}/v1/wallets/${walletId}/topup`,
        'POST',
        body,
        `seed-${walletId}-${code}`,
      )
      if (answer.headers.get('idempotency-replayed') === 'true') alreadyThere += 1
    }
  }
  return { topups: SEED_WALLETS.length * SEED_ASSETS.length - alreadyThere, alreadyThere }
}

async function send(url: string, method: string, body: unknown, key?: string): Promise<Response> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
    body: JSON.stringify(body),
  })
  if (!answer.ok)
    throw new Error(`${method} ${url} answered ${answer.status}: ${await answer.text()}`)
  return answer
}
