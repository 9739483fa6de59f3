import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import openapi from '../../docs/openapi.json' with { type: 'json' }
import { type Api, openApi } from '../support/api.ts'
import { openChromium } from '../support/chromium.ts'
import { field, openReader, type Reader } from '../support/reader.ts'

/** The page as a person uses it who wants to try the Api; what else is true of it is in docs-page-details.test.ts. */
let api: Api
let browser: Browser
let reader: Reader

beforeAll(async () => {
  api = await openApi()
  browser = await openChromium()
})

afterAll(async () => {
  await browser?.close()
  await api?.stop()
})

beforeEach(async () => {
  reader = await openReader(browser, api.url)
})

afterEach(async () => {
  await reader.leave()
})

test('the page shows every operation, complains of nothing and asks nobody else', async () => {
  await reader.open()

  const shown = await reader.page.locator('.opblock-summary-description').allTextContents()

  const operations = Object.values(openapi.paths).flatMap((path) => Object.values(path))
  expect(shown.toSorted(byText)).toEqual(operations.map(({ summary }) => summary).toSorted(byText))
  expect(reader.requests.length).toBeGreaterThan(0)
  expect(reader.requests.filter((url) => !reader.isOurs(url))).toEqual([])
  expect(reader.complaints).toEqual([])
})

test('a player gets in, spends, and sees what became of it', async () => {
  await api.post('/v1/wallets/alice/topup', { asset: 'GOLD_COINS', amount: 100 })
  await reader.open()
  await reader.authorize(api.credentials.players.alice)
  const spend = await reader.unfold('spend')
  await field(spend, 'walletId').fill('alice')
  const body = { asset: 'GOLD_COINS', amount: 30, reference: 'sword-of-dawn' }
  await spend.locator('textarea').fill(JSON.stringify(body))

  const { live } = await reader.tryOut(spend)

  const transaction = JSON.parse(await live.locator('.microlight').first().innerText())
  expect(transaction).toMatchObject({ type: 'SPEND', reference: 'sword-of-dawn' })
  expect(transaction.postings).toEqual([
    { from: 'alice', to: '@treasury', asset: 'GOLD_COINS', amount: 30 },
  ])
  expect(await live.innerText()).toMatch(/Request duration\s+\d+ ms/)
  expect(reader.requests.filter((url) => !reader.isOurs(url))).toEqual([])
  expect(reader.complaints).toEqual([])
})

const byText = (one: string, other: string) => (one < other ? -1 : 1)
