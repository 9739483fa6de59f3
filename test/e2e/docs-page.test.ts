import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import openapi from '../../docs/openapi.json' with { type: 'json' }
import { type Api, newWallet, openApi } from '../support/api.ts'
import { openChromium } from '../support/chromium.ts'

/** The page as a person uses it, in a browser that reports whatever is not as it should be. */

const ELSEWHERE = 'https://elsewhere.example'
/** Would set `attacked`, if anything took it for more than text. */
const ATTACK = '<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>'

const POLL = { timeout: 20_000 }

let api: Api
let browser: Browser
let context: BrowserContext
let page: Page
/** What the browser said was wrong. */
let complaints: string[]
let requests: URL[]

beforeAll(async () => {
  api = await openApi()
  browser = await openChromium()
})

afterAll(async () => {
  await browser?.close()
  await api?.stop()
})

beforeEach(async () => {
  complaints = []
  requests = []
  context = await browser.newContext()
  await context.route('**/*', (route) => {
    const url = new URL(route.request().url())
    requests.push(url)
    return isOurs(url) ? route.continue() : route.abort()
  })
  page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    console.error('violation', event.effectiveDirective, event.blockedURI))`)
})

afterEach(async () => {
  await context.close()
})

const isOurs = ({ origin }: URL) => origin === new URL(api.url).origin

async function open(path = '/docs'): Promise<void> {
  await page.goto(`${api.url}${path}`)
  await page.locator('.opblock').first().waitFor()
}

/** Opens an operation, unless the address has done so already. */
async function unfold(operationId: string): Promise<Locator> {
  const operation = page.locator(`.opblock[id$="-${operationId}"]`)
  const control = operation.locator('.opblock-summary-control')
  if ((await control.getAttribute('aria-expanded')) !== 'true') await control.click()
  await operation.locator('.execute').waitFor()
  return operation
}

const field = (operation: Locator, name: string) =>
  operation.locator(`tr[data-param-name="${name}"] input`)

async function authorize(token: string): Promise<void> {
  await page.locator('.auth-wrapper > .authorize').click()
  const dialog = page.locator('.auth-container').filter({ hasText: 'bearerAuth' })
  await dialog.locator('input').fill(token)
  await dialog.getByRole('button', { name: 'Apply credentials' }).click()
  await dialog.getByRole('button', { name: 'Close' }).click()
}

/** Sends what the fields say, and gives what the page then shows. */
async function tryOut(operation: Locator) {
  const answered = page.waitForResponse((response) => response.url().includes('/v1/'))
  await operation.locator('.execute').click()
  const answer = await answered
  const live = operation.locator('.live-responses-table .response')
  await live
    .locator('.response-col_status')
    .filter({ hasText: String(answer.status()) })
    .waitFor()
  return { sent: answer.request(), live }
}

test('the page shows every operation, complains of nothing and asks nobody else', async () => {
  await open()

  const shown = await page.locator('.opblock-summary-description').allTextContents()

  const operations = Object.values(openapi.paths).flatMap((path) => Object.values(path))
  expect(shown.toSorted(byText)).toEqual(operations.map(({ summary }) => summary).toSorted(byText))
  expect(requests.length).toBeGreaterThan(0)
  expect(requests.filter((url) => !isOurs(url))).toEqual([])
  expect(complaints).toEqual([])
})

test('a player gets in, spends, and sees what became of it', async () => {
  await api.post('/v1/wallets/alice/topup', { asset: 'GOLD_COINS', amount: 100 })
  await open()
  await authorize(api.credentials.players.alice)
  const spend = await unfold('spend')
  await field(spend, 'walletId').fill('alice')
  const body = { asset: 'GOLD_COINS', amount: 30, reference: 'sword-of-dawn' }
  await spend.locator('textarea').fill(JSON.stringify(body))

  const { live } = await tryOut(spend)

  const transaction = JSON.parse(await live.locator('.microlight').first().innerText())
  expect(transaction).toMatchObject({ type: 'SPEND', reference: 'sword-of-dawn' })
  expect(transaction.postings).toEqual([
    { from: 'alice', to: '@treasury', asset: 'GOLD_COINS', amount: 30 },
  ])
  expect(await live.innerText()).toMatch(/Request duration\s+\d+ ms/)
  expect(requests.filter((url) => !isOurs(url))).toEqual([])
  expect(complaints).toEqual([])
})

test('a key that is left empty is another one for each try, and one that is given is kept', async () => {
  const wallet = newWallet()
  await open()
  await authorize(api.credentials.adminToken)
  const topup = await unfold('topup')
  await field(topup, 'walletId').fill(wallet)
  const key = field(topup, 'Idempotency-Key')

  const first = await tryOut(topup)
  const second = await tryOut(topup)
  await key.fill(`birthday-${wallet}`)
  const third = await tryOut(topup)

  const [one, two, three] = [first, second, third].map(
    ({ sent }) => sent.headers()['idempotency-key'],
  )
  expect([one, two]).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)])
  expect(one).not.toBe(two)
  expect(three).toBe(`birthday-${wallet}`)
  expect(await key.inputValue()).toBe(`birthday-${wallet}`)
})

test('who is let in stays in when the page is loaded again', async () => {
  await open()
  await authorize(api.credentials.players.alice)
  await open()
  const getWallet = await unfold('getWallet')

  const { sent } = await tryOut(getWallet)

  expect(sent.headers()['authorization']).toBe(`Bearer ${api.credentials.players.alice}`)
})

test('what is needed is filled in with its example, and what is not stays empty', async () => {
  await open()
  const list = await unfold('listTransactions')

  const names = ['walletId', 'asset', 'from', 'cursor']
  const values = await Promise.all(names.map((name) => field(list, name).inputValue()))

  expect(values).toEqual(['alice', '', '', ''])
})

test('no address decides what the page loads', async () => {
  const query = `url=${ELSEWHERE}/a.json&configUrl=${ELSEWHERE}/b.json&spec={}`
  // Asked for like this, we would refuse; so it is put there when the page is on its way.
  await page.addInitScript(`history.replaceState(null, '', '?${query}')`)
  await open(`/docs#/?${query}`)

  const shown = await page.locator('.opblock-summary-description').allTextContents()

  expect(page.url()).toContain('?url=')
  expect(shown).toContain('Pay the house')
  expect(requests.filter((url) => !isOurs(url))).toEqual([])
  expect(complaints).toEqual([])
})

test('an address can name an operation, which is then in sight', async () => {
  await open('/docs#/History/verifyEntries')

  const top = async () => (await page.locator('.opblock.is-open').boundingBox())?.y
  const masthead = await page.locator('body > header').boundingBox()
  await expect.poll(top, POLL).toBeLessThan(200)
  expect(await top()).toBeGreaterThanOrEqual(masthead?.height ?? Number.NaN)
})

test('an address cannot bring a script', async () => {
  await open(`/docs#/${ATTACK}/${encodeURIComponent(ATTACK)}`)

  expect(await wasAttacked()).toBe(false)
  expect(complaints).toEqual([])
})

test('what others wrote into a wallet is text on the page', async () => {
  const wallet = newWallet()
  await api.post(`/v1/wallets/${wallet}/topup`, {
    asset: 'GOLD_COINS',
    amount: 1,
    reference: ATTACK,
  })
  await open()
  await authorize(api.credentials.adminToken)
  const list = await unfold('listTransactions')
  await field(list, 'walletId').fill(wallet)

  const { live } = await tryOut(list)

  expect(await live.innerText()).toContain(ATTACK.replaceAll('"', '\\"'))
  expect(await wasAttacked()).toBe(false)
  expect(complaints).toEqual([])
})

test('a hostile wallet id goes nowhere, and is shown as the text that it is', async () => {
  await open()
  const getWallet = await unfold('getWallet')
  await field(getWallet, 'walletId').fill(ATTACK)

  await getWallet.locator('.execute').click()

  await getWallet.locator('.validation-errors').waitFor()
  expect(await wasAttacked()).toBe(false)
  expect(requests.filter(({ pathname }) => pathname.startsWith('/v1/'))).toEqual([])
  expect(complaints).toEqual([])
})

test('the page is dark for those who like it dark, and fits a phone', async () => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 360, height: 740 })
  await open()
  await unfold('spend')

  const [background, width] = await page.evaluate<[string, number]>(
    '[getComputedStyle(document.documentElement).backgroundColor, document.documentElement.scrollWidth]',
  )

  expect(background).toBe('rgb(16, 22, 31)')
  expect(width).toBe(360)
})

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

const byText = (one: string, other: string) => (one < other ? -1 : 1)

/** Given a moment, because what is attacked is often only attacked when a picture has not come. */
async function wasAttacked(): Promise<boolean> {
  await page.waitForLoadState('networkidle')
  return page.evaluate<boolean>("'attacked' in window")
}
