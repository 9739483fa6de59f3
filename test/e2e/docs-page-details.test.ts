import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { newWallet, openStack, type StackApi } from '../support/api.ts'
import { openChromium } from '../support/chromium.ts'
import { field, openReader, type Reader } from '../support/reader.ts'

/** The page as a person uses it, and as somebody uses it who means no good. */
const ELSEWHERE = 'https://elsewhere.example'
/** Would set `attacked`, if anything took it for more than text. */
const ATTACK = '<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>'

const POLL = { timeout: 20_000 }

let api: StackApi
let browser: Browser
let reader: Reader

beforeAll(async () => {
  api = await openStack()
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

test('a key that is left empty is another one for each try, and one that is given is kept', async () => {
  const wallet = newWallet()
  await reader.open()
  await reader.authorize(api.credentials.adminToken)
  const topup = await reader.unfold('topup')
  await field(topup, 'walletId').fill(wallet)
  const key = field(topup, 'Idempotency-Key')

  const first = await reader.tryOut(topup)
  const second = await reader.tryOut(topup)
  await key.fill(`birthday-${wallet}`)
  const third = await reader.tryOut(topup)

  const [one, two, three] = [first, second, third].map(
    ({ sent }) => sent.headers()['idempotency-key'],
  )
  expect([one, two]).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)])
  expect(one).not.toBe(two)
  expect(three).toBe(`birthday-${wallet}`)
  expect(await key.inputValue()).toBe(`birthday-${wallet}`)
})

test('who is let in stays in when the page is loaded again', async () => {
  await reader.open()
  await reader.authorize(api.credentials.players.alice)
  await reader.open()
  const getWallet = await reader.unfold('getWallet')

  const { sent } = await reader.tryOut(getWallet)

  expect(sent.headers()['authorization']).toBe(`Bearer ${api.credentials.players.alice}`)
})

test('what is needed is filled in with its example, and what is not stays empty', async () => {
  await reader.open()
  const list = await reader.unfold('listTransactions')

  const names = ['walletId', 'asset', 'from', 'cursor']
  const values = await Promise.all(names.map((name) => field(list, name).inputValue()))

  expect(values).toEqual(['alice', '', '', ''])
})

test('no address decides what the page loads', async () => {
  const query = `url=${ELSEWHERE}/a.json&configUrl=${ELSEWHERE}/b.json&spec={}`
  // Asked for like this, we would refuse; so it is put there when the page is on its way.
  await reader.page.addInitScript(`history.replaceState(null, '', '?${query}')`)
  await reader.open(`/docs#/?${query}`)

  const shown = await reader.page.locator('.opblock-summary-description').allTextContents()

  expect(reader.page.url()).toContain('?url=')
  expect(shown).toContain('Pay the house')
  expect(reader.requests.filter((url) => !reader.isOurs(url))).toEqual([])
  expect(reader.complaints).toEqual([])
})

test('an address can name an operation, which is then in sight', async () => {
  await reader.open('/docs#/History/verifyEntries')

  const top = async () => (await reader.page.locator('.opblock.is-open').boundingBox())?.y
  const masthead = await reader.page.locator('body > header').boundingBox()
  await expect.poll(top, POLL).toBeLessThan(200)
  expect(await top()).toBeGreaterThanOrEqual(masthead?.height ?? Number.NaN)
})

test('an address cannot bring a script', async () => {
  await reader.open(`/docs#/${ATTACK}/${encodeURIComponent(ATTACK)}`)

  expect(await wasAttacked()).toBe(false)
  expect(reader.complaints).toEqual([])
})

test('what others wrote into a wallet is text on the page', async () => {
  const wallet = newWallet()
  await api.post(`/v1/wallets/${wallet}/topup`, {
    asset: 'GOLD_COINS',
    amount: 1,
    reference: ATTACK,
  })
  await reader.open()
  await reader.authorize(api.credentials.adminToken)
  const list = await reader.unfold('listTransactions')
  await field(list, 'walletId').fill(wallet)

  const { live } = await reader.tryOut(list)

  expect(await live.innerText()).toContain(ATTACK.replaceAll('"', '\\"'))
  expect(await wasAttacked()).toBe(false)
  expect(reader.complaints).toEqual([])
})

test('a hostile wallet id goes nowhere, and is shown as the text that it is', async () => {
  await reader.open()
  const getWallet = await reader.unfold('getWallet')
  await field(getWallet, 'walletId').fill(ATTACK)

  await getWallet.locator('.execute').click()

  await getWallet.locator('.validation-errors').waitFor()
  expect(await wasAttacked()).toBe(false)
  expect(reader.requests.filter(({ pathname }) => pathname.includes('/v1/'))).toEqual([])
  expect(reader.complaints).toEqual([])
})

test('the page is dark for those who like it dark, and fits a phone', async () => {
  await reader.page.emulateMedia({ colorScheme: 'dark' })
  await reader.page.setViewportSize({ width: 360, height: 740 })
  await reader.open()
  await reader.unfold('spend')

  const [background, width] = await reader.page.evaluate<[string, number]>(
    '[getComputedStyle(document.documentElement).backgroundColor, document.documentElement.scrollWidth]',
  )

  expect(background).toBe('rgb(16, 22, 31)')
  expect(width).toBe(360)
})

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** Given a moment, because what is attacked is often only attacked when a picture has not come. */
async function wasAttacked(): Promise<boolean> {
  await reader.page.waitForLoadState('networkidle')
  return reader.page.evaluate<boolean>("'attacked' in window")
}
