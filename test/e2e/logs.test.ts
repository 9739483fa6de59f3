import { afterAll, beforeAll, expect, test } from 'vitest'
import { newWallet, openStack, type StackApi } from '../support/api.ts'
import { readLog } from '../support/logs.ts'

let api: StackApi

beforeAll(async () => {
  api = await openStack()
})

afterAll(async () => {
  await api.stop()
})

const GOLD = 'GOLD_COINS'

/** The log lines of one request, of which there must be some: or the search for secrets in them shows nothing. */
function linesOf(requestId: string | null): Record<string, unknown>[] {
  return readLog()
    .split('\n')
    .filter((line) => requestId !== null && line.includes(requestId))
    .map((line) => JSON.parse(line))
}

test('a request leaves a log line with its route, its outcome and its time, and without its path', async () => {
  const wallet = newWallet()

  const { headers } = await api.post(`/v1/wallets/${wallet}/topup`, { asset: GOLD, amount: 5 })

  const line = linesOf(headers.get('x-request-id')).find(({ message }) => message === 'request')
  expect(line).toMatchObject({
    level: 'INFO',
    route: 'POST /v1/wallets/{walletId}/topup',
    status: 201,
    durationMs: expect.any(Number),
    correlation_id: expect.any(String),
  })
  expect(JSON.stringify(line)).not.toContain(wallet)
})

test('a request is measured by what was done and what came of it', async () => {
  const wallet = newWallet()
  const body = { asset: GOLD, amount: 5 }
  await api.post(`/v1/wallets/${wallet}/topup`, body, `once-${wallet}`)

  const replay = await api.post(`/v1/wallets/${wallet}/topup`, body, `once-${wallet}`)
  const decline = await api.post(`/v1/wallets/${wallet}/spend`, { asset: GOLD, amount: 6 })

  expect(metricsOf(replay.headers)).toMatchObject({
    operation: 'topup',
    outcome: 'done',
    code: 'OK',
    Requests: 1,
    Replays: 1,
    Latency: expect.any(Number),
  })
  expect(metricsOf(decline.headers)).toMatchObject({
    operation: 'spend',
    outcome: 'declined',
    code: 'INSUFFICIENT_FUNDS',
    Requests: 1,
  })
})

function metricsOf(headers: Headers): Record<string, unknown> | undefined {
  return linesOf(headers.get('x-request-id')).find((line) => '_aws' in line)
}
