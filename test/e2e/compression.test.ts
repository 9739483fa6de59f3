import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStack, type StackApi } from '../support/api.ts'

let api: StackApi

beforeAll(async () => {
  api = await openStack()
})

afterAll(async () => {
  await api.stop()
})

function ask(path: string, acceptEncoding: string): Promise<Response> {
  return fetch(`${api.url}${path}`, { headers: { 'accept-encoding': acceptEncoding } })
}

test.each(['/openapi.json', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js'])(
  '%s is compressed for who takes that, and else not',
  async (path) => {
    const plain = await ask(path, 'identity')
    const compressed = await ask(path, 'gzip, deflate, br')

    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(compressed.headers.get('content-encoding')).toBe('gzip')
    expect(compressed.headers.get('vary')).toBe('Accept-Encoding')
    // It has been decoded on its way to us.
    expect(await compressed.text()).toBe(await plain.text())
  },
)
