import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, openApi } from '../support/api.ts'

let api: Api
/** Where the page says that its files are, by their names. */
let addresses: Map<string, string>

beforeAll(async () => {
  api = await openApi()
  const page = await (await ask('/docs')).text()
  const found = page.matchAll(/(?:src|href)="(docs\/([\w.-]+)\?v=[\w-]+)"/g)
  addresses = new Map(Array.from(found, ([, address, name]) => [name ?? '', `/${address}`]))
})

afterAll(async () => {
  await api.stop()
})

function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${api.url}${path}`, { headers: { 'accept-encoding': 'identity', ...headers } })
}

const address = (name: string) => addresses.get(name) ?? ''

test('the page runs what is its own, frames nobody, is framed by nobody and tells nobody', async () => {
  const { status, headers } = await ask('/docs')

  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(headers.get('content-security-policy')?.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
  expect(Object.fromEntries(headers)).toMatchObject({
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  })
})

test('the page names no other origin', async () => {
  const page = await (await ask('/docs')).text()

  expect(page).not.toMatch(/https?:|src="\/\/|href="\/\//)
})

const FILES = [
  ['favicon.svg', 'image/svg+xml'],
  ['page.css', 'text/css; charset=utf-8'],
  ['page.js', 'text/javascript; charset=utf-8'],
  ['reference.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['swagger-ui.css', 'text/css; charset=utf-8'],
] as const

test('the page is made of these files and no others', () => {
  expect(new Set(addresses.keys())).toEqual(new Set(FILES.map(([name]) => name)))
})

test.each(FILES)('%s is there as %s, for ever under its version', async (name, contentType) => {
  const { status, headers } = await ask(address(name))

  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe(contentType)
  expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('the licences that the script names can be read', async () => {
  const { status, headers } = await ask('/docs/swagger-ui-bundle.js.LICENSE.txt')

  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
})

test.each(['/docs/page.css', '/docs/page.css?v=of-yesterday'])(
  '%s is not kept, because that is not the version it has',
  async (path) => {
    const { status, headers } = await ask(path)

    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-cache')
  },
)

test.each([
  '/docs/Page.css',
  '/docs/page.css%00',
  '/docs/package.json',
  '/docs/swagger-ui-bundle.js.map',
  '/docs/..%2fhandler.ts',
  '/docs/..%2f..%2f..%2fpackage.json',
  '/docs/%2e%2e%2fpage.ts',
  '/docs/assets%2fpage.css',
  '/docs/__proto__',
  '/docs/constructor',
  '/docs/assets/page.css',
  '/docs/',
])('%s is not there', async (path) => {
  const answer = await ask(path)
  const problem: unknown = await answer.json()

  expect(answer.status).toBe(404)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(problem).toMatchObject({ code: 'NOT_FOUND' })
})

test.each(['/docs', '/openapi.json'])('%s is not sent again while it is the same', async (path) => {
  const first = await ask(path)

  const again = await ask(path, { 'if-none-match': first.headers.get('etag') ?? '' })

  expect(again.status).toBe(304)
  expect(await again.text()).toBe('')
})
