import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'

/** A person with a browser, who reads /docs and tries it; the browser reports whatever is not as it should be. */
export interface Reader {
  readonly page: Page
  /** What the browser said was wrong. */
  readonly complaints: readonly string[]
  readonly requests: readonly URL[]
  readonly isOurs: (url: URL) => boolean
  readonly open: (path?: string) => Promise<void>
  /** Opens an operation, unless the address has done so already. */
  readonly unfold: (operationId: string) => Promise<Locator>
  readonly authorize: (token: string) => Promise<void>
  /** Sends what the fields say, and gives what the page then shows. */
  readonly tryOut: (operation: Locator) => ReturnType<typeof tryOut>
  readonly leave: () => Promise<void>
}

/** With an empty profile, and with nothing to reach but the service. */
export async function openReader(browser: Browser, serviceUrl: string): Promise<Reader> {
  const complaints: string[] = []
  const requests: URL[] = []
  const isOurs = ({ origin }: URL) => origin === new URL(serviceUrl).origin
  const context = await browser.newContext()
  await context.route('**/*', (route) => {
    const url = new URL(route.request().url())
    requests.push(url)
    return isOurs(url) ? route.continue() : route.abort()
  })
  const page = await openPage(context, complaints)
  return {
    ...{ page, complaints, requests, isOurs },
    async open(path = '/docs') {
      await page.goto(`${serviceUrl}${path}`)
      await page.locator('.opblock').first().waitFor()
    },
    async unfold(operationId) {
      const operation = page.locator(`.opblock[id$="-${operationId}"]`)
      const control = operation.locator('.opblock-summary-control')
      if ((await control.getAttribute('aria-expanded')) !== 'true') await control.click()
      await operation.locator('.execute').waitFor()
      return operation
    },
    async authorize(token) {
      await page.locator('.auth-wrapper > .authorize').click()
      const dialog = page.locator('.auth-container').filter({ hasText: 'bearerAuth' })
      await dialog.locator('input').fill(token)
      await dialog.getByRole('button', { name: 'Apply credentials' }).click()
      await dialog.getByRole('button', { name: 'Close' }).click()
    },
    tryOut: (operation) => tryOut(page, operation),
    leave: () => context.close(),
  }
}

async function openPage(context: BrowserContext, complaints: string[]): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    console.error('violation', event.effectiveDirective, event.blockedURI))`)
  return page
}

async function tryOut(page: Page, operation: Locator) {
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

export function field(operation: Locator, name: string): Locator {
  return operation.locator(`tr[data-param-name="${name}"] input`)
}
