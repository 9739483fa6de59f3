import type { DoorRequest } from './door.ts'

/** Whose walk it is: what all of its requests are about. */
export interface Walker {
  /** Nobody else's. It may have been walked on before, but not by two at once. */
  readonly walletId: string
  readonly asset: string
  /** Of this walk and no other: its idempotency keys begin with it. */
  readonly name: string
}

export type Requests = ReturnType<typeof requestsOf>

/** Parameters of a query stand in the order of the alphabet: so a REST API may give them to who checks a signature. */
export function requestsOf({ walletId, asset, name }: Walker) {
  const wallet = `/v1/wallets/${walletId}`
  const get = (path: string): DoorRequest => ({ method: 'GET', path })
  const put = (path: string, what: string, body: object): DoorRequest => {
    return { method: 'PUT', path, body, key: `${name}-${what}` }
  }
  const post = (path: string, what: string, body: object): DoorRequest => {
    return { method: 'POST', path, body, key: `${name}-${what}` }
  }
  return {
    health: get('/health'),
    ready: get('/health/ready'),
    getAsset: get(`/v1/assets/${asset}`),
    putAsset: put(`/v1/assets/${asset}`, 'asset', { name: 'Smoke tests', scale: 0 }),
    balance: get(`${wallet}/balances/${asset}?consistent=true`),
    topup: (amount: number, what: string) =>
      post(`${wallet}/topup`, what, { asset, amount, reference: name }),
    spend: (amount: number, what: string) =>
      post(`${wallet}/spend`, what, { asset, amount, reference: name }),
    hold: (amount: number, expiresInSeconds: number) =>
      post(`${wallet}/holds`, 'hold', { asset, amount, expiresInSeconds }),
    capture: (holdId: string, amount: number) =>
      post(`${wallet}/holds/${holdId}/capture`, 'capture', { amount }),
    void: (holdId: string, what: string) => post(`${wallet}/holds/${holdId}/void`, what, {}),
    reverse: (transactionId: string) =>
      post(`/v1/transactions/${transactionId}/reverse`, 'reverse', {}),
    entries: (limit: number) =>
      get(`${wallet}/ledger?asset=${asset}&consistent=true&limit=${limit}`),
    verify: get(`${wallet}/ledger/verify?asset=${asset}`),
    holds: get(`${wallet}/holds?consistent=true`),
    close: (what: string) => post(`${wallet}/close`, what, { reason: name }),
  }
}
